# Values: the Python reference's, in tests/OneComp.Tests/Data/tiny-llama-ref.json.
BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = [IO.Path]::GetFullPath("$PSScriptRoot/../../examples/models/tiny-llama")
    $reference = [System.Text.Json.JsonDocument]::Parse([IO.File]::ReadAllText("$PSScriptRoot/../OneComp.Tests/Data/tiny-llama-ref.json")).RootElement
    $failure = 'OneComp.Commands.GetOneCompAssignmentCommand'
}

Describe 'Get-OneCompAssignment' {
    BeforeAll {
        $rows = 2, 3, 4, 8 | New-GptqQuantizer -GroupSize 128 | New-AutoBitQuantizer -TargetBit 3 -AssignmentStrategy ilp | Get-OneCompAssignment $model
    }

    It 'gives one flat row a layer' {
        $rows | Should -HaveCount 42
        $row = $rows[6]
        $row.Layer | Should -Be 'model.layers.0.mlp.down_proj'
        $row.Block | Should -Be 0
        $row.Module | Should -Be 'mlp.down_proj'
        $row.InFeatures | Should -Be 640
        $row.OutFeatures | Should -Be 256
        $row.Parameters | Should -Be 163840
        $row.Quantizer | Should -Be "GPTQ_$($row.Bits)bit_gs128"
        $row.Bits | Should -BeIn 2, 3, 4, 8
        $row.EffectiveBits | Should -Be ($row.Bits + (16 + $row.Bits) / 128)
        $row.GroupSize | Should -Be 128
        $row.Error | Should -BeGreaterThan 0
        $row.Error | Should -BeOfType ([double])
    }

    It 'keeps to the budget' {
        $bits = 0.0
        $weights = 0.0
        foreach ($row in $rows) {
            $bits += $row.EffectiveBits * $row.Parameters
            $weights += $row.Parameters
        }
        $bits / $weights | Should -BeLessOrEqual (3 + 19 / 128 + 1e-9)
    }

    It 'gives layers that servers fuse the same bits' {
        foreach ($index in 0..5) {
            $block = $rows | Where-Object Block -EQ $index
            $block[0].Quantizer, $block[1].Quantizer | Should -Be @($block[2].Quantizer, $block[2].Quantizer)
            $block[4].Quantizer | Should -Be $block[5].Quantizer
        }
    }

    It 'rates candidates as the reference does' {
        foreach ($case in @{ Bits = 2; Index = 0 }, @{ Bits = 4; Index = 2 }) {
            $rated = $case.Bits | New-GptqQuantizer -GroupSize -1 | New-AutoBitQuantizer $case.Bits -AssignmentStrategy ilp | Get-OneCompAssignment $model
            foreach ($row in $rated) {
                $expected = $reference.GetProperty('errors_ilp').GetProperty($row.Layer)[$case.Index].GetDouble()
                [Math]::Abs($row.Error / $expected - 1) | Should -BeLessOrEqual 1e-4 -Because "$($row.Layer) at $($case.Bits) bits"
            }
        }
    }

    It 'loses no more than the reference''s assignment' {
        $plan = 2, 3, 4, 8 | New-GptqQuantizer -GroupSize -1 | New-AutoBitQuantizer 2.25 -AssignmentStrategy ilp -EnableFusedGroups $false |
            Get-OneCompAssignment $model
        $total = 0.0
        foreach ($row in $plan) { $total += $row.Error }
        $case = $reference.GetProperty('autobit').EnumerateArray() | Where-Object {
            $_.GetProperty('strategy').GetString() -eq 'ilp' -and $_.GetProperty('target_bit').GetDouble() -eq 2.25 -and
            $_.GetProperty('groupsize').GetInt32() -eq -1 -and -not $_.GetProperty('fused').GetBoolean()
        }
        $case | Should -HaveCount 1
        $total | Should -BeLessOrEqual ($case.GetProperty('total_error').GetDouble() * (1 + 1e-4)) # the rating's own tolerance
    }

    It 'rates with activations by the strategy activation_aware' {
        $plan = New-AutoBitQuantizer 3 -AssignmentStrategy activation_aware -NumCalibSamples 4 -CalibSeqLen 64 |
            Get-OneCompAssignment $model -CalibrationStrategy concat_chunk_align -Seed 1
        $plan | Should -HaveCount 42
        $plan[0].Error | Should -Not -Be $rows[0].Error
    }

    It 'takes the model from the quantizer' {
        @(Get-OneCompVramEstimate $model -TotalVramGB 0.0115 | New-AutoBitQuantizer -AssignmentStrategy ilp | Get-OneCompAssignment) | Should -HaveCount 42
        @(2, 4 | New-RtnQuantizer | New-AutoBitQuantizer 3 -Model $model -AssignmentStrategy ilp | Get-OneCompAssignment) | Should -HaveCount 42
    }

    It 'follows the selection rules' {
        $plan = New-RtnQuantizer -IncludeLayerKeyword mlp -ExcludeLayerKeyword down_proj -NumLayers 3 | Get-OneCompAssignment $model
        $plan | ForEach-Object Layer | Should -Be @('model.layers.0.mlp.gate_proj', 'model.layers.0.mlp.up_proj', 'model.layers.1.mlp.gate_proj')
    }

    It 'refuses rules that select nothing' {
        $thrown = { New-RtnQuantizer -IncludeLayerName nothing | Get-OneCompAssignment $model } | Should -Throw -ErrorId "AssignmentNoLayer,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
    }

    It 'says the smallest target that the candidates reach, where <Target> is below it' -ForEach @{ Target = 1.5 }, @{ Target = 0.5 } {
        $thrown = { New-AutoBitQuantizer $Target -AssignmentStrategy ilp -AutoDbf $false | Get-OneCompAssignment $model } |
            Should -Throw -ErrorId "AssignmentBudgetTooSmall,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $thrown.Exception.Message | Should -BeLike "*$Target*smallest*is 2 (2.1406 bits*"
    }

    It 'plans with -WhatIf but draws no picture' {
        $q = New-AutoBitQuantizer 3 -AssignmentStrategy ilp -SavePath "$TestDrive/plan.png"
        $q | Get-OneCompAssignment $model -WhatIf | Should -HaveCount 42
        "$TestDrive/plan.png" | Should -Not -Exist
        $null = $q | Get-OneCompAssignment $model
        "$TestDrive/plan.png" | Should -Exist
    }

    It 'reaches the smallest target' {
        New-AutoBitQuantizer 2 -AssignmentStrategy ilp | Get-OneCompAssignment $model | ForEach-Object Bits | Where-Object { $_ -ne 2 } | Should -BeNullOrEmpty
    }
}
