<#
.SYNOPSIS
    Gives the exit code of the examples for an error: those of OneComp.Host.
.DESCRIPTION
    0 done, 1 a fault of the program, the disk or the numbers, 2 bad input or a setting that does not fit, 3 done with warnings, 4 out of memory,
    130 cancelled (docs/logs.md). The scripts beside this one call it; a scheduler sees the code.
.PARAMETER ErrorRecord
    What ended the work.
.EXAMPLE
    try { Get-OneCompModel ./nothing -ErrorAction Stop } catch { & ./examples/exit-code.ps1 $_ }
.OUTPUTS
    System.Int32
#>
#Requires -Version 7.6
[OutputType([int])]
param(
    [Parameter(Mandatory, Position = 0)] [System.Management.Automation.ErrorRecord] $ErrorRecord
)
# What ended a job, on another machine perhaps, lies within the record that says that it ended.
$fault = if ($ErrorRecord.FullyQualifiedErrorId -like 'JobStateFailed*' -and $ErrorRecord.Exception.ErrorRecord) { $ErrorRecord.Exception.ErrorRecord } else { $ErrorRecord }
$badInput = 'InvalidArgument', 'InvalidData', 'ObjectNotFound', 'ResourceExists', 'PermissionDenied', 'NotImplemented', 'ResourceUnavailable', 'ParserError', 'SyntaxError'
if ($fault.Exception -is [System.Management.Automation.PipelineStoppedException]) { 130 }
elseif ($fault.FullyQualifiedErrorId -like 'OneCompOutOfMemory*') { 4 }
elseif ("$($fault.CategoryInfo.Category)" -in $badInput) { 2 }
else { 1 }
