using System.Text;
using OneComp.Hub;
using OneComp.Tests.Fuzz.Mutation;

namespace OneComp.Tests.Fuzz.Targets;

/// <summary>What the hub, or something in its place, answers: the list of files, and the index of shards.</summary>
internal static class HubTargets
{
    private const string Listing = """
        {"sha":"0123456789abcdef0123456789abcdef01234567","siblings":[{"rfilename":"config.json","size":10,"blobId":"0123456789abcdef0123456789abcdef01234567"},
        {"rfilename":"model.safetensors","size":100,"lfs":{"size":100,"sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}},{"rfilename":"pytorch_model.bin","size":5},{"rfilename":"model.safetensors.index.json","size":5}]}
        """;

    private const string Index = """{"metadata":{"total_size":1},"weight_map":{"a":"model.safetensors","b":"model.safetensors"}}""";
    private static readonly HubDownloadOptions Options = new() { Id = HubModelId.TryParse("org/name")! };

    public static IEnumerable<FuzzTarget> All()
    {
        yield return new FuzzTarget("hub-listing", [Encoding.UTF8.GetBytes(Listing)], JsonMutations.Any, input =>
        {
            var listing = HubListingReader.Read(input, Options.Id);
            FileSelection.Pick(listing, Options, null, null);
        });
        yield return new FuzzTarget("hub-index", [Encoding.UTF8.GetBytes(Index)], JsonMutations.Any, input =>
            FileSelection.Pick(HubListingReader.Read(Encoding.UTF8.GetBytes(Listing), Options.Id), Options, input, null));
    }
}
