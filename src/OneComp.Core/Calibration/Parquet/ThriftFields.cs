namespace OneComp.Calibration.Parquet;

/// <summary>Fields of a struct that <see cref="ThriftReader"/> read, by their number. A field that must be there and is not is an InvalidDataException.</summary>
internal static class ThriftFields
{
    /// <summary>A list.</summary>
    public static List<object> List(this Dictionary<int, object> fields, int id) => fields.GetValueOrDefault(id) as List<object> ?? throw new InvalidDataException("its metadata lacks a list.");

    /// <summary>A list of structs.</summary>
    public static IEnumerable<Dictionary<int, object>> Structs(this Dictionary<int, object> fields, int id) => fields.List(id).Cast<Dictionary<int, object>>();

    /// <summary>A whole number.</summary>
    public static long Number(this Dictionary<int, object> fields, int id) => fields.GetValueOrDefault(id) as long? ?? throw new InvalidDataException($"its metadata lacks field {id}.");
}
