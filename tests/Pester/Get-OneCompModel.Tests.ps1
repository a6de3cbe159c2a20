BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = [IO.Path]::GetFullPath("$PSScriptRoot/../../examples/models/tiny-llama")
    $failure = 'OneComp.Commands.GetOneCompModelCommand'
}

Describe 'Get-OneCompModel' {
    BeforeAll {
        $layers = Get-OneCompModel $model
    }

    It 'lists the seven linear layers of each of the six blocks in order, then the head' {
        $layers | Should -HaveCount 43
        $layers[0..6] | ForEach-Object Layer | Should -Be @(
            'model.layers.0.self_attn.q_proj', 'model.layers.0.self_attn.k_proj', 'model.layers.0.self_attn.v_proj'
            'model.layers.0.self_attn.o_proj', 'model.layers.0.mlp.gate_proj', 'model.layers.0.mlp.up_proj', 'model.layers.0.mlp.down_proj'
        )
        ($layers | ForEach-Object Block)[0, 6, 7, 41, 42] | Should -Be @(0, 0, 1, 5, -1)
        $layers[42].Layer | Should -Be 'lm_head'
    }

    It 'gives shapes, type and parameters' {
        $layer = $layers | Where-Object Layer -EQ 'model.layers.2.mlp.down_proj'
        $layer.Model | Should -Be $model
        $layer.Block | Should -Be 2
        $layer.Module | Should -Be 'mlp.down_proj'
        $layer.InFeatures | Should -Be 640
        $layer.OutFeatures | Should -Be 256
        $layer.Parameters | Should -Be 163840
        $layer.Parameters | Should -BeOfType ([long])
        "$($layer.DType)" | Should -Match '^(F32|F16|BF16)$'
        $layer.HasBias | Should -BeFalse
    }

    It 'takes folders from the pipeline, as text and as objects' {
        @($model | Get-OneCompModel) | Should -HaveCount 43
        @([IO.DirectoryInfo]::new($model) | Get-OneCompModel) | Should -HaveCount 43
    }

    It 'goes on after a folder that is no model' {
        $null = [IO.Directory]::CreateDirectory("$TestDrive/empty")
        $found = "$TestDrive/empty", $model | Get-OneCompModel -ErrorAction SilentlyContinue
        $found | Should -HaveCount 43
    }

    It 'refuses a folder that is no model' {
        $null = [IO.Directory]::CreateDirectory("$TestDrive/none")
        $thrown = { Get-OneCompModel "$TestDrive/none" -ErrorAction Stop } | Should -Throw -ErrorId "ModelConfigNotFound,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $thrown.Exception.Message | Should -BeLike '*none*config.json*'
    }

    It 'refuses pickles, and says what to do' {
        $null = [IO.Directory]::CreateDirectory("$TestDrive/pickled")
        [IO.File]::Copy("$model/config.json", "$TestDrive/pickled/config.json")
        [IO.File]::WriteAllText("$TestDrive/pickled/pytorch_model.bin", 'weights')
        $thrown = { Get-OneCompModel "$TestDrive/pickled" -ErrorAction Stop } | Should -Throw -ErrorId "SafetensorsPickledWeights,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'NotImplemented'
        $thrown.Exception.Message | Should -BeLike '*pytorch_model.bin*safetensors*'
    }

    It 'refuses a folder that is not there' {
        $thrown = { Get-OneCompModel "$TestDrive/nowhere" -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }
}
