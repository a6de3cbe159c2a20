<#
.SYNOPSIS
    Plans in a workbook: writes the plan, and carries it out once it has been edited.
.DESCRIPTION
    The first call writes the plan of -Model to -Path. Open it, change Bits on the sheet Assignment (2, 3, 4 or 8, the candidates' widths; a row that is
    deleted leaves its layer as it is), save. The second call, with -Apply, reads the workbook back and quantizes by it. Rows that cannot be carried
    out are refused with every fault, also where they overrun the budget.
.PARAMETER Model
    Folder of the model, or its id on the Hugging Face hub.
.PARAMETER Path
    The workbook.
.PARAMETER TargetBit
    Budget in bits per weight.
.PARAMETER Apply
    Read the workbook back and quantize.
.PARAMETER Destination
    With -Apply, folder of the quantized model.
.PARAMETER Module
    The module: its manifest, or OneComp where it is installed.
.EXAMPLE
    ./examples/plan-in-excel.ps1 -Path ./plan.xlsx
.EXAMPLE
    ./examples/plan-in-excel.ps1 -Path ./plan.xlsx -Apply -Destination D:\models\planned
.NOTES
    Exit codes: 0 done, 1 internal error, 2 bad input, 4 out of memory, 130 cancelled.
#>
#Requires -Version 7.6
[CmdletBinding()]
param(
    [string] $Model = "$PSScriptRoot/models/tiny-llama",
    [string] $Path = "$PSScriptRoot/out/plan.xlsx",
    [double] $TargetBit = 3,
    [switch] $Apply,
    [string] $Destination = "$PSScriptRoot/out/planned",
    [string] $Module = "$PSScriptRoot/../OneComp.psd1"
)
$ErrorActionPreference = 'Stop'
try {
    Import-Module $Module
    # Costs from the weights alone: quick. Leave -AssignmentStrategy out for costs by quantizing with calibration text.
    $quantizer = 2, 3, 4, 8 | New-GptqQuantizer -GroupSize 128 | New-AutoBitQuantizer -TargetBit $TargetBit -AssignmentStrategy ilp
    if ($Apply) {
        $rows = Import-OneCompAssignment $Path
        $quantizer | Invoke-OneCompQuantization $Model -Destination $Destination -Assignment $rows -NumCalibrationSamples 32 -MaxLength 256 -Force
    } else {
        $file = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path) # .NET has a current folder of its own
        $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($file))
        $quantizer | Get-OneCompAssignment $Model | Export-OneCompAssignment -Path $Path -Force -PassThru
    }
} catch {
    $Host.UI.WriteErrorLine("$_")
    exit (& "$PSScriptRoot/exit-code.ps1" $_)
}
