BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = [IO.Path]::GetFullPath("$PSScriptRoot/../../examples/models/tiny-llama")
    $failure = 'OneComp.Commands.MeasureOneCompDivergenceCommand'
    [IO.File]::WriteAllText("$TestDrive/text.txt", 'My fellow Americans, the state of the Union is strong. ' * 20)
}

Describe 'Measure-OneCompDivergence' {
    It 'finds no divergence between a model and itself' {
        $result = Measure-OneCompDivergence $model "$TestDrive/text.txt" -Reference $model -MaxLength 32
        $result.GetType().FullName | Should -Be 'OneComp.Evaluation.DivergenceResult'
        [Math]::Abs($result.KLDivergence) | Should -BeLessThan 1e-6
        $result.Top1Agreement | Should -Be 1
        $result.Perplexity | Should -Be $result.ReferencePerplexity
    }

    It 'takes a result from the pipeline, with the model it was made from' {
        $coarse = New-RtnQuantizer 2 | Invoke-OneCompQuantization $model "$TestDrive/q2" -Device cpu | Measure-OneCompDivergence -Path "$TestDrive/text.txt" -MaxLength 64
        $fine = New-RtnQuantizer 4 | Invoke-OneCompQuantization $model "$TestDrive/q4" -Device cpu | Measure-OneCompDivergence -Path "$TestDrive/text.txt" -MaxLength 64
        $coarse.Reference | Should -Be $model
        $coarse.KLDivergence | Should -BeGreaterThan $fine.KLDivergence
        $fine.KLDivergence | Should -BeGreaterThan 0
        $fine.Top1Agreement | Should -BeGreaterThan $coarse.Top1Agreement
    }

    It 'agrees with Measure-OneCompPerplexity on both' {
        $result = Measure-OneCompDivergence "$TestDrive/q4" "$TestDrive/text.txt" -Reference $model -MaxLength 32
        $both = "$TestDrive/q4", $model | Measure-OneCompPerplexity -Path "$TestDrive/text.txt" -MaxLength 32
        [Math]::Abs($result.Perplexity / $both[0].Perplexity - 1) | Should -BeLessThan 1e-6
        [Math]::Abs($result.ReferencePerplexity / $both[1].Perplexity - 1) | Should -BeLessThan 1e-6
    }

    It 'needs the model to compare a folder with' {
        $parameter = (Get-Command Measure-OneCompDivergence).Parameters['Reference'].ParameterSets['Folder']
        $parameter.IsMandatory | Should -BeTrue
    }

    It 'refuses models of other vocabularies' {
        $other = [IO.Path]::GetFullPath("$PSScriptRoot/../OneComp.Tests/Data/architectures/qwen2")
        $thrown = { Measure-OneCompDivergence $other "$TestDrive/text.txt" -Reference $model -ErrorAction Stop } |
            Should -Throw -ErrorId "ModelVocabulariesDiffer,$failure" -PassThru
        $thrown.Exception.Message | Should -BeLike '*512*4096*'
    }
}
