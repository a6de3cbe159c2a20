<#
.SYNOPSIS
    Quantizes every model of a folder, writes a report, and keeps the last results.
.DESCRIPTION
    Each folder in -Models that has a config.json is a model. Its result goes to Destination/MODEL/DATE, with the plan (DATE.xlsx) and the log (DATE.jsonl)
    beside it. A run that was cut off goes on the next night where it was, under its own date; where its settings or its model have changed, it begins anew. A model whose newest file is not newer than its last result is left alone. One model that fails does not stop the others. Of each model the
    -Keep newest results stay; those before are removed, and so are reports older than -ReportDays days.

    The report, Destination/report-DATE.csv, has a line a model: outcome, bits, bytes, seconds, message.
.PARAMETER Models
    Folder with a folder for each model.
.PARAMETER Destination
    Folder of results and reports.
.PARAMETER TargetBit
    Budget in bits per weight.
.PARAMETER Device
    Where to compute: cpu, cuda, cuda:1; the first GPU when left out.
.PARAMETER NumCalibrationSamples
    Calibration windows, for rating the layers and for quantizing them.
.PARAMETER MaxLength
    Tokens of a window.
.PARAMETER Keep
    Results to keep for each model.
.PARAMETER ReportDays
    Days to keep reports for.
.PARAMETER Force
    Quantize again what is unchanged.
.PARAMETER Module
    The module: its manifest, or OneComp where it is installed.
.EXAMPLE
    ./examples/nightly-batch.ps1 -Models D:\models -Destination D:\quantized -TargetBit 4
.EXAMPLE
    dotnet run -c Release --project src/OneComp.Host -- examples/nightly-batch.ps1 -Models examples/models -Destination examples/out/nightly -MaxLength 256
.NOTES
    Exit codes: 0 done, 1 a model failed by an internal error, 2 by bad input, 3 done with warnings, 4 out of memory, 130 cancelled. Where models fail for
    several reasons, out of memory counts before an internal error, and that before bad input.
#>
#Requires -Version 7.6
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $Models,
    [Parameter(Mandatory)] [string] $Destination,
    [double] $TargetBit = 4,
    [string] $Device,
    [int] $NumCalibrationSamples = 128,
    [int] $MaxLength = 2048,
    [ValidateRange(1, 1000)] [int] $Keep = 3,
    [ValidateRange(1, 3650)] [int] $ReportDays = 30,
    [switch] $Force,
    [string] $Module = "$PSScriptRoot/../OneComp.psd1"
)
$ErrorActionPreference = 'Stop'
$now = [datetime]::Now
$date = $now.ToString('yyyyMMdd-HHmmss', [cultureinfo]::InvariantCulture)
$invariant = [cultureinfo]::InvariantCulture

function Get-NewestTime([string] $Folder) {
    $newest = [datetime]::MinValue
    foreach ($file in [System.IO.Directory]::GetFiles($Folder, '*', 'AllDirectories')) {
        $time = [System.IO.File]::GetLastWriteTimeUtc($file)
        if ($time -gt $newest) { $newest = $time }
    }
    $newest
}

# Results of a model by date, the newest last: their names sort so.
function Get-ResultFolder([string] $Folder) {
    if ([System.IO.Directory]::Exists($Folder)) {
        $found = [string[]][System.IO.Directory]::GetDirectories($Folder, '????????-??????')
        [array]::Sort($found, [System.StringComparer]::Ordinal)
        $found
    }
}

# The date of a run that was cut off; its folder is hidden beside where the result would be (docs/logs.md).
function Get-UnfinishedDate([string] $Folder) {
    if ([System.IO.Directory]::Exists($Folder)) {
        $found = [string[]][System.IO.Directory]::GetDirectories($Folder, '.????????-??????.run')
        [array]::Sort($found, [System.StringComparer]::Ordinal)
        $found | ForEach-Object { [System.IO.Path]::GetFileName($_).Substring(1, 15) }
    }
}

function Get-CsvLine([object[]] $Value) {
    $fields = foreach ($item in $Value) {
        $text = [System.Convert]::ToString($item, $invariant) -replace '[\r\n]+', ' '
        if ($text -match '[",]') { '"' + $text.Replace('"', '""') + '"' } else { $text }
    }
    $fields -join ','
}

