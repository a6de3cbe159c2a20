using System.Globalization;
using System.Text.Json;
using OneComp.Evaluation;
using OneComp.Pipeline;
using OneComp.Tuning;

namespace OneComp.Benchmarks.Quality;

/// <summary>Quantizes a model by many recipes and measures what each leaves of it.</summary>
internal static class QualityBenchmark
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Runs the recipes whose name matches, prints a table and writes it as JSON.</summary>
    /// <param name="options">Which recipes, on what.</param>
    public static void Run(QualityOptions options)
    {
        Console.WriteLine($"{"recipe",-44} {"target",6} {"seed",4} {"eff. bits",9} {"perplexity",10} {"KL",9} {"top-1",7} {"quantize s",10}");
        var rows = new List<QualityRow>();
        foreach (var recipe in Recipes.All.Where(recipe => options.Takes(recipe.Name)))
        {
            foreach (var target in options.Targets.Where(recipe.Has))
            {
                foreach (var seed in options.Seeds)
                {
                    rows.Add(Measure(recipe, target, seed, options));
                    Print(rows[^1]);
                }
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Output))!);
        File.WriteAllText(options.Output, JsonSerializer.Serialize(rows, Indented));
        Console.WriteLine($"written to {options.Output}");
    }

    private static QualityRow Measure(Recipe recipe, double target, int seed, QualityOptions options)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"onecomp-quality-{Environment.ProcessId}");
        try
        {
            var result = QuantizationRun.Run(new QuantizationOptions
            {
                Model = options.Model,
                Quantizer = recipe.Quantizer(target),
                Destination = folder,
                Force = true,
                CalibrationPath = options.Calibration,
                TensorName = options.Calibration.EndsWith(".safetensors", StringComparison.Ordinal) ? "calibration_ids" : null,
                NumCalibrationSamples = options.Samples,
                MaxLength = options.Length,
                Device = options.Device,
                Qep = recipe.Qep,
                Seed = seed,
                ResampleRounds = recipe.ResampleRounds,
                Tuning = new TuningOptions { Steps = recipe.TuneSteps },
            });
            var measured = DivergenceRun.Run(new DivergenceOptions
            {
                Model = folder,
                Reference = options.Model,
                Path = options.Evaluation,
                TensorName = options.Evaluation.EndsWith(".safetensors", StringComparison.Ordinal) ? "eval_ids" : null,
                MaxLength = 256,
                Device = options.MeasureDevice,
            });
            return new QualityRow(recipe.Name, target, seed, result.EffectiveBits, measured.Perplexity, measured.KLDivergence, measured.Top1Agreement, result.Elapsed.TotalSeconds);
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static void Print(QualityRow row) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Recipe,-44} {row.Target,6:0.0} {row.Seed,4} {row.EffectiveBits,9:0.000} {row.Perplexity,10:0.000} {row.KLDivergence,9:0.0000} {row.Top1Agreement,7:0.000} {row.Seconds,10:0.0}"));
}
