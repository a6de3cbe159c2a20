<#
.SYNOPSIS
    Runs the same quantization on the CPU and on a GPU and shows both results: time, bits, perplexity.
.DESCRIPTION
    For a host with a GPU. The results should agree: perplexities within a percent of each other, the same bits for
    nearly every layer (a GPU computes tiny-llama in bfloat16, the CPU in float32).
.EXAMPLE
    dotnet run -c Release --project src/OneComp.Host -- bench/compare-devices.ps1
#>
param(
    [string] $Model = "$PSScriptRoot/../examples/models/tiny-llama",
    [string] $Text = "$PSScriptRoot/../examples/data/held-out.txt",
    [string[]] $Device = @('cpu', 'cuda:0'),
    [string] $Output = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), 'onecomp-compare')
)
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/../OneComp.psd1"
Get-OneCompDevice | Out-Host

$quantizers = @(
    New-GptqQuantizer -WBits 3 -Name 'gptq3'
    New-GptqQuantizer -WBits 3 -ActOrder -Mse -Name 'gptq3-act-mse'
    New-GptqQuantizer -WBits 4 -GroupSize 32 -Sym $false -Name 'gptq4-g32-asym'
    New-RtnQuantizer -WBits 4 -Name 'rtn4'
    New-AutoBitQuantizer -TargetBit 3 -Name 'autobit3'
)
foreach ($quantizer in $quantizers) {
    foreach ($name in $Device) {
        $result = $quantizer | Invoke-OneCompQuantization $Model -Destination "$Output/$($quantizer.Name)-$($name.Replace(':', ''))" `
            -NumCalibrationSamples 64 -MaxLength 256 -Device $name -Force
        $measured = $result.Destination | Measure-OneCompPerplexity -Path $Text -MaxLength 256 -Device $name
        $line = '{0,-16} {1,-8} {2,8:0.00} s  {3:0.000} bits  perplexity {4:0.000}' -f $quantizer.Name, $name, $result.Elapsed.TotalSeconds,
            $result.EffectiveBits, $measured.Perplexity
        $Host.UI.WriteLine($line)
    }
}
