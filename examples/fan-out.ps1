<#
.SYNOPSIS
    Quantizes several models on several GPU servers: each server takes one model at a time, the results come back here.
.DESCRIPTION
    Opens a PowerShell remoting session to each server (SSH with -HostName, WinRM with -ComputerName), hands every free server the next model and
    writes each result as it comes, with the server's name. Models and -Destination are paths as the servers see them: a share, or the same
    folder on each. The servers need PowerShell 7.6 and the module.
.PARAMETER HostName
    Servers, by SSH: name or user@name.
.PARAMETER ComputerName
    Servers, by WinRM.
.PARAMETER ConfigurationName
    With -ComputerName, the endpoint: the one of PowerShell 7.
.PARAMETER Model
    The models: folders or ids on the Hugging Face hub.
.PARAMETER Destination
    Folder that gets a folder for each model.
.PARAMETER TargetBit
    Budget in bits per weight.
.PARAMETER Device
    Where to compute on each server; its first GPU when left out.
.PARAMETER NumCalibrationSamples
    Calibration windows, for rating the layers and for quantizing them.
.PARAMETER MaxLength
    Tokens of a window.
.PARAMETER Module
    The module as the servers find it.
.EXAMPLE
    ./examples/fan-out.ps1 -HostName gpu1, gpu2 -Model /srv/models/Qwen3-0.6B, /srv/models/Llama-3-8B -Destination /srv/quantized -TargetBit 4
.EXAMPLE
    ./examples/fan-out.ps1 -ComputerName gpu1, gpu2 -Model \\nas\models\Llama-3-8B -Destination \\nas\quantized | Export-Excel D:\fan-out.xlsx
.NOTES
    Exit codes: 0 done, 1 internal error, 2 bad input, 4 out of memory, 130 cancelled. Where models fail for several reasons, out of memory counts before an internal
    error, and that before bad input.
#>
#Requires -Version 7.6
[CmdletBinding(DefaultParameterSetName = 'Ssh')]
param(
    [Parameter(Mandatory, ParameterSetName = 'Ssh')] [string[]] $HostName,
    [Parameter(Mandatory, ParameterSetName = 'WinRM')] [string[]] $ComputerName,
    [Parameter(ParameterSetName = 'WinRM')] [string] $ConfigurationName = 'PowerShell.7',
    [Parameter(Mandatory)] [string[]] $Model,
    [Parameter(Mandatory)] [string] $Destination,
    [double] $TargetBit = 4,
    [string] $Device,
    [int] $NumCalibrationSamples = 128,
    [int] $MaxLength = 2048,
    [string] $Module = 'OneComp'
)
$ErrorActionPreference = 'Stop'

# Runs on a server. What comes back is a copy without methods, so it says all that is needed in plain properties.
$work = {
    param([string] $Module, [string] $Model, [string] $Destination, [double] $TargetBit, [hashtable] $Settings)
    $ErrorActionPreference = 'Stop'
    Import-Module $Module
    New-AutoBitQuantizer -TargetBit $TargetBit -NumCalibSamples $Settings.NumCalibrationSamples | Invoke-OneCompQuantization $Model -Destination $Destination -Force @Settings |
        ForEach-Object { @{ Model = $_.Model; Destination = $_.Destination; EffectiveBits = $_.EffectiveBits; CheckpointBytes = $_.CheckpointBytes; Seconds = $_.Elapsed.TotalSeconds } }
}

$settings = @{ NumCalibrationSamples = $NumCalibrationSamples; MaxLength = $MaxLength }
if ($Device) { $settings['Device'] = $Device }
$codes = @(0)
$sessions = @()
$running = @{} # job id -> what it does
$waiting = [System.Collections.Generic.Queue[string]]::new($Model)
try {
    $sessions = @(
        if ($HostName) { New-PSSession -HostName $HostName }
        else { New-PSSession -ComputerName $ComputerName -ConfigurationName $ConfigurationName }
    )
    $free = [System.Collections.Generic.Queue[object]]::new([object[]]$sessions)
    while ($waiting.Count -or $running.Count) {
        while ($waiting.Count -and $free.Count) {
            $session = $free.Dequeue()
            $next = $waiting.Dequeue()
            $folder = "$Destination/$(($next -split '[\\/]' | Where-Object { $_ })[-1])"
            $job = Invoke-Command -Session $session -AsJob -ScriptBlock $work -ArgumentList $Module, $next, $folder, $TargetBit, $settings
            $running[$job.Id] = @{ Job = $job; Session = $session; Model = $next }
        }

        $done = Wait-Job -Job $running.Values.Job -Any
        $task = $running[$done.Id]
        $running.Remove($done.Id)
        $free.Enqueue($task.Session)
        try {
            foreach ($result in Receive-Job -Job $done) {
                [pscustomobject]@{
                    Server = $task.Session.ComputerName
                    Model = $result.Model
                    Destination = $result.Destination
                    EffectiveBits = $result.EffectiveBits
                    CheckpointBytes = $result.CheckpointBytes
                    Seconds = $result.Seconds
                }
            }
        } catch {
            $codes += & "$PSScriptRoot/exit-code.ps1" $_
            $Host.UI.WriteErrorLine("$($task.Session.ComputerName), $($task.Model): $_")
        } finally {
            Remove-Job -Job $done -Force
        }
    }
} catch {
    $codes += & "$PSScriptRoot/exit-code.ps1" $_
    $Host.UI.WriteErrorLine("$_")
} finally {
    # Also after Ctrl+C: a job that is stopped stops the work on its server.
    foreach ($task in $running.Values) { Remove-Job -Job $task.Job -Force }
    if ($sessions) { Remove-PSSession -Session $sessions }
}
exit @(4, 1, 2, 0 | Where-Object { $_ -in $codes })[0]
