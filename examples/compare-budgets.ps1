<#
.SYNOPSIS
    Compares several budgets: what each bit more buys.
.DESCRIPTION
    Rates the layers once, plans for each budget, and writes budgets.xlsx (summary, curve with a chart, all rows) and budgets.png to -Output.
    With -Measure each plan is carried out too, and its perplexity shown beside that of the model.
.PARAMETER Model
    Folder of the model, or its id on the Hugging Face hub.
.PARAMETER TargetBit
    The budgets, in bits per weight.
.PARAMETER Output
    Folder of the reports, and of the quantized models.
.PARAMETER Measure
    Quantize for each budget and measure perplexity.
.PARAMETER Text
    Text to measure on.
.PARAMETER Module
    The module: its manifest, or OneComp where it is installed.
.EXAMPLE
    ./examples/compare-budgets.ps1 -TargetBit 2.25, 2.5, 3, 4
.EXAMPLE
    ./examples/compare-budgets.ps1 -Model D:\models\Qwen3-0.6B -TargetBit 2.5, 3, 4 -Output D:\budgets -Measure
.NOTES
    Exit codes: 0 done, 1 internal error, 2 bad input, 4 out of memory, 130 cancelled.
#>
#Requires -Version 7.6
[CmdletBinding()]
param(
    [string] $Model = "$PSScriptRoot/models/tiny-llama",
    [double[]] $TargetBit = @(2.25, 2.5, 3, 3.5, 4, 5),
    [string] $Output = "$PSScriptRoot/out/budgets",
    [switch] $Measure,
    [string] $Text = "$PSScriptRoot/data/held-out.txt",
    [string] $Module = "$PSScriptRoot/../OneComp.psd1"
)
$ErrorActionPreference = 'Stop'
try {
    Import-Module $Module
    $Output = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Output) # .NET has a current folder of its own
    $null = [System.IO.Directory]::CreateDirectory($Output)
    $quantizer = New-AutoBitQuantizer -TargetBit $TargetBit[0] -AssignmentStrategy ilp
    $rows = $quantizer | Get-OneCompAssignment $Model -TargetBit $TargetBit
    $rows | Export-OneCompAssignment -Path "$Output/budgets.xlsx" -Force
    $rows | Export-OneCompAssignment -Path "$Output/budgets.png" -Force

    # One object a budget: effective bits, cost, what the solver proved.
    $quantizer | Get-OneCompAssignment $Model -TargetBit $TargetBit -Summary

    if ($Measure) {
        $folders = foreach ($target in $TargetBit) {
            $folder = "$Output/$($target.ToString([cultureinfo]::InvariantCulture))"
            $plan = $rows | Where-Object TargetBit -EQ $target
            (New-AutoBitQuantizer -TargetBit $target | Invoke-OneCompQuantization $Model -Destination $folder -Assignment $plan -MaxLength 256 -Force).Destination
        }
        $Model, $folders | ForEach-Object { $_ } | Measure-OneCompPerplexity -Path $Text -MaxLength 256
    }
} catch {
    $Host.UI.WriteErrorLine("$_")
    exit (& "$PSScriptRoot/exit-code.ps1" $_)
}
