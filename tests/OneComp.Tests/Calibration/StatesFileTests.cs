using OneComp.Calibration;
using OneComp.Models;
using OneComp.Runtime;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Calibration;

public sealed class StatesFileTests : IDisposable
{
    private const int Hidden = 256;
    private static readonly TokenWindows Windows = new([.. Enumerable.Range(0, 20 * 64).Select(i => (i * 37) % 4000)], 64); // two batches of 16 and 4
    private readonly TemporaryFolder _folder = new();

    public StatesFileTests() => TorchRuntime.EnsureLoaded();

    private string Path => _folder.File("states.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Both_streams_come_back_bit_for_bit_with_the_windows_that_are_left()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var full = Embed(model);
        full.LeaveOut(0, [3, 5]);
        full.LeaveOut(1, [0]);
        using var quantized = full.Copy();
        using (var changed = quantized.Load(1) * 2)
        {
            quantized.Store(1, changed);
        }

        StatesFile.Write(Path, 2, full, quantized, default);
        var (first, second) = StatesFile.Read(Path, 2, Windows, Hidden, propagated: true, CPU, ScalarType.Float32, default);

        AssertSame(full, first);
        AssertSame(quantized, second!);
        first.Dispose();
        second!.Dispose();
    }

    [Fact]
    public void States_after_other_blocks_or_of_other_windows_are_refused()
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        using var full = Embed(model);
        StatesFile.Write(Path, 2, full, null, default);

        Assert.Throws<InvalidDataException>(() => Read(3, Windows, Hidden));
        Assert.Throws<InvalidDataException>(() => Read(2, new TokenWindows(Windows.Ids[..(19 * 64)], 64), Hidden));
        Assert.Throws<InvalidDataException>(() => Read(2, Windows, Hidden / 2));

        void Read(int blocks, TokenWindows windows, int hidden) => StatesFile.Read(Path, blocks, windows, hidden, false, CPU, ScalarType.Float32, default).Full.Dispose();
    }

    private static HiddenStates Embed(CausalModel model) => EmbeddedStates.Of(model, TokenBatches.Of(Windows, CPU), CPU, ScalarType.Float32);

    private static void AssertSame(HiddenStates expected, HiddenStates actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected.Samples(i), actual.Samples(i));
            using var scope = NewDisposeScope();
            Assert.True(expected.Peek(i).equal(actual.Peek(i)).all().item<bool>(), $"batch {i} differs");
        }
    }
}
