using System.Reflection;
using System.Runtime.Loader;

namespace OneComp.Build.Help;

/// <summary>Reads the cmdlets of an assembly from its metadata; no code of it runs.</summary>
public static class CmdletShapes
{
    private const string Namespace = "System.Management.Automation.";

    /// <summary>The cmdlets, ordered by name.</summary>
    /// <param name="assembly">Path of the assembly; what it needs is beside it or in lib/.</param>
    public static IReadOnlyList<CmdletShape> Read(string assembly)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(assembly))!;
        var context = new AssemblyLoadContext("help");
        context.Resolving += (loading, name) => new[] { Path.Combine(folder, name.Name + ".dll"), Path.Combine(folder, "lib", name.Name + ".dll") }
            .Where(File.Exists).Select(loading.LoadFromAssemblyPath).FirstOrDefault();
        return Read(context.LoadFromAssemblyPath(Path.GetFullPath(assembly)));
    }

    /// <summary>The cmdlets, ordered by name.</summary>
    public static IReadOnlyList<CmdletShape> Read(Assembly assembly) =>
        [.. assembly.GetExportedTypes().Select(type => (Type: type, Cmdlet: Attribute(type, "CmdletAttribute"))).Where(found => found.Cmdlet is not null)
            .Select(found => Read(found.Type, found.Cmdlet!)).OrderBy(shape => shape.Name, StringComparer.Ordinal)];

    private static CmdletShape Read(Type type, CustomAttributeData cmdlet)
    {
        var parameters = type.GetProperties().Select(ReadParameter).OfType<ParameterShape>().ToList();
        if (Named(cmdlet, "SupportsShouldProcess", false))
        {
            parameters.AddRange([Common("WhatIf", "wi"), Common("Confirm", "cf")]);
        }

        return new CmdletShape($"{cmdlet.ConstructorArguments[0].Value}-{cmdlet.ConstructorArguments[1].Value}", parameters);
    }

    private static ParameterShape Common(string name, string alias) =>
        new(name, "SwitchParameter", true, [], [alias], false, new Dictionary<string, ParameterPlace> { [""] = new(false, null, false, false) });

    private static ParameterShape? ReadParameter(PropertyInfo property)
    {
        var places = property.GetCustomAttributesData().Where(data => data.AttributeType.FullName == Namespace + "ParameterAttribute").ToList();
        if (places.Count == 0)
        {
            return null;
        }

        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var isSwitch = type.Name == "SwitchParameter";
        var values = type.IsEnum ? type.GetEnumNames() : type == typeof(bool) ? ["$true", "$false"] : [];
        var alias = Attribute(property, "AliasAttribute")?.ConstructorArguments[0].Value as IEnumerable<CustomAttributeTypedArgument>;
        return new ParameterShape(
            property.Name, NameOf(type), isSwitch, values, [.. (alias ?? []).Select(argument => (string)argument.Value!)],
            Attribute(property, "SupportsWildcardsAttribute") is not null,
            places.ToDictionary(place => Named(place, "ParameterSetName", "")!, Place));
    }

    private static ParameterPlace Place(CustomAttributeData data)
    {
        var position = Named(data, "Position", int.MinValue);
        return new(Named(data, "Mandatory", false), position == int.MinValue ? null : position, Named(data, "ValueFromPipeline", false), Named(data, "ValueFromPipelineByPropertyName", false));
    }

    private static string NameOf(Type type) => type.IsArray ? NameOf(type.GetElementType()!) + "[]" : type.Name;

    private static CustomAttributeData? Attribute(MemberInfo member, string name) =>
        member.GetCustomAttributesData().FirstOrDefault(data => data.AttributeType.FullName == Namespace + name);

    private static T Named<T>(CustomAttributeData data, string name, T otherwise) =>
        data.NamedArguments.Where(argument => argument.MemberName == name).Select(argument => (T)argument.TypedValue.Value!).DefaultIfEmpty(otherwise).First();
}
