using OneComp.Runtime;
using OneComp.Tests.Support;

namespace OneComp.Tests.Runtime;

/// <summary>Control groups as their files say it, made in a folder.</summary>
public sealed class AvailableMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Version_2_leaves_the_limit_less_what_is_used_and_no_cache()
    {
        Put("jobs/night/memory.max", "1000");
        Put("jobs/night/memory.current", "700");
        Put("jobs/night/memory.stat", "anon 300\ninactive_file 350\nactive_file 50\nslab 7\n");

        var left = Of("0::/jobs/night");

        Assert.Equal(700, left!.Bytes);
        Assert.Contains(Path.Combine("jobs", "night"), left.Bound, StringComparison.Ordinal);
    }

    [Fact]
    public void The_least_of_all_groups_above_counts()
    {
        Put("jobs/memory.max", "500");
        Put("jobs/memory.current", "450");
        Put("jobs/night/memory.max", "1000");
        Put("jobs/night/memory.current", "100");

        Assert.Equal(50, Of("0::/jobs/night")!.Bytes);
    }

    [Fact]
    public void A_container_sees_its_group_as_the_root()
    {
        Put("memory.max", "800");
        Put("memory.current", "200");
        Assert.Equal(600, Of("0::/")!.Bytes);
    }

    [Fact]
    public void Version_1_has_its_own_names_among_other_controllers()
    {
        Put("memory/batch/memory.limit_in_bytes", "1000");
        Put("memory/batch/memory.usage_in_bytes", "600");
        Put("memory/batch/memory.stat", "rss 100\ninactive_file 400\nactive_file 0\n");

        Assert.Equal(800, Of("12:cpu,cpuacct:/other\n5:memory:/batch\n0::/elsewhere")!.Bytes);
    }

    [Theory]
    [InlineData("max")]
    [InlineData("")]
    public void Without_a_limit_there_is_no_bound(string limit)
    {
        Put("a/memory.max", limit);
        Put("a/memory.current", "5");
        Assert.Null(Of("0::/a"));
    }

    [Fact]
    public void Nor_where_version_1_says_a_number_that_means_none()
    {
        Put("memory/memory.limit_in_bytes", "9223372036854771712");
        Put("memory/memory.usage_in_bytes", "5");
        Assert.Null(Of("4:memory:/"));
    }

    [Fact]
    public void Files_that_are_not_there_or_not_as_expected_say_nothing()
    {
        Assert.Null(AvailableMemory.OfGroups(_folder.File("none"), _folder.Path));
        Assert.Null(Of("nonsense\n0:\n"));
    }

    [Fact]
    public void This_machine_has_some() => Assert.True(AvailableMemory.Now().Bytes > 0, "nothing is left of main memory");

    private AvailableMemory? Of(string membership)
    {
        File.WriteAllText(_folder.File("cgroup"), membership);
        return AvailableMemory.OfGroups(_folder.File("cgroup"), _folder.Path);
    }

    private void Put(string file, string content)
    {
        var path = _folder.File(file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content + "\n");
    }
}
