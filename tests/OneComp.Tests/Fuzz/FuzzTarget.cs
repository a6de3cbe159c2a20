namespace OneComp.Tests.Fuzz;

/// <summary>One reader of untrusted input, with valid inputs to start from and a way to spoil them.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Seeds">Small valid inputs.</param>
/// <param name="Mutate">An input made of a seed; deterministic in its random numbers.</param>
/// <param name="Parse">Reads an input as the module does, from a file in the scratch folder.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, Func<Random, byte[], byte[]> Mutate, Action<byte[]> Parse)
{
    private const int MostMutations = 4;

    /// <summary>Input number i of a seed: the same on every machine. One in fifty is a seed as it is.</summary>
    public byte[] Input(int seed, int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var input = Seeds[random.Next(Seeds.Count)];
        for (var left = random.Next(50) == 0 ? 0 : 1 + random.Next(MostMutations); left > 0; left--)
        {
            input = Mutate(random, input);
        }

        return input;
    }
}
