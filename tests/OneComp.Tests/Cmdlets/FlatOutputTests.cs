using System.Management.Automation;
using System.Reflection;
using OneComp.Commands;
using OneComp.Quantization;
using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>Outputs pipe into Export-Excel, Export-Csv and ConvertTo-Json as they are: a value a property.</summary>
public sealed class FlatOutputTests
{
    // The rest. A quantizer is no result: its options have lists where they are lists.
    private static readonly string[] Documented = ["AssignmentSummary.Settings", "QuantizationResult.Assignment", "VramEstimate.Tensors"];

    [Fact]
    public void Every_property_of_every_output_is_one_value_but_for_the_documented()
    {
        var nested = typeof(GetOneCompDeviceCommand).Assembly.GetExportedTypes()
            .SelectMany(type => type.GetCustomAttributes<OutputTypeAttribute>()).SelectMany(attribute => attribute.Type).Select(name => name.Type)
            .Distinct().Where(type => type.Namespace!.StartsWith("OneComp", StringComparison.Ordinal) && !type.IsAssignableTo(typeof(Quantizer)))
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => !IsValue(property.PropertyType)).Select(property => $"{type.Name}.{property.Name}"));
        Assert.Equal(Documented, nested.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_documented_are_in_the_help()
    {
        var help = File.ReadAllText(Path.Combine(Repository.Root, "docs", "help", "about_OneComp.md"));
        Assert.All(Documented, name => Assert.Contains($"`{name.Split('.')[1]}`", help, StringComparison.Ordinal));
    }

    private static bool IsValue(Type type)
    {
        var value = Nullable.GetUnderlyingType(type) ?? type;
        return value.IsPrimitive || value.IsEnum || value == typeof(string) || value == typeof(TimeSpan) || value == typeof(DateTime) || value == typeof(DateTimeOffset) || value == typeof(decimal) || value == typeof(Version);
    }
}
