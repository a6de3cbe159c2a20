using System.Runtime.InteropServices;
using OneComp.Calibration;
using OneComp.Errors;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Calibration;

public sealed class TokenIdFileTests : IDisposable
{
    private static readonly string Reference = Repository.Data("tiny-llama-ref.safetensors");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("calibration_ids", 32)]
    [InlineData("eval_ids", 64)]
    public void The_reference_ids_read_row_by_row(string tensor, int rows)
    {
        var windows = TokenIdFile.Read(Reference, tensor);

        using var file = SafetensorsFile.Open(Reference);
        var expected = new int[rows * 256];
        file.CopyTo(file.Tensors[tensor], MemoryMarshal.AsBytes(expected.AsSpan()));
        Assert.Equal((rows, 256), (windows.Count, windows.Length));
        Assert.Equal(expected, windows.Ids);
        Assert.Equal(expected[(5 * 256)..(6 * 256)], windows[5].ToArray());
        Assert.Equal(expected.Max(), windows.MaxId);
        Assert.InRange(windows.MaxId, 1, 4095); // tiny-llama's vocabulary
    }

    [Fact]
    public void Several_tensors_need_a_name_and_are_listed()
    {
        var fault = Samples.Fails(CalibrationError.SeveralTokenTensors, () => TokenIdFile.Read(Reference));
        Assert.Contains("'calibration_ids [32, 256]', 'eval_ids [64, 256]'", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.InvalidArgument, fault.Kind);
    }

    [Fact]
    public void A_name_that_is_not_there_is_answered_with_those_that_are()
    {
        var fault = Samples.Fails(CalibrationError.TensorNotFound, () => TokenIdFile.Read(Reference, "train_ids"));
        Assert.Contains("'eval_ids [64, 256]'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_floats_holds_no_ids()
    {
        var fault = Samples.Fails(CalibrationError.TensorNotTokenIds, () => TokenIdFile.Read(Reference, "logits_first64"));
        Assert.Contains("F32 [64, 4096]", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_only_two_dimensional_integer_tensor_needs_no_name()
    {
        var path = _folder.WriteTensors(
            ("ids", DType.I64, [2, 3], Bytes<long>(1, 2, 3, 4, 5, 6)),
            ("lengths", DType.I32, [2], Bytes(3, 3)),
            ("mask", DType.U8, [2, 3], new byte[6]));

        var windows = TokenIdFile.Read(path);

        Assert.Equal([4, 5, 6], windows[1].ToArray());
    }

    [Fact]
    public void A_file_without_integer_rows_holds_no_ids()
    {
        var path = _folder.WriteTensors(
            ("a", DType.F32, [1, 2], new byte[8]), ("b", DType.I32, [2], new byte[8]), ("c", DType.I32, [0, 4], []));

        Samples.Fails(CalibrationError.NoTokenTensor, () => TokenIdFile.Read(path));
    }

    [Fact]
    public void A_negative_id_is_named_by_its_place()
    {
        var path = _folder.WriteTensors(("ids", DType.I32, [2, 2], Bytes(1, 2, 3, -100)));

        var fault = Samples.Fails(CalibrationError.NegativeId, () => TokenIdFile.Read(path));
        Assert.StartsWith("Row 1, column 1 of tensor 'ids'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("-100", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_beyond_32_bits_is_refused()
    {
        var path = _folder.WriteTensors(("ids", DType.I64, [1, 2], Bytes(1L, 1L << 31)));

        Samples.Fails(CalibrationError.IdTooLarge, () => TokenIdFile.Read(path));
    }

    [Fact]
    public void A_missing_file_is_reported() =>
        Samples.Fails(CalibrationError.FileNotFound, () => TokenIdFile.Read(_folder.File("none.safetensors")));

    [Fact]
    public void A_file_that_is_not_safetensors_fails_as_such()
    {
        var path = _folder.WriteText("a.safetensors", "not tensors at all");

        Assert.Throws<SafetensorsException>(() => TokenIdFile.Read(path));
    }

    private static byte[] Bytes<T>(params T[] values)
        where T : struct => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
