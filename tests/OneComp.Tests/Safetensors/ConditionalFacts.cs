namespace OneComp.Tests.Safetensors;

/// <summary>A fact about a device file of Linux.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "needs Linux";
}

/// <summary>A fact about Unix permissions, which do not bind root.</summary>
public sealed class UnprivilegedFactAttribute : FactAttribute
{
    public UnprivilegedFactAttribute() =>
        Skip = !OperatingSystem.IsWindows() && !Environment.IsPrivilegedProcess ? null : "needs Unix and a user other than root";
}
