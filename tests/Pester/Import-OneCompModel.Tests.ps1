BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = "$PSScriptRoot/../../examples/models/tiny-llama"
    $q = New-RtnQuantizer 3 | Invoke-OneCompQuantization $model "$TestDrive/q" -Device cpu
}

Describe 'Import-OneCompModel' {
    It 'gives a row for the folder' {
        $info = Import-OneCompModel $q.Destination
        $info.GetType().FullName | Should -Be 'OneComp.Formats.QuantizedModelInfo'
        $info.Method | Should -Be 'gptq'
        $info.Layers | Should -Be 42
        $info.Bits | Should -Be '3: 42'
        $info.Parameters | Should -Be 6229248
    }

    It 'takes a result of Invoke-OneCompQuantization from the pipeline and reads what it wrote' {
        $info = $q | Import-OneCompModel
        $info.Model | Should -Be $q.Destination
        $info.Bits | Should -Be '3: 42'
        ($q | Import-OneCompModel -Layer) | Should -HaveCount 42
    }

    It 'gives a row for each layer with -Layer' {
        $rows = Import-OneCompModel $q.Destination -Layer
        $rows | Should -HaveCount 42
        $rows[0].Layer | Should -Be 'model.layers.0.self_attn.q_proj'
        $rows[0].Bits | Should -Be 3
        $rows[0].GroupSize | Should -Be 128
        $rows[0].Symmetric | Should -BeFalse
        $rows[0].ActOrder | Should -BeFalse
    }

    It 'hands the folder on to Measure-OneCompPerplexity' {
        [IO.File]::WriteAllText("$TestDrive/text.txt", 'My fellow Americans, the state of the Union is strong. ' * 5)
        $measured = Import-OneCompModel $q.Destination | Measure-OneCompPerplexity -Path "$TestDrive/text.txt" -MaxLength 32 -UpdateModelCard
        $measured.Perplexity | Should -BeGreaterThan 1
        [IO.File]::ReadAllText("$TestDrive/q/README.md") | Should -BeLike '*text.txt*'
        Test-OneCompModel $q.Destination -Quiet | Should -BeTrue
    }

    It 'names what it does not understand and goes on with the next folder' {
        $rows = Import-OneCompModel $model, $q.Destination -ErrorAction SilentlyContinue -ErrorVariable faults
        $rows.Layers | Should -Be 42
        $faults[0].FullyQualifiedErrorId | Should -Be 'QuantizedFormatNotQuantized,OneComp.Commands.ImportOneCompModelCommand'
    }
}
