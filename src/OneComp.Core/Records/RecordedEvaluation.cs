using System.Text.Json.Nodes;
using OneComp.Evaluation;
using OneComp.Formats;
using OneComp.Models;

namespace OneComp.Records;

/// <summary>Adds a measured perplexity to a folder's onecomp.json and model card.</summary>
public static class RecordedEvaluation
{
    /// <summary>Adds it.</summary>
    /// <returns>False where the folder has no onecomp.json, which says that it was not made here; nothing is written then.</returns>
    public static bool Add(PerplexityResult result, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (RunRecord.Read(result.Model) is not { } record)
        {
            return false;
        }

        record.Add(new JsonObject
        {
            ["text"] = result.Path,
            ["perplexity"] = result.Perplexity,
            ["loss"] = result.Loss,
            ["tokens"] = result.Tokens,
            ["windows"] = result.Windows,
            ["max_length"] = result.MaxLength,
            ["stride"] = result.Stride,
        });
        ModelCard.Write(result.Model, Path.GetFileName(result.Model), QuantizationSettings.Of(ModelConfig.Load(result.Model))?.Method, record);
        record.WriteAfter(result.Model, FileNames.Card, token);
        return true;
    }
}
