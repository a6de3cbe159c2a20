<#
.SYNOPSIS
    Compresses a model end to end: estimate, plan, quantize, report, measure.
.DESCRIPTION
    Writes the quantized model, assignment.xlsx and heatmap.png to -Output, and shows each result as a table.
.PARAMETER Model
    Folder of the model, or its id on the Hugging Face hub.
.PARAMETER TotalVramGB
    Memory of the GPU that the result is for, in GB.
.PARAMETER Output
    Folder of the results.
.PARAMETER NumCalibrationSamples
    Calibration windows.
.PARAMETER MaxLength
    Tokens of a window.
.EXAMPLE
    dotnet run -c Release --project src/OneComp.Host -- examples/quickstart.ps1
.EXAMPLE
    ./examples/quickstart.ps1 -Model D:\models\Llama-3-8B -TotalVramGB 8 -Output D:\out -MaxLength 2048
#>
#Requires -Version 7.6
param(
    [string] $Model = "$PSScriptRoot/models/tiny-llama",
    [double] $TotalVramGB = 8,
    [string] $Output = "$PSScriptRoot/out",
    [int] $NumCalibrationSamples = 64,
    [int] $MaxLength = 256
)
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/../OneComp.psd1"
$null = [System.IO.Directory]::CreateDirectory($Output)

# 1. How many bits per weight fit the memory?
$estimate = Get-OneCompVramEstimate $Model -TotalVramGB $TotalVramGB
$estimate | Out-Host

# 2. A quantizer for that budget. A model far smaller than the memory is squeezed to 3 bits instead, to show something.
$quantizer = if ($estimate.TargetBitwidth -gt 8) {
    2, 3, 4, 8 | New-GptqQuantizer -GroupSize 128 | New-AutoBitQuantizer -TargetBit 3 -NumCalibSamples 32
} else {
    $estimate | New-AutoBitQuantizer -NumCalibSamples 32
}
$quantizer | Out-Host

# 3. Assign bits to the layers, quantize and save. One round in which the model rewrites the little text keeps this short; without
#    the parameter there are as many as the model's width asks for.
$result = $quantizer | Invoke-OneCompQuantization $Model -Destination "$Output/quantized" -Force `
    -NumCalibrationSamples $NumCalibrationSamples -MaxLength $MaxLength -ResampleRounds 1
$result.Assignment | Out-Host
$result | Out-Host

# 4. Reports.
$result | Export-OneCompAssignment -Path "$Output/assignment.xlsx" -Force -PassThru | Out-Host
$result | Export-OneCompHeatmap -Path "$Output/heatmap.png" -Force -PassThru | Out-Host

# 5. What it cost: perplexity before and after, on text that was not used to calibrate. Lower is better.
$Model, $result.Destination |
    Measure-OneCompPerplexity -Path "$PSScriptRoot/data/held-out.txt" -MaxLength $MaxLength | Out-Host
