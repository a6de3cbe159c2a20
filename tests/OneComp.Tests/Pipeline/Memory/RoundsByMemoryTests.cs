using OneComp.Pipeline.Memory;

namespace OneComp.Tests.Pipeline.Memory;

public sealed class RoundsByMemoryTests
{
    private const long Tokens = 128 * 2048;
    private const long Bytes = Tokens * 90112; // error propagation at 4096 and 14336 channels, half precision: 23.6 GB

    [Theory]
    [InlineData(400e9, 0, 4)]      // all that quality asks for
    [InlineData(80e9, 0, 2)]       // as many as GPUs hold
    [InlineData(32e9, 85e9, 2)]    // more in main memory, but no more than the few
    [InlineData(32e9, 400e9, 2)]
    [InlineData(32e9, 50e9, 1)]
    [InlineData(32e9, 20e9, 0)]
    [InlineData(0, 0, 0)]
    public void Rounds_are_bounded_by_where_states_have_room(double room, double host, int rounds) =>
        Assert.Equal(rounds, RoundsByMemory.On(room, host, Bytes, Tokens, 14336));
}
