namespace OneComp.Calibration;

/// <summary>
/// How windows of <see cref="CalibrationOptions.MaxLength"/> tokens are cut from documents. The names and their effect are those of
/// Fujitsu's OneComp (<c>concat_chunk</c>, <c>concat_chunk_align</c>, <c>drop_head</c>, <c>drop_rand</c>); where OneComp
/// goes on with less than was asked for, or pads, this is an error here. No window is ever padded.
/// </summary>
/// <remarks>
/// The concat strategies trim each document, join them by a blank line and encode the whole as one text: special tokens are added as the
/// tokenizer adds them to one text (for most models one BOS at the very start and none between documents), a window may run over
/// from one document into the next, and only the last part-window is lost. The drop strategies trim and encode each document on its
/// own, special tokens included; a window never mixes documents, and documents shorter than a window are passed over.
/// A .txt file is one document, so the drop strategies give one window from it. Strategies do not apply to token-id files.
/// </remarks>
public enum CalibrationStrategy
{
    /// <summary>
    /// As many windows as the text gives, one after the other from its start, and at least
    /// <see cref="CalibrationOptions.NumSamples"/>. The run takes as long as the text is; of a file with more than 10,000
    /// documents the first 10,000 are used.
    /// </summary>
    ConcatChunk,

    /// <summary>
    /// Exactly <see cref="CalibrationOptions.NumSamples"/> windows, one after the other from the start of the text, so that runs see the
    /// same number of tokens whatever the file. Reading stops when there is enough.
    /// </summary>
    ConcatChunkAlign,

    /// <summary>The first window of each of the first <see cref="CalibrationOptions.NumSamples"/> documents that are long enough; the
    /// rest of each is dropped. Reading stops when there is enough.</summary>
    DropHead,

    /// <summary>
    /// One window from each of the first <see cref="CalibrationOptions.NumSamples"/> documents that are long enough, at a place drawn
    /// uniformly with <see cref="CalibrationOptions.Seed"/>. The same seed gives the same windows on every machine, but not those of
    /// the Python package, whose generator is another. Reading stops when there is enough.
    /// </summary>
    DropRand,
}
