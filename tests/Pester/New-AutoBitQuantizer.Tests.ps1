BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = [IO.Path]::GetFullPath("$PSScriptRoot/../../examples/models/tiny-llama")
    $failure = 'OneComp.Commands.NewAutoBitQuantizerCommand'
}

Describe 'New-AutoBitQuantizer' {
    It 'gathers the candidates of the pipeline into one quantizer' {
        $quantizer = 2, 3, 4, 8 | New-GptqQuantizer -GroupSize 128 | New-AutoBitQuantizer -TargetBit 3
        $quantizer | Should -HaveCount 1
        $quantizer.GetType().FullName | Should -Be 'OneComp.Quantization.AutoBit.AutoBitQuantizer'
        $quantizer.Quantizers | ForEach-Object Name | Should -Be @('GPTQ_2bit_gs128', 'GPTQ_3bit_gs128', 'GPTQ_4bit_gs128', 'GPTQ_8bit_gs128')
        $quantizer.TargetBit | Should -Be 3
        $quantizer.Model | Should -BeNullOrEmpty
    }

    It 'has the reference''s defaults' {
        $quantizer = New-AutoBitQuantizer 3.5
        $quantizer.Name | Should -Be 'AutoBit_3.5bit'
        $quantizer.AssignmentStrategy | Should -Be 'ActivationAware'
        $quantizer.NumCalibSamples | Should -Be 128
        $quantizer.CalibSeqLen | Should -Be 256
        $quantizer.UseCurvatureB | Should -BeTrue
        $quantizer.EnableFusedGroups | Should -BeTrue
        $quantizer.Quantizers | ForEach-Object WBits | Should -Be @(2, 3, 4, 8)
    }

    It 'rates by quantizing, unless the strategy is ilp' {
        (New-AutoBitQuantizer 3).CostMetric | Should -BeNullOrEmpty
        (New-AutoBitQuantizer 3).NeedsCalibration | Should -BeTrue
        (New-AutoBitQuantizer 3 -AssignmentStrategy ilp).NeedsCalibration | Should -BeFalse
    }

    It 'knows the cost as <_>' -ForEach 'activation_aware', 'ActivationAware' {
        (New-AutoBitQuantizer 3 -CostMetric $_).CostMetric | Should -Be 'ActivationAware'
    }

    It 'has candidates and costs of the reference in the preset Reference' {
        $quantizer = New-AutoBitQuantizer 3 -Preset Reference
        $quantizer.CostMetric | Should -Be 'ActivationAware'
        $quantizer.Quantizers | ForEach-Object Mse | Should -Be @($false, $false, $false, $false)
    }

    It 'has asymmetric candidates in the preset Best' {
        (New-AutoBitQuantizer 3 -Preset Best).Quantizers | ForEach-Object Sym | Should -Be @($false, $false, $false, $false)
    }

    It 'takes -<_> for the budget' -ForEach 'TargetBit', 'TargetBitwidth' {
        $budget = @{ $_ = 2.5 }
        (New-AutoBitQuantizer @budget).TargetBit | Should -Be 2.5
    }

    It 'takes model and budget from an estimate' {
        $estimate = Get-OneCompVramEstimate $model -TotalVramGB 0.0115
        $quantizer = $estimate | New-AutoBitQuantizer
        $quantizer.Model | Should -Be $model
        $quantizer.TargetBit | Should -Be $estimate.TargetBitwidth
    }

    It 'prefers a budget given as an argument to the estimate''s' {
        $quantizer = Get-OneCompVramEstimate $model -TotalVramGB 0.0115 | New-AutoBitQuantizer -TargetBit 3
        $quantizer.TargetBit | Should -Be 3
        $quantizer.Model | Should -Be $model
    }

    It 'takes candidates as an argument beside an estimate from the pipeline' {
        $quantizer = Get-OneCompVramEstimate $model -TotalVramGB 0.0115 | New-AutoBitQuantizer -Quantizer (2, 4 | New-GptqQuantizer)
        $quantizer | Should -HaveCount 1
        $quantizer.Quantizers | ForEach-Object WBits | Should -Be @(2, 4)
        $quantizer.Model | Should -Be $model
    }

    It 'takes candidates from the pipeline beside -Model as an argument' {
        $quantizer = 2, 4 | New-RtnQuantizer | New-AutoBitQuantizer 3 -Model $model
        $quantizer.Quantizers | Should -HaveCount 2
        $quantizer.Model | Should -Be $model
    }

    It 'knows the strategy as <_>' -ForEach 'activation_aware', 'ActivationAware', 'activationaware' {
        (New-AutoBitQuantizer 3 -AssignmentStrategy $_).AssignmentStrategy | Should -Be 'ActivationAware'
    }

    It 'names the strategies where one is not known' {
        $thrown = { New-AutoBitQuantizer 3 -AssignmentStrategy best } | Should -Throw -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $thrown.Exception.Message | Should -BeLike '*best*ActivationAware, Ilp, Manual*'
    }

    It 'needs a budget, unless the candidates say which layers they take' {
        $thrown = { New-AutoBitQuantizer } | Should -Throw -ErrorId "QuantizerInvalidOptions,$failure" -PassThru
        $thrown.Exception.Parameters | Should -Be 'TargetBit'
        (New-RtnQuantizer | New-AutoBitQuantizer -AssignmentStrategy manual).TargetBit | Should -BeNullOrEmpty
    }

    It 'lists all faults at once, by parameter, those of candidates too' {
        $thrown = { 5, 4 | New-GptqQuantizer | New-AutoBitQuantizer -TargetBit 99 -NumCalibSamples 0 -CalibSeqLen 1 } |
            Should -Throw -ErrorId "QuantizerInvalidOptions,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $thrown.Exception.Parameters | Should -Be @('TargetBit', 'NumCalibSamples', 'CalibSeqLen', 'Quantizers[0]')
        $thrown.Exception.Message | Should -BeLike '*GPTQ_5bit_gs128*EnableFusedGroups*'
    }
}
