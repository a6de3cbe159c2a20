namespace OneComp.Models;

/// <summary>Why a model cannot be read or run; the error id is <c>Model</c> and the name.</summary>
public enum ModelError
{
    /// <summary>The folder has no config.json.</summary>
    ConfigNotFound,

    /// <summary>config.json is not a JSON object.</summary>
    ConfigMalformed,

    /// <summary>config.json lacks a field that the model cannot be built without.</summary>
    ConfigFieldMissing,

    /// <summary>A field of config.json has a value that cannot be used.</summary>
    ConfigFieldInvalid,

    /// <summary>The architecture is none of those known here.</summary>
    ArchitectureUnknown,

    /// <summary>The rotary embedding is scaled in a way not known here.</summary>
    RopeTypeUnknown,

    /// <summary>The activation function is none of those known here.</summary>
    ActivationUnknown,

    /// <summary>The checkpoint lacks a tensor that the architecture asks for.</summary>
    TensorMissing,

    /// <summary>A tensor has another shape than config.json implies.</summary>
    TensorShapeWrong,

    /// <summary>Two models that are to be compared have other vocabularies.</summary>
    VocabulariesDiffer,

    /// <summary>A tensor's element type is no floating-point type that weights come in.</summary>
    TensorTypeWrong,

    /// <summary>A weight is NaN or infinite.</summary>
    TensorNotFinite,

    /// <summary>A weight is finite in the checkpoint, but too large for the type to compute in.</summary>
    TensorOverflows,

    /// <summary>A token id is outside the model's vocabulary.</summary>
    TokenIdOutOfRange,
}
