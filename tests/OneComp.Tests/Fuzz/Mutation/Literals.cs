namespace OneComp.Tests.Fuzz.Mutation;

/// <summary>Values that readers stumble over.</summary>
internal static class Literals
{
    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "2", "3", "7", "0.5", "-0.0", "1e-400", "1e308", "-1e308", "1e400", "2147483647", "2147483648", "-2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616", "1e9", "100000", "1000000", "16777217", "1.0", "1e2",
    ];

    private static readonly string[] Texts =
    [
        "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u001b[31mred\"", "\"\\u202egpj\"", "\"..\"", "\"../secret\"", "\"/etc/passwd\"", "\"C:\\\\x\"", "\"a/b\"", "\"\\n\"",
        "\"true\"", "\"NaN\"", "\"=1+1\"", "\"gptq\"", "\"dbf\"", "\"gptq_v2\"", "\"mixed_gptq\"", "\"compressed-tensors\"", "\"Linear\"", "\"re:.*\"", "\"re:(\"", "\"re:(?=a)\"", "\"re:(a{1000}){1000}\"",
        "\"(\"", "\"(a+)+$\"", "\"(?<!a)b\"", "\"[a-\\\\w]\"", "\"a{2147483647}\"", "\"\\\\p{Xx}\"", "\"(x+x+)+y\"", "\"|\"", "\"()\"", "\"\\\\b\"", "\"(?R)\"", "\"\\\\\"", "\"Sequence\"", "\"Split\"", "\"ByteLevel\"", "\"Replace\"", "\"Prepend\"", "\"NFKD\"", "\"Metaspace\"",
        "\"F32\"", "\"F16\"", "\"BF16\"", "\"I64\"", "\"U8\"", "\"BOOL\"", "\"F8_E4M3\"",
    ];

    private static readonly string[] Others = ["null", "true", "false", "{}", "[]", "[[]]", "{\"a\":1,\"a\":2}", "[1,2,3]", "NaN", "Infinity", "", "'a'", "01", "[,]", "{,}", "nul", "\"\u0001\"", "\"abc"];

    public static string Any(Random random) => random.Next(16) switch
    {
        < 6 => Numbers[random.Next(Numbers.Length)],
        < 11 => Texts[random.Next(Texts.Length)],
        < 14 => Others[random.Next(Others.Length)],
        14 => '"' + new string('x', 1 << random.Next(4, 17)) + '"',
        _ => Nested(1 << random.Next(1, 13), random.Next(2) == 0),
    };

    public static string Number(Random random) => Numbers[random.Next(Numbers.Length)];

    private static string Nested(int depth, bool lists) => lists
        ? new string('[', depth) + new string(']', depth)
        : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
}
