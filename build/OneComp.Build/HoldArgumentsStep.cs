using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace OneComp.Build;

/// <summary>
/// Build step: has every method of an assembly compiled without optimization, so that its arguments live until it returns.
/// TorchSharp hands the native handle of an argument to a native call and does not hold the argument itself. A number that was
/// turned into a Scalar for the call has no other holder: optimized code lets the garbage collector free it while the native
/// code still reads it (docs/adr/0018).
/// </summary>
public static class HoldArgumentsStep
{
    private const ushort NoInlining = 0x0008;
    private const ushort NoOptimization = 0x0040;
    private const ushort CodeType = 0x0003; // 0 for methods in IL
    private const int FlagsOffset = 4;      // in a row of the method table: RVA, then the implementation's flags (ECMA-335 II.22.26)

    /// <summary>Writes the changed assembly to <paramref name="target"/>; <paramref name="source"/>, the package's file, stays what it is.</summary>
    /// <returns>0, or 1 with a message where the file cannot be read as an assembly.</returns>
    public static int Run(string source, string target, TextWriter output, TextWriter error)
    {
        try
        {
            var image = File.ReadAllBytes(source);
            var changed = Change(image);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
            var temporary = $"{target}.{Guid.NewGuid():N}"; // a target that is there may be a hard link
            File.WriteAllBytes(temporary, image);
            File.Move(temporary, target, overwrite: true);
            output.WriteLine($"{Path.GetFileName(target)}: {changed} methods hold their arguments");
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or BadImageFormatException or InvalidOperationException)
        {
            error.WriteLine($"{source} : error OC0004: {exception.Message}");
            return 1;
        }
    }

    /// <summary>Sets the flags in place.</summary>
    /// <returns>How many methods did not have them.</returns>
    private static int Change(byte[] image)
    {
        using var reader = new PEReader(new MemoryStream(image, writable: false));
        var metadata = reader.GetMetadataReader();
        var table = reader.PEHeaders.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.MethodDef);
        var rowSize = metadata.GetTableRowSize(TableIndex.MethodDef);
        var changed = 0;
        for (var row = 0; row < metadata.MethodDefinitions.Count; row++)
        {
            var method = metadata.GetMethodDefinition(MetadataTokens.MethodDefinitionHandle(row + 1));
            var flags = image.AsSpan(table + (row * rowSize) + FlagsOffset, sizeof(ushort));
            var old = BinaryPrimitives.ReadUInt16LittleEndian(flags);
            if (method.RelativeVirtualAddress == 0 || (old & CodeType) != 0 || (method.Attributes & MethodAttributes.PinvokeImpl) != 0)
            {
                continue; // no code of its own
            }

            if ((old & (NoInlining | NoOptimization)) != (NoInlining | NoOptimization))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(old | NoInlining | NoOptimization));
                changed++;
            }
        }

        return changed;
    }
}
