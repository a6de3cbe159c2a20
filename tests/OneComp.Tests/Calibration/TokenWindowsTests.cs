using OneComp.Calibration;

namespace OneComp.Tests.Calibration;

public sealed class TokenWindowsTests
{
    [Fact]
    public void Windows_lie_one_after_the_other()
    {
        var windows = new TokenWindows([1, 2, 9, 4, 5, 6], 3);

        Assert.Equal(2, windows.Count);
        Assert.Equal([4, 5, 6], windows[1].ToArray());
        Assert.Equal(9, windows.MaxId);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(4, 3)]
    [InlineData(4, 0)]
    public void Ids_have_to_be_whole_windows(int count, int length) =>
        Assert.ThrowsAny<ArgumentException>(() => new TokenWindows(new int[count], length));

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void There_is_no_window_outside(int index) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenWindows(new int[6], 3)[index].Length);
}
