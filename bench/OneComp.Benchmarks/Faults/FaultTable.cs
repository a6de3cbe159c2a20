using OneComp.Benchmarks.Measuring;

namespace OneComp.Benchmarks.Faults;

/// <summary>Rows as a table for people and as JSON.</summary>
internal static class FaultTable
{
    /// <summary>Prints the rows and writes them.</summary>
    /// <returns>1 where something went wrong, else 0.</returns>
    public static int Finish(IReadOnlyList<FaultRow> rows, string file)
    {
        var wrong = Print(rows);
        ResultFile.Write(file, $"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}", rows);
        return wrong;
    }

    /// <summary>Prints the rows.</summary>
    /// <returns>1 where something went wrong, else 0.</returns>
    public static int Print(IReadOnlyList<FaultRow> rows)
    {
        Console.WriteLine("| kind | tried | times | right | happened |");
        Console.WriteLine("|---|---|---:|---:|---|");
        foreach (var row in rows)
        {
            Console.WriteLine($"| {row.Kind} | {row.Tried} | {row.Times} | {row.Right} | {row.Happened.Replace("|", "\\|", StringComparison.Ordinal)} |");
        }

        return rows.All(row => row.Right == row.Times) ? 0 : 1;
    }

    /// <summary>Shows that a row is there, since the others may take long.</summary>
    public static FaultRow Told(FaultRow row)
    {
        Console.Error.WriteLine(row);
        return row;
    }
}
