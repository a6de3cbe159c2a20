namespace OneComp.Tests.Fuzz;

/// <summary>What reading an input may take, and what a message may look like.</summary>
internal sealed record FuzzLimits
{
    /// <summary>Longest time for one input; one that takes longer is read again, and the shortest time counts.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes that any input may take.</summary>
    public long FreeBytes { get; init; } = 64L << 20;

    /// <summary>Bytes beside those for each byte of input.</summary>
    public int BytesPerByte { get; init; } = 200;

    /// <summary>Characters of a message that a person may be asked to read.</summary>
    public int MessageCharacters { get; init; } = 20_000;

    /// <summary>Whether so many bytes are out of proportion.</summary>
    public bool IsTooMuch(long allocated, int input) => allocated > FreeBytes + ((long)BytesPerByte * input);

    /// <summary>What is wrong with a message that goes to terminals and logs; null for nothing.</summary>
    public string? FaultOf(string message) =>
        message.Length > MessageCharacters ? $"a message of {message.Length} characters"
        : message.Any(character => char.IsControl(character) && character is not ('\n' or '\t')) ? "a message with control characters"
        : null;
}
