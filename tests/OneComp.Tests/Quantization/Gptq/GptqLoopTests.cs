using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Runtime.Cuda;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Gptq;

/// <summary>The block loops against the plain one.</summary>
public class GptqLoopTests
{
    private static readonly GptqQuantizer Asymmetric = new() { WBits = 3, GroupSize = 32, Sym = false };

    public static TheoryData<string> Names => [.. GptqCases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_cpu_loop_equals_the_plain_loop(string name) => AssertEqualsPlain(name, new GptqCpuLoop());

    [Theory]
    [MemberData(nameof(Names))]
    public void The_tensor_loop_equals_the_plain_loop(string name) => AssertEqualsPlain(name, new GptqTorchLoop());

    [CudaTheory]
    [MemberData(nameof(Names))]
    public void The_gpu_loop_equals_the_plain_loop(string name) =>
        AssertEqualsPlain(name, new GptqCudaLoop(CudaKernels.For(CUDA, null)!), CUDA);

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    public void A_group_smaller_than_the_block_takes_its_range_from_the_corrected_weights(int groupSize)
    {
        using var sample = new GptqSample(16, 128);
        var options = Asymmetric with { WBits = 2, GroupSize = groupSize };
        using var quantized = sample.Quantize(options);

        var plain = PlainGptq.Run(sample.Weight, sample.Hessian, options);
        var corrected = 0;
        for (var row = 0; row < 16; row++)
        {
            double[] second = [.. Enumerable.Range(groupSize, groupSize).Select(column => sample.Weight[row, column])];
            corrected += (double)(Half)PlainGptq.Range(second, options).Scale == plain.Scales[row, 1] ? 0 : 1;
        }

        Assert.True(corrected >= 12, $"only {corrected} of 16 ranges differ from those of the uncorrected weights: the sample shows nothing");
        Assert.Equal(plain.Scales.Cast<double>(), Doubles(quantized.Scales));
    }

    [Fact]
    public void The_block_size_changes_nothing_but_speed()
    {
        using var sample = new GptqSample(12, 192);
        using var wide = sample.Quantize(Asymmetric with { BlockSize = 128 });
        using var narrow = sample.Quantize(Asymmetric with { BlockSize = 32 });

        Assert.Equal(wide.Codes.data<byte>().ToArray(), narrow.Codes.data<byte>().ToArray());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void The_output_error_is_below_that_of_round_to_nearest(int bits)
    {
        using var sample = new GptqSample(16, 128);
        using var gptq = sample.Quantize(new GptqQuantizer { WBits = bits, GroupSize = 32, Sym = false });
        using var rtn = (GroupedWeight)new OneComp.Quantization.Rtn.RtnQuantizer { WBits = bits, GroupSize = 32 }.Quantize(sample.Problem, default);
        using var scope = NewDisposeScope();

        Assert.InRange(sample.OutputError(gptq.Dequantize()) / sample.OutputError(rtn.Dequantize()), 0, 0.9);
    }

    [Fact]
    public void The_weight_it_is_given_stays_as_it_is()
    {
        using var sample = new GptqSample(4, 40, deadColumns: 3);
        sample.Quantize(Asymmetric).Dispose();

        Assert.Equal(sample.Weight.Cast<double>(), Doubles(sample.Problem.Weight));
    }

    [Fact]
    public void A_cancelled_token_stops_between_blocks()
    {
        using var sample = new GptqSample(4, 40);
        Assert.Throws<OperationCanceledException>(() => GptqSolver.Quantize(sample.Problem, Asymmetric, new CancellationToken(true)));
    }

    [Theory]
    [InlineData(200, 128, 48)]
    [InlineData(300, 128, 128)]
    [InlineData(300, 40, 96)]
    [InlineData(150, 64, 150)]
    [InlineData(7, 1, 3)]
    public void Segments_cover_the_columns_once_and_split_no_group(int columns, int blockSize, int groupLength)
    {
        var segments = GptqSolver.Pieces(0, columns, GptqSolver.SegmentLength(blockSize, groupLength, rangesAreGiven: false)).ToList();

        Assert.Equal(Enumerable.Range(0, columns), segments.SelectMany(segment => Enumerable.Range(segment.Start, segment.End - segment.Start)));
        Assert.All(segments, segment => Assert.True(segment.Start % groupLength == 0, $"the segment {segment} begins inside a group"));
        Assert.All(segments, segment => Assert.InRange(segment.End - segment.Start, 1, Math.Max(blockSize, groupLength)));
    }

    [Fact]
    public void Given_ranges_let_segments_be_blocks() => Assert.Equal(64, GptqSolver.SegmentLength(64, 150, rangesAreGiven: true));

    private static void AssertEqualsPlain(string name, IGptqBlockLoop loop, Device? device = null)
    {
        var (rows, columns, dead, options) = GptqCases.All[name];
        using var sample = new GptqSample(rows, columns, dead, HessianType.Float64, device);
        using var quantized = sample.Quantize(options, loop);
        var plain = PlainGptq.Run(sample.Weight, sample.Hessian, options);

        Assert.Equal(plain.GroupIndex, quantized.GroupIndex);
        AssertShare("codes", 0.995, plain.Codes.Cast<byte>(), quantized.Codes.cpu().data<byte>().ToArray());
        AssertShare("scales", 0.98, plain.Scales.Cast<double>(), Doubles(quantized.Scales));
        AssertShare("zero points", 0.98, plain.Zeros.Cast<double>(), Doubles(quantized.Zeros));
    }

    /// <summary>Float32 may tip a value that lies between two codes; more than a few such are a fault.</summary>
    private static void AssertShare<T>(string what, double least, IEnumerable<T> expected, IReadOnlyList<T> actual)
    {
        var pairs = expected.Zip(actual).ToList();
        Assert.Equal(actual.Count, pairs.Count);
        var differing = pairs.Count(pair => !Equals(pair.First, pair.Second));
        Assert.True(pairs.Count - differing >= least * pairs.Count, $"{differing} of {pairs.Count} {what} differ");
    }

    private static double[] Doubles(Tensor tensor)
    {
        using var doubles = tensor.to(ScalarType.Float64).cpu();
        return doubles.data<double>().ToArray();
    }
}
