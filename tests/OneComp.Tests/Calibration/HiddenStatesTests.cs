using OneComp.Calibration;
using OneComp.Models;
using OneComp.Runtime;
using OneComp.Tests.Pipeline;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Calibration;

/// <summary>What is kept of the windows between blocks.</summary>
public class HiddenStatesTests
{
    [Theory]
    [InlineData(ScalarType.Float16, ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16, ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32, ScalarType.Float32)]
    public void States_are_kept_in_a_type_that_holds_what_a_residual_stream_grows_to(ScalarType computed, ScalarType kept)
    {
        using var states = Embed(3, computed);
        using var batch = states.Load(0);
        Assert.Equal(kept, batch.dtype);
        Assert.Equal(kept, ComputeType.OfStates(computed));
    }

    [Fact]
    public void Windows_that_are_left_out_keep_the_numbers_and_values_of_the_others()
    {
        using var states = Embed(130);
        using var before = states.Load(2);
        var first = states.Samples(2)[0];
        states.LeaveOut(2, [0]);

        using var after = states.Load(2);
        using var expected = before.narrow(0, 1, 1);
        Assert.Equal([first + 1], states.Samples(2));
        Assert.True(after.equal(expected).all().item<bool>());
        Assert.Equal(0, states.Samples(0)[0]);
    }

    [Fact]
    public void A_copy_is_matched_with_states_that_lost_windows_since()
    {
        using var states = Embed(10);
        using var copy = states.Copy();
        states.LeaveOut(0, [2, 7]);
        Assert.Equal(10, copy.Samples(0).Count);

        copy.Match(states);

        using var scope = NewDisposeScope();
        Assert.Equal([0, 1, 3, 4, 5, 6, 8, 9], copy.Samples(0));
        Assert.True(copy.Load(0).equal(states.Load(0)).all().item<bool>());
    }

    [Fact]
    public void A_batch_can_lose_every_window()
    {
        using var states = Embed(3);
        states.LeaveOut(0, [0, 1, 2]);
        Assert.True(states.IsEmpty(0));
    }

    private static HiddenStates Embed(int windows, ScalarType type = ScalarType.Float32)
    {
        using var folder = new TemporaryFolder();
        using var model = CausalModel.Open(SpikeModel.Write(folder.Path, SpikeModel.NotFinite));
        var ids = TokenBatches.Of(SpikeModel.Windows(windows), CPU);
        return EmbeddedStates.Of(model, ids, CPU, type);
    }
}
