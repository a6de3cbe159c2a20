BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = [IO.Path]::GetFullPath("$PSScriptRoot/../../examples/models/tiny-llama")
    $ids = [IO.Path]::GetFullPath("$PSScriptRoot/../OneComp.Tests/Data/tiny-llama-ref.safetensors")
    $failure = 'OneComp.Commands.MeasureOneCompPerplexityCommand'
    [IO.File]::WriteAllText("$TestDrive/text.txt", 'My fellow Americans, the state of the Union is strong. ' * 20)
}

Describe 'Measure-OneCompPerplexity' {
    It 'gives the reference''s perplexity on the reference''s windows' {
        $result = Measure-OneCompPerplexity $model $ids -TensorName eval_ids -Device cpu
        $expected = [System.Text.Json.JsonDocument]::Parse([IO.File]::ReadAllText([IO.Path]::ChangeExtension($ids, 'json'))).RootElement.GetProperty('ppl_fp32').GetDouble()
        [Math]::Abs($result.Perplexity / $expected - 1) | Should -BeLessOrEqual 1e-4
        $result.Tokens | Should -Be (64 * 255)
        $result.Windows | Should -Be 64
    }

    It 'says what it measured' {
        $result = Measure-OneCompPerplexity $model "$TestDrive/text.txt" -MaxLength 32 -Stride 16
        $result.GetType().FullName | Should -Be 'OneComp.Evaluation.PerplexityResult'
        $result.Model | Should -Be $model
        [IO.Path]::GetFileName($result.Path) | Should -Be 'text.txt'
        [Math]::Abs($result.Perplexity - [Math]::Exp($result.Loss)) | Should -BeLessThan 1e-9
        $result.MaxLength | Should -Be 32
        $result.Stride | Should -Be 16
        $result.Windows | Should -BeGreaterThan 5
        $result.Elapsed | Should -BeOfType ([timespan])
    }

    It 'counts every token but the first once, whatever the stride' {
        $whole = Measure-OneCompPerplexity $model "$TestDrive/text.txt"
        $strided = Measure-OneCompPerplexity $model "$TestDrive/text.txt" -MaxLength 32 -Stride 8
        $strided.Tokens | Should -Be $whole.Tokens
    }

    It 'measures an original and a quantized folder from the pipeline' {
        $result = New-RtnQuantizer 3 | Invoke-OneCompQuantization $model -Destination "$TestDrive/q" -Device cpu
        $measured = $model, $result.Destination | Measure-OneCompPerplexity -Path $ids -TensorName eval_ids -MaxLength 16
        $measured | ForEach-Object { [IO.Path]::GetFileName($_.Model) } | Should -Be @('tiny-llama', 'q')
        $measured[0].Perplexity | Should -BeLessThan $measured[1].Perplexity
    }

    It 'measures with -WhatIf but leaves the model card as it is' {
        $result = New-RtnQuantizer 4 | Invoke-OneCompQuantization $model -Destination "$TestDrive/card" -Device cpu
        $before = [IO.File]::ReadAllText("$TestDrive/card/README.md")
        ($result | Measure-OneCompPerplexity -Path "$TestDrive/text.txt" -MaxLength 32 -UpdateModelCard -WhatIf).Perplexity | Should -BeGreaterThan 1
        [IO.File]::ReadAllText("$TestDrive/card/README.md") | Should -Be $before
    }

    It 'goes on after a folder that is no model' {
        $null = [IO.Directory]::CreateDirectory("$TestDrive/empty")
        $measured = "$TestDrive/empty", $model | Measure-OneCompPerplexity -Path "$TestDrive/text.txt" -ErrorAction SilentlyContinue
        $measured | ForEach-Object Model | Should -Be $model
    }

    It 'refuses a stride beyond the window' {
        $thrown = { Measure-OneCompPerplexity $model "$TestDrive/text.txt" -MaxLength 8 -Stride 9 -ErrorAction Stop } |
            Should -Throw -ErrorId "CalibrationOptionOutOfRange,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
    }

    It 'asks for the tensor where a file has several' {
        $thrown = { Measure-OneCompPerplexity $model $ids -ErrorAction Stop } | Should -Throw -ErrorId "CalibrationSeveralTokenTensors,$failure" -PassThru
        $thrown.Exception.Message | Should -BeLike '*calibration_ids*eval_ids*'
    }
}
