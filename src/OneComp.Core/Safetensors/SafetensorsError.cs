namespace OneComp.Safetensors;

/// <summary>
/// What can be wrong with a safetensors file, its index or its output; one entry for each rule.
/// The error id is the name with <c>Safetensors</c> before it.
/// </summary>
public enum SafetensorsError
{
    /// <summary>The file is not there.</summary>
    FileNotFound,

    /// <summary>The system does not let us read the file.</summary>
    FileUnreadable,

    /// <summary>Reading failed midway.</summary>
    ReadFailed,

    /// <summary>The file has fewer than the 8 bytes that give the header's size.</summary>
    FileTooShort,

    /// <summary>The header is larger than the format's cap of 100,000,000 bytes.</summary>
    HeaderTooLarge,

    /// <summary>The header's size goes beyond the end of the file.</summary>
    HeaderBeyondFile,

    /// <summary>The header is not UTF-8.</summary>
    HeaderNotUtf8,

    /// <summary>The header is not JSON, or is nested too deeply.</summary>
    HeaderNotJson,

    /// <summary>The header does not begin with <c>{</c>.</summary>
    HeaderNotObject,

    /// <summary>A name comes twice in the header.</summary>
    DuplicateName,

    /// <summary><c>__metadata__</c> is not an object of strings.</summary>
    MetadataIllTyped,

    /// <summary>A tensor's value in the header is not an object.</summary>
    TensorIllTyped,

    /// <summary>A tensor lacks dtype, shape or data_offsets.</summary>
    FieldMissing,

    /// <summary>A tensor's dtype, shape or data_offsets has the wrong JSON type.</summary>
    FieldIllTyped,

    /// <summary>The dtype is not one of the format.</summary>
    DTypeUnknown,

    /// <summary>The dtype belongs to the format but is not handled here.</summary>
    DTypeNotSupported,

    /// <summary>A dimension is negative.</summary>
    ShapeNegative,

    /// <summary>The number of elements or bytes does not fit 64 bits.</summary>
    ShapeOverflow,

    /// <summary>A tensor's begin offset is after its end.</summary>
    OffsetsReversed,

    /// <summary>A tensor's offsets go outside the file.</summary>
    OffsetsOutsideFile,

    /// <summary>A tensor's offsets span another number of bytes than its shape and dtype need.</summary>
    ByteCountMismatch,

    /// <summary>Bytes between two tensors, or before the first, belong to none.</summary>
    TensorsGap,

    /// <summary>Two tensors share bytes.</summary>
    TensorsOverlap,

    /// <summary>Bytes after the last tensor belong to none.</summary>
    TrailingBytes,

    /// <summary>A folder holds no safetensors model.</summary>
    CheckpointNotFound,

    /// <summary>The index is larger than the cap of 100,000,000 bytes.</summary>
    IndexTooLarge,

    /// <summary>The index is not a JSON object.</summary>
    IndexNotJson,

    /// <summary>The index has no <c>weight_map</c>.</summary>
    IndexMapMissing,

    /// <summary>The index's <c>weight_map</c> is not an object of strings.</summary>
    IndexMapIllTyped,

    /// <summary>The index names a tensor twice.</summary>
    IndexDuplicateName,

    /// <summary>The index names something else than a plain file name, so possibly a file outside the folder.</summary>
    IndexShardOutsideFolder,

    /// <summary>A file of a model folder is a link to somewhere outside it.</summary>
    LinkOutsideFolder,

    /// <summary>The folder has its weights only as pickles, which could run code.</summary>
    PickledWeights,

    /// <summary>The file has more tensors than a model can have.</summary>
    TooManyTensors,

    /// <summary>A tensor has more dimensions than a tensor can have.</summary>
    TooManyDimensions,

    /// <summary>The index names a file that is not there.</summary>
    IndexShardMissing,

    /// <summary>The file that the index names for a tensor does not hold it.</summary>
    IndexTensorMissing,

    /// <summary>No tensor of this name.</summary>
    TensorNotFound,

    /// <summary>The tensor's element type is not the one asked for.</summary>
    DTypeUnexpected,

    /// <summary>A 64-bit value does not fit the 32 bits asked for.</summary>
    ValueOutOfRange,

    /// <summary>The tensor does not fit one array.</summary>
    TensorTooLarge,

    /// <summary>A tensor to write has a name that the format keeps for itself or that is no valid text.</summary>
    NameNotAllowed,

    /// <summary>The folder to write to is not there.</summary>
    FolderNotFound,

    /// <summary>The system does not let us write the file.</summary>
    FileUnwritable,

    /// <summary>The disk is full, or its file system does not take a file of this size.</summary>
    DiskFull,

    /// <summary>Writing failed midway.</summary>
    WriteFailed,

    /// <summary>Data for a tensor goes beyond its bytes, or does not fill it where it must.</summary>
    PieceOutsideTensor,

    /// <summary>A file was to be finished before all bytes of its tensors were written.</summary>
    TensorIncomplete,
}
