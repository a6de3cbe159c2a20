using System.Globalization;
using System.Text.RegularExpressions;
using OneComp.Tuning;

namespace OneComp.Benchmarks.Quality;

/// <summary>Which recipes to run, on what.</summary>
internal sealed record QualityOptions
{
    public string Model { get; init; } = "examples/models/tiny-llama";

    public string Calibration { get; init; } = "tests/OneComp.Tests/Data/tiny-llama-ref.safetensors";

    /// <summary>Settings are chosen on this text; the evaluation ids of the reference are read for the final table alone.</summary>
    public string Evaluation { get; init; } = "examples/data/held-out.txt";

    /// <summary>A text that calibration windows are drawn from by the seed; null for the first windows of <see cref="Calibration"/>, whatever the seed.</summary>
    public string? Text { get; init; }

    /// <summary>Evaluation windows, spread evenly over the evaluation text; null for all of it.</summary>
    public int? Windows { get; init; }

    public int Samples { get; init; } = 32;

    /// <summary>Tokens of a window, of both.</summary>
    public int Length { get; init; } = 256;

    public string Device { get; init; } = "cpu";

    /// <summary>Where results are measured: on the CPU in float32, which adds no rounding of its own.</summary>
    public string MeasureDevice { get; init; } = "cpu";

    public string Pattern { get; init; } = "";

    public IReadOnlyList<double> Targets { get; init; } = [2.5, 3, 4];

    public IReadOnlyList<int> Seeds { get; init; } = [0];

    /// <summary>Rounds in which the model rewrites the calibration windows, in place of the recipes'.</summary>
    public int? Rounds { get; init; }

    /// <summary>How to tune, in place of the recipes' ways.</summary>
    public TuningOptions? Tuning { get; init; }

    public string Output { get; init; } = "bench/results/quality.json";

    public bool Takes(string recipe) => Regex.IsMatch(recipe, Pattern);

    /// <summary>Reads <c>--name value</c> pairs.</summary>
    public static QualityOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new QualityOptions();
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            var value = args[i + 1];
            options = args[i] switch
            {
                "--model" => options with { Model = value },
                "--calibration" => options with { Calibration = value },
                "--evaluation" => options with { Evaluation = value },
                "--text" => options with { Text = value },
                "--windows" => options with { Windows = Whole(value) },
                "--samples" => options with { Samples = Whole(value) },
                "--length" => options with { Length = Whole(value) },
                "--device" => options with { Device = value },
                "--measure-device" => options with { MeasureDevice = value },
                "--recipe" => options with { Pattern = value },
                "--target" => options with { Targets = [.. value.Split(',').Select(Real)] },
                "--seed" => options with { Seeds = [.. value.Split(',').Select(Whole)] },
                "--rounds" => options with { Rounds = Whole(value) },
                "--tune-steps" => options with { Tuning = options.Tuned with { Steps = Whole(value) } },
                "--tune-windows" => options with { Tuning = options.Tuned with { WindowsPerStep = Whole(value) } },
                "--tune-rate" => options with { Tuning = options.Tuned with { Rate = Real(value) } },
                "--code-rate" => options with { Tuning = options.Tuned with { CodeRate = Real(value) } },
                "--out" => options with { Output = value },
                _ => throw new ArgumentException($"quality has no option {args[i]}"),
            };
        }

        return options;
    }

    private TuningOptions Tuned => Tuning ?? new TuningOptions();

    private static double Real(string value) => double.Parse(value, CultureInfo.InvariantCulture);

    private static int Whole(string value) => int.Parse(value, CultureInfo.InvariantCulture);
}
