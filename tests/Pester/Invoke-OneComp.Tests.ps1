BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = [IO.Path]::GetFullPath("$PSScriptRoot/../../examples/models/tiny-llama")
    $few = @{ NumCalibrationSamples = 2; MaxLength = 32; Device = 'cpu' }
    $small = [IO.Path]::GetFullPath("$PSScriptRoot/../OneComp.Tests/Data/architectures/qwen2")
    $ids = @{ Path = "$small/expected.safetensors"; TensorName = 'input_ids' }
    $all = @{ Model = $small; WBits = 3; GroupSize = 32; CalibrationPath = $ids.Path; NumCalibrationSamples = 1; Device = 'cpu' } + $ids
    $failure = 'OneComp.Commands.InvokeOneCompCommand'
}

Describe 'Invoke-OneComp' {
    BeforeAll {
        $result = Invoke-OneComp @all -Destination "$TestDrive/out/three" -EvaluateOriginal
    }

    It 'says in one flat row what it made' {
        $result | Should -HaveCount 1
        $result.GetType().FullName | Should -Be 'OneComp.Compression.CompressionResult'
        $result.Model | Should -Be $small
        [IO.Path]::GetFileName($result.Destination) | Should -Be 'three'
        $result.TargetBit | Should -Be 3
        $result.EffectiveBits | Should -BeLessOrEqual (3 + 19 / 32)
        $result.Layers | Should -Be 14
        $result.Seconds | Should -BeGreaterThan 0
        foreach ($property in $result.PSObject.Properties) {
            $property.Value -is [string] -or $property.Value -isnot [Collections.IEnumerable] | Should -BeTrue -Because "$($property.Name) is to be flat"
        }
    }

    It 'measures both models as Measure-OneCompPerplexity does' {
        $measured = $small, $result.Destination | Measure-OneCompPerplexity @ids -Device cpu
        $result.OriginalPerplexity | Should -Be $measured[0].Perplexity
        $result.Perplexity | Should -Be $measured[1].Perplexity
    }

    It 'counts bytes' {
        $weights = [IO.FileInfo]::new("$small/model.safetensors").Length
        $result.OriginalBytes | Should -BeLessThan $weights
        $result.OriginalBytes | Should -BeGreaterThan ($weights - 5000)
        $result.CheckpointBytes | Should -BeGreaterThan ([IO.FileInfo]::new("$($result.Destination)/model.safetensors").Length)
        $result.Ratio | Should -Be ($result.OriginalBytes / $result.CheckpointBytes)
    }

    It 'writes the reports beside the folder and the perplexity into its card' {
        $result.Workbook | Should -Exist
        $result.Heatmap | Should -Exist
        [IO.File]::ReadAllText("$($result.Destination)/README.md") | Should -BeLike '*expected.safetensors*'
        Import-OneCompAssignment $result.Workbook | Should -HaveCount 14
    }

    It 'flows on to the cmdlets that look at what was written' {
        $result | Test-OneCompModel -Quiet | Should -BeTrue
        ($result | Import-OneCompModel).Layers | Should -Be 14
    }

    It 'leaves out what is not wanted' {
        $bare = Invoke-OneComp @all -Destination "$TestDrive/out/bare" -NoQep -NoEvaluation
        $bare.Perplexity | Should -BeNullOrEmpty
        $bare.OriginalPerplexity | Should -BeNullOrEmpty
        $bare.EvaluationPath | Should -BeNullOrEmpty
        [IO.File]::ReadAllText("$($bare.Destination)/onecomp.json") | Should -Match '"Qep": null'
    }

    It 'replaces neither folder nor reports without -Force' {
        { Invoke-OneComp @all -Destination "$TestDrive/out/three" } | Should -Throw -ErrorId "ReportFileExists,$failure"
        [IO.File]::Delete($result.Workbook)
        [IO.File]::Delete($result.Heatmap)
        { Invoke-OneComp @all -Destination "$TestDrive/out/three" } | Should -Throw -ErrorId "DestinationExists,$failure"
    }
}

Describe 'Invoke-OneComp -WhatIf' {
    It 'foretells the run and writes nothing' {
        $forecast = Invoke-OneComp $model -WBits 3 -Destination "$TestDrive/never/q" -WhatIf @few
        $forecast.GetType().FullName | Should -Be 'OneComp.Estimation.QuantizationForecast'
        $forecast.TargetBit | Should -Be 3
        $forecast.Layers | Should -Be 42
        "$TestDrive/never" | Should -Not -Exist
    }

    It 'takes the bits that fit the memory' {
        $bits = (Invoke-OneComp $model -TotalVramGB 0.0115 -WhatIf @few).TargetBit
        $estimate = (Get-OneCompVramEstimate $model -TotalVramGB 0.0115).TargetBit
        $bits | Should -BeLessOrEqual $estimate
        $bits | Should -BeGreaterThan ($estimate - 0.0101)
    }

    It 'takes 8 bits at most' {
        (Invoke-OneComp $model -TotalVramGB 1 -WhatIf @few).TargetBit | Should -Be 8
    }

    It 'names the folder by the model and its bits' {
        $forecast = Invoke-OneComp $model -WBits 2.5 -WhatIf @few
        [IO.Path]::GetFileName($forecast.Destination) | Should -Be 'tiny-llama-2.5bit'
    }

    It 'takes bits and model from an estimate' {
        $forecast = Get-OneCompVramEstimate $model -TotalVramGB 0.0115 | Invoke-OneComp -Destination "$TestDrive/never" -WhatIf @few
        $forecast.TargetBit | Should -Be (Get-OneCompVramEstimate $model -TotalVramGB 0.0115).TargetBit
    }

    It 'refuses memory that holds the model at no bits' {
        { Invoke-OneComp $model -TotalVramGB 0.001 -WhatIf } | Should -Throw -ErrorId "EstimateModelTooLarge,$failure"
    }
}
