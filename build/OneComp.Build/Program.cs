using OneComp.Build;
using OneComp.Build.Help;
using OneComp.Build.Sbom;

return args switch
{
    ["weaken-version-need", var file, var version] => WeakenStep.Run(file, version, Console.Out, Console.Error),
    ["hold-arguments", var source, var target] => HoldArgumentsStep.Run(source, target, Console.Out, Console.Error),
    ["sbom", var output, var name, var version, .. { Length: > 0 } assets] => SbomStep.Run(output, name, version, assets, Console.Error),
    ["help", var pages, var assembly, var output] => HelpStep.Run(pages, assembly, output, Console.Error),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: OneComp.Build weaken-version-need LIBRARY.so VERSION");
    Console.Error.WriteLine("       OneComp.Build hold-arguments ASSEMBLY.dll COPY.dll");
    Console.Error.WriteLine("       OneComp.Build sbom OUTPUT.cdx.json NAME VERSION PROJECT.ASSETS.JSON...");
    Console.Error.WriteLine("       OneComp.Build help PAGES CMDLETS.dll OUTPUT");
    return 2;
}
