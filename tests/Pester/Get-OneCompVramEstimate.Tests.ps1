# Values: the Python reference's, in tests/OneComp.Tests/Data/tiny-llama-ref.json.
BeforeDiscovery {
    $file = [IO.File]::ReadAllText("$PSScriptRoot/../OneComp.Tests/Data/tiny-llama-ref.json")
    $cases = foreach ($row in [System.Text.Json.JsonDocument]::Parse($file).RootElement.GetProperty('vram').EnumerateArray()) {
        @{
            Total     = $row.GetProperty('total_vram_gb').GetDouble()
            Reference = @{
                TargetBitwidth      = $row.GetProperty('target_bitwidth').GetDouble()
                BudgetGB            = $row.GetProperty('budget_gb').GetDouble()
                NonQuantWeightGB    = $row.GetProperty('non_quant_weight_gb').GetDouble()
                AvailableForQuantGB = $row.GetProperty('available_for_quant_gb').GetDouble()
                TotalParams         = $row.GetProperty('total_params').GetDouble()
                QuantizableParams   = $row.GetProperty('quantizable_params').GetDouble()
                MetaBitsPerParam    = $row.GetProperty('meta_bits_per_param').GetDouble()
            }
        }
    }
}

BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = [IO.Path]::GetFullPath("$PSScriptRoot/../../examples/models/tiny-llama")
    $failure = 'OneComp.Commands.GetOneCompVramEstimateCommand'
}

Describe 'Get-OneCompVramEstimate' {
    It 'gives the reference''s figures for <Total> GB' -ForEach $cases {
        $estimate = Get-OneCompVramEstimate $model -TotalVramGB $Total -Method OneComp
        foreach ($name in $Reference.Keys) {
            [Math]::Abs($estimate.$name / $Reference[$name] - 1) | Should -BeLessOrEqual 1e-9 -Because "$name is $($estimate.$name)"
        }
        $estimate.TotalVramGB | Should -Be $Total
    }

    It 'has the target by both names' {
        $estimate = Get-OneCompVramEstimate $model -TotalVramGB 0.0115
        $estimate.TargetBit | Should -Be $estimate.TargetBitwidth
        $estimate.TargetBit | Should -BeGreaterThan 3
        $estimate.Model | Should -Be $model
    }

    It 'spends the share that -VramRatio gives' {
        (Get-OneCompVramEstimate $model -TotalVramGB 0.02 -VramRatio 0.8).BudgetGB | Should -Be (0.02 * 0.8)
        (Get-OneCompVramEstimate $model -TotalVramGB 0.02).BudgetGB | Should -Be (0.02 * 0.9)
    }

    It 'counts scales and zero points by -GroupSize and -WBits' {
        (Get-OneCompVramEstimate $model -TotalVramGB 0.01 -GroupSize 64 -WBits 8 -Method OneComp).MetaBitsPerParam | Should -Be (24 / 64)
    }

    It 'needs no weights' {
        $null = [IO.Directory]::CreateDirectory("$TestDrive/bare")
        [IO.File]::Copy("$model/config.json", "$TestDrive/bare/config.json")
        (Get-OneCompVramEstimate "$TestDrive/bare" -TotalVramGB 0.01).TotalParams | Should -Be 6229248
    }

    It 'reads the GPU where no memory is given, or says that there is none' {
        $gpu = @(Get-OneCompDevice cuda*)
        if ($gpu) {
            (Get-OneCompVramEstimate $model).TotalVramGB | Should -Be ($gpu[0].TotalMemoryBytes / 1e9)
        } else {
            $thrown = { Get-OneCompVramEstimate $model -ErrorAction Stop } | Should -Throw -ErrorId "EstimateNoGpu,$failure" -PassThru
            $thrown.CategoryInfo.Category | Should -Be 'ResourceUnavailable'
            $thrown.Exception.Message | Should -BeLike '*-TotalVramGB*'
        }
    }

    It 'counts by default, and the parts sum to the budget' {
        $estimate = Get-OneCompVramEstimate $model -TotalVramGB 0.02 -ContextLength 256 -BatchSize 2 -KvBits 8 -ReserveGB 0.001
        $estimate.Method | Should -Be 'Exact'
        $estimate.KvCacheGB | Should -Be (2 * 6 * 2 * 32 * 256 * 2 / 1e9 * 2)
        $sum = $estimate.KvCacheGB + $estimate.WorkspaceGB + $estimate.NonQuantWeightGB + $estimate.AvailableForQuantGB
        [Math]::Abs($sum - 0.017) | Should -BeLessThan 1e-9
        $estimate.Tensors.Kind | Should -Be 'Embedding', 'Norm', 'Linear', 'Head'
        ($estimate.Tensors | Where-Object Kind -EQ 'Linear').Parameters | Should -Be 4128768
    }

    It 'has other bits for another form' {
        $gptq = Get-OneCompVramEstimate $model -TotalVramGB 0.0115
        $packed = Get-OneCompVramEstimate $model -TotalVramGB 0.0115 -Format CompressedTensors
        $packed.TargetBit | Should -BeGreaterThan $gptq.TargetBit
    }

    It 'refuses what the method does not use' {
        { Get-OneCompVramEstimate $model -TotalVramGB 1 -WBits 4 -ErrorAction Stop } | Should -Throw -ErrorId "EstimateSettingNotUsed,$failure" -ExpectedMessage '*-WBits*'
        { Get-OneCompVramEstimate $model -TotalVramGB 1 -Method OneComp -KvBits 8 -ErrorAction Stop } | Should -Throw -ErrorId "EstimateSettingNotUsed,$failure" -ExpectedMessage '*-KvBits*'
    }

    It 'refuses a memory that holds the model at no bit width, with the figures' {
        $thrown = { Get-OneCompVramEstimate $model -TotalVramGB 0.0001 -Method OneComp -ErrorAction Stop } | Should -Throw -ErrorId "EstimateModelTooLarge,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $thrown.Exception.Message | Should -BeLike '*0.00008 GB*0.000623 GB*'
    }

    It 'refuses <_>' -ForEach '-VramRatio 0', '-VramRatio 1.1', '-GroupSize 0', '-TotalVramGB -1', '-KvBits 5', '-Format Gguf', '-BatchSize 0' {
        $command = [scriptblock]::Create("Get-OneCompVramEstimate '$model' -ErrorAction Stop $_")
        $command | Should -Throw -ErrorId "ParameterArgumentValidationError,$failure"
    }
}