try {
    Import-Module $Module
    $root = $ExecutionContext.SessionState.Path.GetResolvedProviderPathFromPSPath($Models, [ref] $null)[0]
    $folders = [System.IO.Directory]::GetDirectories($root)
    [array]::Sort($folders, [System.StringComparer]::Ordinal)
    $Destination = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Destination)
    $null = [System.IO.Directory]::CreateDirectory($Destination)
} catch {
    $Host.UI.WriteErrorLine("$_")
    exit 2
}

$optional = @{}
if ($Device) { $optional['Device'] = $Device }
$lines = [System.Collections.Generic.List[string]]::new()
$lines.Add('Model,Outcome,EffectiveBits,CheckpointBytes,Seconds,Message')
$codes = @(0)
foreach ($folder in $folders) {
    if (-not [System.IO.File]::Exists("$folder/config.json")) { continue }
    $name = [System.IO.Path]::GetFileName($folder)
    $results = [System.IO.Path]::Combine($Destination, $name)
    $last = @(Get-ResultFolder $results)[-1]
    if ($last -and -not $Force -and (Get-NewestTime $folder) -le [System.IO.Directory]::GetLastWriteTimeUtc($last)) {
        $lines.Add((Get-CsvLine $name, 'unchanged', $null, $null, $null, $last))
        continue
    }
    if (-not $PSCmdlet.ShouldProcess($folder, "Quantize to $TargetBit bits per weight")) { continue }

    $warned = @()
    $begun = @(Get-UnfinishedDate $results)[-1]
    $night = if ($begun) { $begun } else { $date }
    $quantizer = New-AutoBitQuantizer -TargetBit $TargetBit -NumCalibSamples $NumCalibrationSamples
    $settings = $optional + @{
        Destination = "$results/$night"; LogPath = "$results/$night.jsonl"
        NumCalibrationSamples = $NumCalibrationSamples; MaxLength = $MaxLength
    }
    try {
        $null = [System.IO.Directory]::CreateDirectory($results)
        $result = try {
            $quantizer | Invoke-OneCompQuantization $folder @settings -Resume -WarningVariable +warned
        } catch {
            if ($_.FullyQualifiedErrorId -notmatch '^Run(Setting|Source|Calibration)Changed|^RunStateInvalid') { throw }
            $quantizer | Invoke-OneCompQuantization $folder @settings -Force -WarningVariable +warned
        }
        $result | Export-OneCompAssignment -Path "$results/$night.xlsx" -Force -WarningVariable +warned
        $outcome = if ($warned) { 'warnings' } else { 'done' }
        $codes += if ($warned) { 3 } else { 0 }
        $lines.Add((Get-CsvLine $name, $outcome, $result.EffectiveBits, $result.CheckpointBytes, $result.Elapsed.TotalSeconds, ($warned -join ' ')))
        $result
    } catch {
        $codes += & "$PSScriptRoot/exit-code.ps1" $_
        $Host.UI.WriteErrorLine("${name}: $_")
        $lines.Add((Get-CsvLine $name, 'failed', $null, $null, $null, "$($_.FullyQualifiedErrorId): $_"))
    }

    # Only what this script made has a name of this form.
    foreach ($old in @(Get-ResultFolder $results) | Where-Object { $_ -and $_ -notin @(Get-ResultFolder $results)[(-$Keep)..-1] }) {
        [System.IO.Directory]::Delete($old, $true)
        [System.IO.File]::Delete("$old.xlsx")
        [System.IO.File]::Delete("$old.jsonl")
    }
}

if ($lines.Count -gt 1) { [System.IO.File]::WriteAllLines([System.IO.Path]::Combine($Destination, "report-$date.csv"), $lines) }
foreach ($report in [System.IO.Directory]::GetFiles($Destination, 'report-????????-??????.csv')) {
    if ([System.IO.File]::GetLastWriteTime($report) -lt $now.AddDays(-$ReportDays)) { [System.IO.File]::Delete($report) }
}
exit @(4, 1, 2, 3, 0 | Where-Object { $_ -in $codes })[0]
