using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OneComp.Errors;
using OneComp.Progress;

namespace OneComp.Logs;

/// <summary>
/// A file with a line of JSON for each event (docs/logs.md). Lines go out whole, at once and after what is there, so that a collector may
/// read along and a kill loses nothing. Several threads may write.
/// </summary>
internal sealed class RunLog : IDisposable
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Lock _gate = new();
    private readonly FileStream _file;
    private readonly string _run;

    private RunLog(FileStream file, string run) => (_file, _run) = (file, run);

    /// <summary>Opens the file, and makes it and its folder where they are not there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="run">Id of the run, in every line: runs may share a file.</param>
    /// <exception cref="LogException">NotWritable.</exception>
    public static RunLog Open(string path, string run)
    {
        try
        {
            path = Path.GetFullPath(path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new RunLog(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0), run);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new LogException(LogError.NotWritable, path, $"The log '{path}' cannot be written: {exception.Message} Choose another -LogPath, or change its permissions.", exception);
        }
    }

    /// <summary>Writes an event; progress alone is not one.</summary>
    /// <exception cref="IOException">The disk is full, or gone.</exception>
    public void Write(RunEvent runEvent)
    {
        var line = runEvent switch
        {
            FactEvent fact => Line(fact.Id is RunEventId.RunFailed ? "error" : "info", fact.Id, fact.Message, fact),
            WarningEvent warning => Line("warning", RunEventId.Warning, warning.Message, null),
            VerboseEvent verbose => Line("verbose", RunEventId.Detail, verbose.Message, null),
            _ => null,
        };
        if (line is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(line.ToJsonString(OneLine) + "\n");
            lock (_gate)
            {
                _file.Write(bytes);
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private JsonObject Line(string level, RunEventId id, string message, FactEvent? fact)
    {
        var line = new JsonObject
        {
            ["time"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["level"] = level,
            ["event_id"] = (int)id,
            ["event"] = id.ToString(),
            ["run"] = _run,
            ["message"] = Redaction.Clean(message),
        };
        if (fact?.Block is { } block)
        {
            line["block"] = block;
        }

        if (fact?.Layer is { } layer)
        {
            line["layer"] = layer;
        }

        if (fact is { Numbers.Count: > 0 })
        {
            line["numbers"] = new JsonObject(fact.Numbers.Select(number => KeyValuePair.Create(number.Key, (JsonNode?)(double.IsFinite(number.Value) ? JsonValue.Create(number.Value) : null))));
        }

        return line;
    }
}
