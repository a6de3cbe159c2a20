<#
.SYNOPSIS
    Measures what importing the module adds to the start of the engine: fresh processes, in turns, median.
.DESCRIPTION
    Starts this shell (pwsh, or OneComp.Host where the script runs in it) with nothing to do and with Import-Module, -Runs times each after one that is not counted.
    -DropCaches empties the system's file cache before each start (Linux, as root). Shows the load of the machine as well: it decides.
.PARAMETER Runs
    Number of starts of each kind.
.PARAMETER Module
    The module: its manifest, or OneComp where it is installed.
.PARAMETER DropCaches
    Read everything from the disk again.
.EXAMPLE
    dotnet run -c Release --project src/OneComp.Host -- bench/import-time.ps1
#>
#Requires -Version 7.6
[CmdletBinding()]
param(
    [int] $Runs = 5,
    [string] $Module = "$PSScriptRoot/../OneComp.psd1",
    [switch] $DropCaches
)
$ErrorActionPreference = 'Stop'
$shell = [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
$first = @('-NoProfile')
if ([System.IO.Path]::GetFileNameWithoutExtension($shell) -ne 'pwsh') {
    $first = @('exec', [System.Environment]::GetCommandLineArgs()[0])
}

function Get-StartTime([string] $Command) {
    if ($DropCaches) { [System.IO.File]::WriteAllText('/proc/sys/vm/drop_caches', '3') }
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    & $shell @first -Command $Command | Out-Null
    if ($LASTEXITCODE) { throw "$Command ended with $LASTEXITCODE." }
    $clock.Elapsed.TotalMilliseconds
}

function Get-Median([double[]] $Value) {
    [array]::Sort($Value)
    $Value[[Math]::Floor($Value.Count / 2)]
}

$commands = 'exit 0', "Import-Module '$([System.IO.Path]::GetFullPath($Module))'; exit 0"
$times = @{ 0 = @(); 1 = @() }
foreach ($run in 0..$Runs) {
    foreach ($kind in 0, 1) {
        $time = Get-StartTime $commands[$kind]
        if ($run -gt 0) { $times[$kind] += $time }
    }
}
$engine = Get-Median $times[0]
$both = Get-Median $times[1]
$load = if ([System.IO.File]::Exists('/proc/loadavg')) { [System.IO.File]::ReadAllText('/proc/loadavg').Split(' ')[0] } else { 'unknown' }
'engine {0:0} ms, with the module {1:0} ms, import {2:0} ms; median of {3}, load {4}' -f $engine, $both, ($both - $engine), $Runs, $load
