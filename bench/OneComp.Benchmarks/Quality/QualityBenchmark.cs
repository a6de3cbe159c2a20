using System.Globalization;
using OneComp.Benchmarks.Measuring;
using OneComp.Evaluation;
using OneComp.Pipeline;
using OneComp.Runtime;
using OneComp.Tuning;

namespace OneComp.Benchmarks.Quality;

/// <summary>Quantizes a model by many recipes and measures what each leaves of it.</summary>
internal static class QualityBenchmark
{
    /// <summary>Runs the recipes whose name matches, prints a table and writes it as JSON.</summary>
    /// <param name="options">Which recipes, on what.</param>
    public static void Run(QualityOptions options)
    {
        TorchRuntime.EnsureLoaded();
        var folder = Directory.CreateTempSubdirectory("onecomp-quality-").FullName;
        try
        {
            var rows = Run(options, folder);
            var summaries = QualitySummary.Of(rows);
            if (options.Seeds.Count > 1)
            {
                QualitySummary.Print(summaries);
            }

            ResultFile.Write(options.Output, ResultFile.NameOf(ComputeDevices.Parse(options.Device)), new { Options = options, Rows = rows, Summary = summaries });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static List<QualityRow> Run(QualityOptions options, string folder)
    {
        var evaluation = options.Windows is { } windows
            ? DrawnWindows.Spread(options.Model, options.Evaluation, windows, options.Length, folder, "evaluation.safetensors")
            : options.Evaluation;
        var rows = new List<QualityRow>();
        Console.WriteLine($"{"recipe",-44} {"target",6} {"seed",4} {"eff. bits",9} {"perplexity",10} {"KL",9} {"top-1",7} {"quantize s",10}");
        foreach (var seed in options.Seeds)
        {
            var calibration = options.Text is { } text
                ? DrawnWindows.Draw(options.Model, text, options.Samples, options.Length, seed, folder, $"calibration-{seed}.safetensors")
                : options.Calibration;
            foreach (var recipe in Recipes.All.Where(recipe => options.Takes(recipe.Name)))
            {
                foreach (var target in options.Targets.Where(recipe.Has))
                {
                    rows.Add(Measure(recipe, target, seed, calibration, evaluation, Path.Combine(folder, "quantized"), options));
                    Print(rows[^1]);
                }
            }
        }

        return rows;
    }

    private static QualityRow Measure(Recipe recipe, double target, int seed, string calibration, string evaluation, string folder, QualityOptions options)
    {
        var result = QuantizationRun.Run(
            new QuantizationOptions
            {
                Model = options.Model,
                Quantizer = recipe.Quantizer(target),
                Destination = folder,
                Force = true,
                CalibrationPath = calibration,
                TensorName = TensorOf(calibration, "calibration_ids"),
                NumCalibrationSamples = options.Samples,
                MaxLength = options.Length,
                Device = options.Device,
                Qep = recipe.Qep,
                Seed = seed,
                ResampleRounds = options.Rounds ?? recipe.ResampleRounds,
                Tuning = options.Tuning ?? new TuningOptions { Steps = recipe.TuneSteps },
            },
            new ToConsole());
        var measured = DivergenceRun.Run(new DivergenceOptions
        {
            Model = folder,
            Reference = options.Model,
            Path = evaluation,
            TensorName = TensorOf(evaluation, "eval_ids"),
            MaxLength = options.Length,
            Device = options.MeasureDevice,
        });
        return new QualityRow(recipe.Name, target, seed, result.EffectiveBits, measured.Perplexity, measured.KLDivergence, measured.Top1Agreement, result.Elapsed.TotalSeconds);
    }

    /// <summary>The reference's file has several tensors; ours has one, and text none.</summary>
    private static string? TensorOf(string file, string among) =>
        Path.GetFileName(file) == "tiny-llama-ref.safetensors" ? among : null;

    private static void Print(QualityRow row) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Recipe,-44} {row.Target,6:0.0} {row.Seed,4} {row.EffectiveBits,9:0.000} {row.Perplexity,10:0.000} {row.KLDivergence,9:0.0000} {row.Top1Agreement,7:0.000} {row.Seconds,10:0.0}"));
}
