using static OneComp.Calibration.Parquet.ThriftType;

namespace OneComp.Calibration.Parquet;

/// <summary>The structs of a parquet file (parquet.thrift of apache/parquet-format), as far as the library reads them.</summary>
internal static class ParquetShapes
{
    private static readonly ThriftShape Empty = [];
    private static readonly ThriftShape KeyValue = new ThriftShape().With(Binary, 1, 2);
    private static readonly ThriftShape TimeUnit = new ThriftShape().With(Empty, 1, 2, 3);
    private static readonly ThriftShape Time = new ThriftShape().With(True, 1).With(TimeUnit, 2);

    private static readonly ThriftShape LogicalType = new ThriftShape()
        .With(Empty, 1, 2, 3, 4, 6, 11, 12, 13, 14, 15)
        .With(new ThriftShape().With(I32, 1, 2), 5)
        .With(Time, 7, 8)
        .With(new ThriftShape().With(ThriftType.Byte, 1).With(True, 2), 10)
        .With(new ThriftShape().With(ThriftType.Byte, 1), 16)
        .With(new ThriftShape().With(Binary, 1).With(I32, 2), 17, 18);

    private static readonly ThriftShape Statistics = new ThriftShape().With(Binary, 1, 2, 5, 6).With(I64, 3, 4).With(True, 7, 8);

    private static readonly ThriftShape ColumnMetaData = new ThriftShape()
        .With(I32, 1, 4, 15)
        .With(I64, 5, 6, 7, 9, 10, 11, 14)
        .With(Statistics, 12)
        .With(new ThriftShape().With(I64, 1).WithList(2, I64).WithList(3, I64), 16)
        .With(new ThriftShape().With(new ThriftShape().With(ThriftType.Double, 1, 2, 3, 4, 5, 6, 7, 8), 1).WithList(2, I32), 17)
        .WithList(2, I32)
        .WithList(3, Binary)
        .WithList(8, KeyValue)
        .WithList(13, new ThriftShape().With(I32, 1, 2, 3));

    private static readonly ThriftShape ColumnChunk = new ThriftShape().With(Binary, 1).With(I64, 2, 4, 6).With(I32, 5, 7).With(ColumnMetaData, 3);

    private static readonly ThriftShape RowGroup = new ThriftShape()
        .With(I64, 2, 3, 5, 6)
        .With(I16, 7)
        .WithList(1, ColumnChunk)
        .WithList(4, new ThriftShape().With(I32, 1).With(True, 2, 3));

    private static readonly ThriftShape SchemaElement = new ThriftShape().With(I32, 1, 2, 3, 5, 6, 7, 8, 9).With(Binary, 4).With(LogicalType, 10);

    /// <summary>The end of the file: schema and row groups.</summary>
    public static ThriftShape FileMetaData { get; } = new ThriftShape()
        .With(I32, 1)
        .With(I64, 3)
        .With(Binary, 6)
        .WithList(2, SchemaElement)
        .WithList(4, RowGroup)
        .WithList(5, KeyValue)
        .WithList(7, new ThriftShape().With(Empty, 1));

    /// <summary>What lies before a page.</summary>
    public static ThriftShape PageHeader { get; } = new ThriftShape()
        .With(I32, 1, 2, 3, 4)
        .With(new ThriftShape().With(I32, 1, 2, 3, 4).With(Statistics, 5), 5)
        .With(Empty, 6)
        .With(new ThriftShape().With(I32, 1, 2).With(True, 3), 7)
        .With(new ThriftShape().With(I32, 1, 2, 3, 4, 5, 6).With(True, 7).With(Statistics, 8), 8);
}
