using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;
using System.Text.Json.Nodes;
using OneComp.Quantization.Settings;

namespace OneComp.Quantizers;

/// <summary>
/// Settings in a PowerShell data file. PowerShell's own parser reads the text, nothing of it is run, and only tables, lists, texts, numbers, $true, $false and
/// $null are taken: the data language without its commands.
/// </summary>
internal static class DataFile
{
    private const int MaxDepth = 16;

    /// <summary>Reads the one table of a file.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="QuantizerSettingsException">NotData.</exception>
    public static JsonObject Read(string text, string path)
    {
        DataFileText.Require(text, path);
        var script = Parse(text, path, out var errors);
        if (errors.Length > 0)
        {
            throw Fault(path, errors[0].Extent, errors[0].Message);
        }

        return script.ParamBlock is null && script.BeginBlock is null && script.ProcessBlock is null && script.DynamicParamBlock is null
            && script.EndBlock is { Statements: [PipelineAst { PipelineElements: [CommandExpressionAst { Expression: HashtableAst table, Redirections.Count: 0 }] }], Traps: null or { Count: 0 } }
            ? Table(table, path, 0)
            : throw Fault(path, script.Extent, "one table, @{ Name = value }, is expected and nothing else");
    }

    private static ScriptBlockAst Parse(string text, string path, out ParseError[] errors)
    {
        try
        {
            return Parser.ParseInput(text, path, out _, out errors);
        }
        catch (ParseException exception)
        {
            throw QuantizerFile.NotData(path, $"PowerShell's parser gives up on it: {exception.Message}"); // a fault of its own
        }
    }

    /// <summary>Writes settings as one table.</summary>
    public static string Write(JsonObject settings)
    {
        var text = new StringBuilder();
        Write(text, settings, "");
        return text.Append('\n').ToString();
    }

    private static JsonObject Table(HashtableAst table, string path, int depth)
    {
        var settings = new JsonObject();
        foreach (var (key, value) in table.KeyValuePairs)
        {
            var name = key is StringConstantExpressionAst constant ? constant.Value : throw Fault(path, key.Extent, $"{key.Extent.Text} is no plain name");
            settings[name] = value is PipelineAst { PipelineElements: [CommandExpressionAst { Redirections.Count: 0 } element] }
                ? Value(element.Expression, path, depth + 1)
                : throw Fault(path, value.Extent, $"{value.Extent.Text} would have to run");
        }

        return settings;
    }

    private static JsonNode? Value(ExpressionAst expression, string path, int depth) => expression switch
    {
        _ when depth > MaxDepth => throw Fault(path, expression.Extent, "tables and lists are nested too deep"),
        HashtableAst table => Table(table, path, depth),
        ArrayLiteralAst list => new JsonArray([.. list.Elements.Select(element => Value(element, path, depth + 1))]),
        ArrayExpressionAst list => List(list, path, depth),
        StringConstantExpressionAst text => JsonValue.Create(text.Value),
        ConstantExpressionAst { Value: int number } => JsonValue.Create(number),
        ConstantExpressionAst { Value: long number } => JsonValue.Create(number),
        ConstantExpressionAst { Value: double number } when double.IsFinite(number) => JsonValue.Create(number),
        UnaryExpressionAst { TokenKind: TokenKind.Minus, Child: ConstantExpressionAst number } => Negative(number, path),
        VariableExpressionAst variable => variable.VariablePath.UserPath.ToUpperInvariant() switch
        {
            "TRUE" => JsonValue.Create(true),
            "FALSE" => JsonValue.Create(false),
            "NULL" => null,
            _ => throw Fault(path, expression.Extent, $"{expression.Extent.Text} is a variable"),
        },
        _ => throw Fault(path, expression.Extent, $"{expression.Extent.Text} is no plain value"),
    };

    private static JsonArray List(ArrayExpressionAst list, string path, int depth)
    {
        var values = new JsonArray();
        foreach (var statement in list.SubExpression.Statements)
        {
            var value = statement is PipelineAst { PipelineElements: [CommandExpressionAst { Redirections.Count: 0 } element] }
                ? Value(element.Expression, path, depth + 1)
                : throw Fault(path, statement.Extent, $"{statement.Extent.Text} would have to run");
            if (value is JsonArray several && statement is PipelineAst { PipelineElements: [CommandExpressionAst { Expression: ArrayLiteralAst { Elements.Count: > 1 } }] })
            {
                foreach (var item in several.ToList())
                {
                    several.Remove(item);
                    values.Add(item);
                }
            }
            else
            {
                values.Add(value is JsonArray { Count: 1 } one && statement.Extent.Text.StartsWith(',') ? one[0]?.DeepClone() : value);
            }
        }

        return values;
    }

    private static JsonValue Negative(ConstantExpressionAst number, string path) => number.Value switch
    {
        int value => JsonValue.Create(-value),
        long value => JsonValue.Create(-value),
        double value when double.IsFinite(value) => JsonValue.Create(-value),
        _ => throw Fault(path, number.Extent, $"{number.Extent.Text} is no number"),
    };

    private static void Write(StringBuilder text, JsonNode? value, string indent)
    {
        var inner = indent + "    ";
        switch (value)
        {
            case JsonObject { Count: 0 }:
                text.Append("@{}");
                break;
            case JsonObject table:
                text.Append("@{\n");
                foreach (var (name, item) in table)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{inner}{Quoted(name)} = ");
                    Write(text, item, inner);
                    text.Append('\n');
                }

                text.Append(indent).Append('}');
                break;
            case JsonArray { Count: 0 }:
                text.Append("@()");
                break;
            case JsonArray list:
                // A line for each: separate statements, so that a list of one or of lists is what it says.
                text.Append("@(\n");
                foreach (var item in list)
                {
                    text.Append(inner).Append(item is JsonArray ? "," : "");
                    Write(text, item, inner);
                    text.Append('\n');
                }

                text.Append(indent).Append(')');
                break;
            case JsonValue single when single.GetValueKind() == System.Text.Json.JsonValueKind.String:
                text.Append(Quoted(single.GetValue<string>()));
                break;
            case JsonValue single:
                text.Append(single.ToJsonString() switch
                {
                    "true" => "$true",
                    "false" => "$false",
                    var number => number,
                });
                break;
            default:
                text.Append("$null");
                break;
        }
    }

    private static string Quoted(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    private static QuantizerSettingsException Fault(string path, IScriptExtent extent, string message) =>
        QuantizerFile.NotData(path, string.Create(CultureInfo.InvariantCulture, $"line {extent.StartLineNumber}, column {extent.StartColumnNumber}: {message}"));
}
