using System.Reflection;

namespace OneComp.Tests.Safetensors;

/// <summary>Calls a method whose last parameter is a <c>byte*</c>: this project compiles without unsafe code.</summary>
internal static class PointerCall
{
    public static void Invoke(object target, string method, object first, nint pointer)
    {
        MethodInfo found = target.GetType().GetMethod(method, [first.GetType(), typeof(byte).MakePointerType()])
            ?? throw new MissingMethodException(target.GetType().Name, method);
        found.Invoke(target, BindingFlags.DoNotWrapExceptions, null, [first, pointer], null);
    }
}
