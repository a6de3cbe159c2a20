using OneComp.Build;

return args switch
{
    ["weaken-version-need", var file, var version] => WeakenStep.Run(file, version, Console.Out, Console.Error),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: OneComp.Build weaken-version-need LIBRARY.so VERSION");
    return 2;
}
