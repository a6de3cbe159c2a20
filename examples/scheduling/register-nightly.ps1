<#
.SYNOPSIS
    Registers nightly-batch.ps1 as a scheduled task of Windows.
.DESCRIPTION
    The task runs pwsh without profile and window, under a group managed service account by default, whose password nobody knows. The account needs read access to
    -Models, write access to -Destination and the right 'Log on as a batch job'. A run that is still going on when the next is due is left alone.
    The Task Scheduler shows the script's exit code as the last result: 0 done, 3 done with warnings, 2 bad input, 4 out of memory, 1 internal error.

    The twins for Linux lie beside this script: onecomp-nightly.service and .timer for systemd, crontab.txt for cron.
.PARAMETER Models
    Folder with a folder for each model.
.PARAMETER Destination
    Folder of results and reports.
.PARAMETER TargetBit
    Budget in bits per weight.
.PARAMETER Account
    The group managed service account, with its $ at the end: CONTOSO\onecomp$. NT AUTHORITY\SYSTEM works too.
.PARAMETER At
    Time of day.
.PARAMETER TaskName
    Name of the task.
.PARAMETER Script
    The script to run.
.PARAMETER Module
    The module: OneComp where it is installed for all users, or its manifest.
.EXAMPLE
    ./examples/scheduling/register-nightly.ps1 -Models D:\models -Destination D:\quantized -Account 'CONTOSO\onecomp$' -At 01:30
.EXAMPLE
    ./examples/scheduling/register-nightly.ps1 -Models D:\models -Destination D:\quantized -Account 'CONTOSO\onecomp$' -WhatIf
.NOTES
    Needs the right to register tasks: an elevated prompt.
#>
#Requires -Version 7.6
#Requires -RunAsAdministrator
#Requires -Modules ScheduledTasks
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $Models,
    [Parameter(Mandatory)] [string] $Destination,
    [Parameter(Mandatory)] [string] $Account,
    [double] $TargetBit = 4,
    [datetime] $At = '01:30',
    [string] $TaskName = 'OneComp nightly',
    [string] $Script = [System.IO.Path]::GetFullPath("$PSScriptRoot/../nightly-batch.ps1"),
    [string] $Module = 'OneComp'
)
$ErrorActionPreference = 'Stop'
$bits = $TargetBit.ToString([cultureinfo]::InvariantCulture)
$arguments = "-NoProfile -NonInteractive -File `"$Script`" -Models `"$Models`" -Destination `"$Destination`" -TargetBit $bits -Module `"$Module`""
if ($PSCmdlet.ShouldProcess($TaskName, "Register: pwsh $arguments as $Account")) {
    # The stable name of an installation by MSI; the full path of this pwsh may carry a version.
    $action = New-ScheduledTaskAction -Execute 'pwsh.exe' -Argument $arguments
    $trigger = New-ScheduledTaskTrigger -Daily -At $At
    # 'Password' tells the scheduler to ask the domain for the managed account's password; a service account of Windows has none.
    $logon = if ($Account -like '*$') { 'Password' } else { 'ServiceAccount' }
    $principal = New-ScheduledTaskPrincipal -UserId $Account -LogonType $logon
    $settings = New-ScheduledTaskSettingsSet -MultipleInstances IgnoreNew -StartWhenAvailable -ExecutionTimeLimit ([timespan]::FromHours(20))
    Register-ScheduledTask -TaskName $TaskName -Action $action -Trigger $trigger -Principal $principal -Settings $settings -Description 'Quantizes every model of a folder.' -Force
}
