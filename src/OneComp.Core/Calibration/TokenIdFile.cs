using System.Runtime.InteropServices;
using OneComp.Safetensors;

namespace OneComp.Calibration;

/// <summary>Token ids prepared elsewhere: a safetensors file with a 2-D I32 or I64 tensor (windows, tokens), each row one window.</summary>
public static class TokenIdFile
{
    /// <summary>Reads all rows as they are.</summary>
    /// <param name="path">A .safetensors file.</param>
    /// <param name="tensorName">The tensor; needed only where the file has several 2-D integer tensors.</param>
    /// <returns>
    /// One window a row. Ids are 0 or more; that they are in the vocabulary is the caller's to check (<see cref="TokenWindows.MaxId"/>).
    /// </returns>
    /// <exception cref="CalibrationException">
    /// The file is missing, has no 2-D integer tensor, several and none named, or not the one named, or an id is negative or above 2^31 - 1.
    /// </exception>
    /// <exception cref="SafetensorsException">The file breaks a rule of its format.</exception>
    public static TokenWindows Read(string path, string? tensorName = null)
    {
        SourceFile.RequireExists(path);
        using var file = SafetensorsFile.Open(path);
        var tensor = TokenTensor.Find(file, path, tensorName);
        return ReadRows(file, path, tensor, tensor.Shape[0], tensor.Shape[1]);
    }

    /// <summary>Reads the first NumSamples rows, each cut to its first MaxLength ids where it is longer; no other row is touched.</summary>
    internal static TokenWindows Read(CalibrationOptions options)
    {
        SourceFile.RequireExists(options.Path);
        using var file = SafetensorsFile.Open(options.Path);
        var tensor = TokenTensor.Find(file, options.Path, options.TensorName);
        if (tensor.Shape[0] < options.NumSamples)
        {
            throw new CalibrationException(
                CalibrationError.TooFewRows,
                options.Path,
                $"Tensor '{tensor.Name}' of '{options.Path}' has {tensor.Shape[0]} rows; NumSamples {options.NumSamples} needs " +
                $"{options.NumSamples}, one a window. Lower NumSamples to {tensor.Shape[0]} or less.");
        }

        return ReadRows(file, options.Path, tensor, options.NumSamples, Math.Min(tensor.Shape[1], options.MaxLength));
    }

    private static TokenWindows ReadRows(SafetensorsFile file, string path, TensorEntry tensor, long rows, long width)
    {
        if (width > Array.MaxLength / rows)
        {
            throw new CalibrationException(
                CalibrationError.TokenTensorTooLarge,
                path,
                $"{rows} rows of {width} ids from tensor '{tensor.Name}' of '{path}' " +
                $"are more than one run can hold ({Array.MaxLength} ids). Give fewer or shorter rows.");
        }

        var ids = new int[rows * width];
        var wide = new long[width]; // one row
        for (var row = 0; row < rows; row++)
        {
            ReadRow(file, tensor, row, wide);
            for (var column = 0; column < wide.Length; column++)
            {
                ids[(row * width) + column] = Checked(path, tensor, row, column, wide[column]);
            }
        }

        return new TokenWindows(ids, (int)width);
    }

    private static void ReadRow(SafetensorsFile file, TensorEntry tensor, long row, long[] destination)
    {
        var offset = row * tensor.Shape[1] * DTypes.SizeOf(tensor.DType);
        if (tensor.DType == DType.I64)
        {
            file.CopyTo(tensor, offset, MemoryMarshal.AsBytes(destination.AsSpan()));
            return;
        }

        var narrow = new int[destination.Length];
        file.CopyTo(tensor, offset, MemoryMarshal.AsBytes(narrow.AsSpan()));
        Array.Copy(narrow, destination, narrow.Length);
    }

    private static int Checked(string path, TensorEntry tensor, long row, long column, long id)
    {
        if (id is >= 0 and <= int.MaxValue)
        {
            return (int)id;
        }

        throw new CalibrationException(
            id < 0 ? CalibrationError.NegativeId : CalibrationError.IdTooLarge,
            path,
            $"Row {row}, column {column} of tensor '{tensor.Name}' in '{path}' is {id}; " +
            "token ids go from 0 to the vocabulary size less 1. Rows may hold no padding.");
    }
}
