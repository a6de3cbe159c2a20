using Google.Protobuf;

namespace OneComp.Tests.Tokenization;

/// <summary>Writes protobuf messages field by field, as tokenizer.model holds them.</summary>
internal static class ProtobufMessage
{
    /// <summary>The bytes of what is written.</summary>
    public static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes))
        {
            write(output);
        }

        return bytes.ToArray();
    }

    /// <summary>A field that is a message.</summary>
    public static void Nested(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Message(write)));
    }

    /// <summary>A field that is a whole number.</summary>
    public static void Number(CodedOutputStream output, int field, int value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt32(value);
    }
}
