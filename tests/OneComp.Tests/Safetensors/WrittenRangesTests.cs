using OneComp.Safetensors;

namespace OneComp.Tests.Safetensors;

public sealed class WrittenRangesTests
{
    [Fact]
    public void Random_ranges_count_the_same_bytes_as_a_set_of_bytes()
    {
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            var ranges = new WrittenRanges();
            var bytes = new HashSet<long>();
            for (int piece = 0; piece < 30; piece++)
            {
                int begin = random.Next(100);
                int end = begin + random.Next(8);
                ranges.Add(begin, end);
                for (int i = begin; i < end; i++) bytes.Add(i);
                Assert.Equal(bytes.Count, ranges.Count);
            }
        }
    }
}
