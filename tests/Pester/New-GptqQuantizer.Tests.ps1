BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = "$PSScriptRoot/../../examples/models/tiny-llama"
    $failure = 'OneComp.Commands.NewGptqQuantizerCommand'
}

Describe 'New-GptqQuantizer' {
    It 'has the documented defaults' {
        $quantizer = New-GptqQuantizer
        $quantizer.GetType().FullName | Should -Be 'OneComp.Quantization.Gptq.GptqQuantizer'
        $quantizer.Name | Should -Be 'GPTQ_4bit_gs128'
        $quantizer.WBits | Should -Be 4
        $quantizer.GroupSize | Should -Be 128
        $quantizer.BlockSize | Should -Be 128
        $quantizer.PercDamp | Should -Be 0.03
        $quantizer.QNorm | Should -Be 2
        $quantizer.ActOrder | Should -BeTrue
        $quantizer.StaticGroups | Should -BeTrue
        $quantizer.Mse | Should -BeTrue
        $quantizer.WeightedMse | Should -BeFalse
        $quantizer.RefineIters | Should -Be 4
        $quantizer.Sym | Should -BeTrue
    }

    It 'has plain GPTQ as the preset Reference' {
        $quantizer = New-GptqQuantizer -Preset Reference
        $quantizer.ActOrder | Should -BeFalse
        $quantizer.StaticGroups | Should -BeFalse
        $quantizer.Mse | Should -BeFalse
        $quantizer.WeightedMse | Should -BeFalse
        $quantizer.RefineIters | Should -Be 0
        $quantizer.Sym | Should -BeTrue
    }

    It 'has asymmetric grids in the preset Best' {
        $quantizer = New-GptqQuantizer -Preset best
        $quantizer.Sym | Should -BeFalse
        $quantizer.Mse | Should -BeTrue
        $quantizer.WeightedMse | Should -BeTrue
        $quantizer.PercDamp | Should -Be 0.03
        $quantizer.QNorm | Should -Be 2
        $quantizer.TuneSteps | Should -Be 512
    }

    It 'prefers what is given to the preset' {
        $quantizer = New-GptqQuantizer -Preset Best -Sym $true -PercDamp 0.05 -Mse:$false -StaticGroup:$false -RefineIters 1 -TuneSteps 0
        $quantizer.Sym | Should -BeTrue
        $quantizer.PercDamp | Should -Be 0.05
        $quantizer.Mse | Should -BeFalse
        $quantizer.WeightedMse | Should -BeFalse
        $quantizer.StaticGroups | Should -BeFalse
        $quantizer.ActOrder | Should -BeTrue
        $quantizer.RefineIters | Should -Be 1
        $quantizer.TuneSteps | Should -Be 0
    }

    It 'says that -WeightedMse without -Mse has nothing to weight' {
        $thrown = { New-GptqQuantizer -Mse:$false -WeightedMse } | Should -Throw -ErrorId "QuantizerInvalidOptions,$failure" -PassThru
        $thrown.Exception.Parameters | Should -Be 'WeightedMse'
    }

    It 'makes one for each number of bits from the pipeline' {
        $names = 2, 3, 4, 8 | New-GptqQuantizer -GroupSize 128 | ForEach-Object Name
        $names | Should -Be @('GPTQ_2bit_gs128', 'GPTQ_3bit_gs128', 'GPTQ_4bit_gs128', 'GPTQ_8bit_gs128')
    }

    It 'takes its settings' {
        $quantizer = New-GptqQuantizer 3 -GroupSize 64 -BlockSize 32 -PercDamp 0.05 -ActOrder -Mse -QGrid 100 -QNorm 2 -Sym $false -HessianDType float64
        $quantizer.Name | Should -Be 'GPTQ_3bit_gs64'
        $quantizer.BlockSize | Should -Be 32
        $quantizer.PercDamp | Should -Be 0.05
        $quantizer.ActOrder | Should -BeTrue
        $quantizer.Mse | Should -BeTrue
        $quantizer.QGrid | Should -Be 100
        $quantizer.QNorm | Should -Be 2
        $quantizer.Sym | Should -BeFalse
        $quantizer.HessianType | Should -Be 'Float64'
    }

    It 'gives MLP layers and named modules bits and groups of their own' {
        $rows = New-GptqQuantizer 4 -MlpWBits 3 -MlpGroupSize 64 -ModuleWBits @{ down_proj = 8 } | Get-OneCompAssignment $model
        $block = $rows | Where-Object Block -EQ 0
        $block | ForEach-Object Bits | Should -Be @(4, 4, 4, 4, 3, 3, 8)
        $block | ForEach-Object GroupSize | Should -Be @(128, 128, 128, 128, 64, 64, 64)
    }

    It 'lists all faults at once, by parameter' {
        $thrown = { New-GptqQuantizer -WBits 1 -BlockSize 0 -PercDamp -1 -QNorm 0 -MlpWBits 12 -ModuleWBits @{ up_proj = 99 } } |
            Should -Throw -ErrorId "QuantizerInvalidOptions,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $thrown.Exception.Parameters | Should -Be @('WBits', 'QNorm', 'BlockSize', 'PercDamp', 'MlpWBits', 'ModuleWBits[up_proj]')
        foreach ($part in 'WBits: 1 ', 'BlockSize: 0 ', 'PercDamp: -1 ', 'QNorm: 0 ', 'MlpWBits: 12 ', 'up_proj]: 99 ') {
            $thrown.Exception.Message | Should -BeLike "*$([Management.Automation.WildcardPattern]::Escape($part))*"
        }
    }

    It 'refuses bits by module that are no number' {
        $thrown = { New-GptqQuantizer -ModuleWBits @{ down_proj = 'many' } } | Should -Throw -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $thrown.Exception.Message | Should -BeLike '*many*'
    }
}
