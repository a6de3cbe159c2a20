# Runs what discovery has found. Pester's scoping is PowerShell's own: what BeforeAll sets, dot-sourced in a block's scope,
# is seen in every scope below it. Names start with two underscores so as not to meet a test's own.

function Invoke-PesterBlock($__context, $__block) {
    if (-not $__block.HasWork) { return }
    $__entries = $__context.DriveEntries()
    foreach ($__name in $__block.Data.Variables.Keys) {
        $ExecutionContext.SessionState.PSVariable.Set($__name, $__block.Data.Variables[$__name])
    }
    $_ = $__block.Data.Value
    try {
        $__ready = $false
        try {
            foreach ($__setup in $__block.BeforeAll) { $null = . $__setup }
            $__ready = $true
        }
        catch { $__block.Fail('BeforeAll', $_) }
        if ($__ready) {
            foreach ($__child in $__block.Children) {
                if ($__child -is [OneComp.Tests.PesterAdapter.PesterTest]) { Invoke-PesterTest $__child }
                else { Invoke-PesterBlock $__context $__child }
            }
        }
    }
    finally {
        try { foreach ($__teardown in $__block.AfterAll) { $null = . $__teardown } }
        catch { $__block.Fail('AfterAll', $_) }
        $__context.RestoreDrive($__entries)
    }
}

function Invoke-PesterTest($__test) {
    if ($__test.Skip) { return }
    foreach ($__name in $__test.Data.Variables.Keys) {
        $ExecutionContext.SessionState.PSVariable.Set($__name, $__test.Data.Variables[$__name])
    }
    $_ = $__test.Data.Value
    $__arguments = @{}
    foreach ($__name in $__test.Arguments.Keys) { $__arguments[$__name] = $__test.Arguments[$__name] }
    try {
        foreach ($__setup in $__test.BeforeEach) { $null = . $__setup }
        $__body = $__test.Body
        $null = . $__body @__arguments
        $__test.Complete()
    }
    catch { $__test.Fail('It', $_) }
    finally {
        try { foreach ($__teardown in $__test.AfterEach) { $null = . $__teardown } }
        catch { $__test.Fail('AfterEach', $_) }
    }
}
