namespace OneComp.Hub;

/// <summary>Ways in which a model of the Hugging Face hub cannot be had.</summary>
public enum HubError
{
    /// <summary>A text is no id of the form org/name@revision.</summary>
    IdInvalid,

    /// <summary>HF_ENDPOINT is no http or https address.</summary>
    EndpointInvalid,

    /// <summary>A token has characters that no token has.</summary>
    TokenInvalid,

    /// <summary>HF_HUB_OFFLINE is set and the cache lacks what is needed.</summary>
    NotInCache,

    /// <summary>The hub cannot be reached.</summary>
    Unreachable,

    /// <summary>The hub answers with a status that has no better name here, again and again.</summary>
    AnswerFailed,

    /// <summary>The hub's answer is not what its interface promises.</summary>
    AnswerInvalid,

    /// <summary>There is no such model, or it is private and no token was given.</summary>
    ModelNotFound,

    /// <summary>The model has no such branch, tag or commit.</summary>
    RevisionNotFound,

    /// <summary>The model has no such file.</summary>
    FileNotFound,

    /// <summary>The model's terms have not been accepted.</summary>
    Gated,

    /// <summary>The hub refuses the token.</summary>
    TokenRefused,

    /// <summary>A file's name would lead out of its folder, or is not possible on every system.</summary>
    FileNameUnsafe,

    /// <summary>A model has more files or bytes than are allowed.</summary>
    TooLarge,

    /// <summary>The model has weights only as pickles, which can run code when they are read.</summary>
    PickledWeights,

    /// <summary>No file is left after -Include and -Exclude.</summary>
    NothingSelected,

    /// <summary>The hub states no hash that a file could be checked against.</summary>
    HashMissing,

    /// <summary>What was received is not what the hub states.</summary>
    HashMismatch,

    /// <summary>The disk has too little room.</summary>
    DiskFull,

    /// <summary>A file is there already and differs.</summary>
    FileExists,
}
