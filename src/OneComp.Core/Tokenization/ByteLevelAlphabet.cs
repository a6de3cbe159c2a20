using System.Text;

namespace OneComp.Tokenization;

/// <summary>
/// GPT-2's way to write bytes as printable characters: a byte that is a printable Latin-1 character stands for itself, the
/// others are numbered on from U+0100.
/// </summary>
internal static class ByteLevelAlphabet
{
    private static readonly char[] OfByte = Make();

    /// <summary>The UTF-8 bytes of a text, each as its character.</summary>
    public static string Write(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return string.Create(bytes.Length, bytes, static (characters, bytes) =>
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                characters[i] = OfByte[bytes[i]];
            }
        });
    }

    private static char[] Make()
    {
        var characters = new char[256];
        int next = 256;
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[b] = (char)(printable ? b : next++);
        }

        return characters;
    }
}
