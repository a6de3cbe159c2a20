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

# Milliseconds by the clock, and of the processor as the process itself counts them: those hardly depend on what else the machine does.
function Get-StartTime([string] $Command) {
    if ($DropCaches) { [System.IO.File]::WriteAllText('/proc/sys/vm/drop_caches', '3') }
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $busy = & $shell @first -Command "$Command; [System.Diagnostics.Process]::GetCurrentProcess().TotalProcessorTime.Ticks"
    if ($LASTEXITCODE) { throw "$Command ended with $LASTEXITCODE." }
    $clock.Elapsed.TotalMilliseconds
    [timespan]::FromTicks([long]$busy).TotalMilliseconds
}

function Get-Median([double[]] $Value) {
    [array]::Sort($Value)
    $Value[[Math]::Floor($Value.Count / 2)]
}

$commands = '$null', "Import-Module '$([System.IO.Path]::GetFullPath($Module))'"
$times = @{ 0 = @(); 1 = @() }
$processor = @{ 0 = @(); 1 = @() }
foreach ($run in 0..$Runs) {
    foreach ($kind in 0, 1) {
        $clock, $busy = Get-StartTime $commands[$kind]
        if ($run -gt 0) {
            $times[$kind] += $clock
            $processor[$kind] += $busy
        }
    }
}
$load = if ([System.IO.File]::Exists('/proc/loadavg')) { [System.IO.File]::ReadAllText('/proc/loadavg').Split(' ')[0] } else { 'unknown' }
foreach ($kind in @{ Name = 'clock'; Times = $times }, @{ Name = 'processor'; Times = $processor }) {
    $engine = Get-Median $kind.Times[0]
    $both = Get-Median $kind.Times[1]
    '{0}: engine {1:0} ms, with the module {2:0} ms, import {3:0} ms; median of {4}, load {5}' -f $kind.Name, $engine, $both, ($both - $engine), $Runs, $load
}
