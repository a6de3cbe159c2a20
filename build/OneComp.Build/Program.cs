using OneComp.Build;
using OneComp.Build.Help;

return args switch
{
    ["weaken-version-need", var file, var version] => WeakenStep.Run(file, version, Console.Out, Console.Error),
    ["hold-arguments", var file] => HoldArgumentsStep.Run(file, Console.Out, Console.Error),
    ["help", var pages, var assembly, var output] => HelpStep.Run(pages, assembly, output, Console.Error),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: OneComp.Build weaken-version-need LIBRARY.so VERSION");
    Console.Error.WriteLine("       OneComp.Build hold-arguments ASSEMBLY.dll");
    Console.Error.WriteLine("       OneComp.Build help PAGES CMDLETS.dll OUTPUT");
    return 2;
}
