using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OneComp.Tests.Support;

namespace OneComp.Tests.Build;

/// <summary>A restore under this repository's settings, against a source that tells of vulnerabilities and against none.</summary>
public sealed class AuditTests : IDisposable
{
    private const string Package = "Polly.Core"; // one that a build has fetched, so that nothing is asked for but what is known of it
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, "NU1901")]
    [InlineData(3, "NU1904")]
    public async Task A_known_vulnerability_stops_a_restore_however_slight(int severity, string code)
    {
        await using var source = await SourceAsync(severity);
        var (exitCode, output) = await RestoreAsync(source.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Assert.True(exitCode != 0, output);
        Assert.Contains($"error {code}", output, StringComparison.Ordinal);
        Assert.Contains("https://example.org/advisory", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_cannot_be_asked_does_not()
    {
        var (exitCode, output) = await RestoreAsync("http://127.0.0.1:1");
        Assert.True(exitCode == 0, output);
    }

    private static async Task<WebApplication> SourceAsync(int severity)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        application.MapGet("/index.json", (HttpRequest request) => new Dictionary<string, object>
        {
            ["version"] = "3.0.0",
            ["resources"] = new[] { new Dictionary<string, string> { ["@id"] = $"http://{request.Host}/pages.json", ["@type"] = "VulnerabilityInfo/6.7.0" } },
        });
        application.MapGet("/pages.json", (HttpRequest request) => new[]
        {
            new Dictionary<string, string> { ["@name"] = "base", ["@id"] = $"http://{request.Host}/base.json", ["@updated"] = "2026-01-01T00:00:00Z" },
        });
        application.MapGet("/base.json", () => new Dictionary<string, object>
        {
            [Package.ToLowerInvariant()] = new[] { new { url = "https://example.org/advisory", severity, versions = "(, 1000.0.0)" } },
        });
        await application.StartAsync();
        return application;
    }

    private async Task<(int ExitCode, string Output)> RestoreAsync(string source)
    {
        var version = System.Xml.Linq.XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
            .Descendants("PackageVersion").Single(package => (string?)package.Attribute("Include") == Package).Attribute("Version")!.Value;
        await File.WriteAllTextAsync(_folder.File("audited.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <Import Project="{Path.Combine(Repository.Root, "Directory.Build.props")}" />
              <ItemGroup><PackageReference Include="{Package}" Version="[{version}]" /></ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(_folder.File("NuGet.Config"), $"""
            <configuration>
              <packageSources><clear /></packageSources>
              <auditSources><clear /><add key="audit" value="{source}/index.json" allowInsecureConnections="true" /></auditSources>
            </configuration>
            """);
        var start = new ProcessStartInfo("dotnet", ["restore", "-nodeReuse:false"]) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NUGET_HTTP_CACHE_PATH"] = _folder.File("http-cache"); // each run asks anew
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
