using OneComp.Tests.Export;
using OneComp.Tests.Pipeline;

namespace OneComp.Tests.Examples;

/// <summary>Models that a script quantizes in a second.</summary>
internal static class SmallModels
{
    /// <summary>Writes a model with a tokenizer.</summary>
    public static string Write(string folder)
    {
        RaggedModel.Write(folder, vocabulary: 512);
        SmallTokenizer.Write(folder, byteLevel: true);
        return folder;
    }
}
