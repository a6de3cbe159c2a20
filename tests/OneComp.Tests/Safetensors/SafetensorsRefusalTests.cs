using OneComp.Errors;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

/// <summary>Data and tensors that cannot be written.</summary>
public sealed class SafetensorsRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.File("out.safetensors");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 3, "SafetensorsPieceOutsideTensor")]
    [InlineData(-1, 1, "SafetensorsPieceOutsideTensor")]
    [InlineData(2, 1, "SafetensorsPieceOutsideTensor")]
    [InlineData(long.MaxValue, 1, "SafetensorsPieceOutsideTensor")]
    public void A_piece_outside_its_tensor_is_refused(long offset, int length, string errorId)
    {
        using var writer = SafetensorsWriter.Create(Target, [new TensorSpec("a", DType.U8, [2]), new TensorSpec("b", DType.U8, [9])]);

        var error = Assert.Throws<SafetensorsException>(() => writer.Write("a", offset, new byte[length]));

        Assert.Equal((errorId, ErrorKind.InvalidArgument), (error.ErrorId, error.Kind));
    }

    [Fact]
    public void Data_for_a_whole_tensor_must_fill_it()
    {
        using var writer = SafetensorsWriter.Create(Target, [new TensorSpec("a", DType.U8, [2])]);

        var error = Assert.Throws<SafetensorsException>(() => writer.Write("a", [1]));

        Assert.Equal("SafetensorsPieceOutsideTensor", error.ErrorId);
    }

    [Fact]
    public void An_unannounced_tensor_is_refused()
    {
        using var writer = SafetensorsWriter.Create(Target, []);

        var error = Assert.Throws<SafetensorsException>(() => writer.Write("a", [1]));

        Assert.Equal("SafetensorsTensorNotFound", error.ErrorId);
    }

    public static TheoryData<string, TensorSpec[]> WrongSpecs => new()
    {
        { "SafetensorsDuplicateName", [new("a", DType.U8, [1]), new("a", DType.U8, [1])] },
        { "SafetensorsNameNotAllowed", [new("__metadata__", DType.U8, [1])] },
        { "SafetensorsNameNotAllowed", [new("half \ud800 pair", DType.U8, [1])] },
        { "SafetensorsShapeNegative", [new("a", DType.U8, [-1])] },
        { "SafetensorsShapeOverflow", [new("a", DType.F32, [1L << 61])] },
        { "SafetensorsShapeOverflow", [new("a", DType.U8, [1L << 62]), new("b", DType.U8, [1L << 62])] },
    };

    [Theory]
    [MemberData(nameof(WrongSpecs))]
    public void What_the_format_does_not_allow_is_refused_before_a_file_is_made(string errorId, TensorSpec[] tensors)
    {
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsWriter.Create(Target, tensors));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    // On its own: as an argument of a theory the name would be printed.
    [Fact]
    public void A_header_over_the_cap_is_refused_before_a_file_is_made()
    {
        var tensor = new TensorSpec(new string('n', 100_000_000), DType.U8, [1]);

        var error = Assert.Throws<SafetensorsException>(() => SafetensorsWriter.Create(Target, [tensor]));

        Assert.Equal("SafetensorsHeaderTooLarge", error.ErrorId);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }
}
