BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = "$PSScriptRoot/../../examples/models/tiny-llama"
    $q = New-RtnQuantizer | Invoke-OneCompQuantization $model "$TestDrive/q" -Device cpu
}

Describe 'Test-OneCompModel' {
    It 'gives a row for each check and a verdict' {
        $rows = Test-OneCompModel $q.Destination -Source $model
        $rows[-1].Check | Should -Be 'Verdict'
        $rows[-1].Passed | Should -BeTrue
        ($rows | Where-Object { -not $_.Passed }) | Should -BeNullOrEmpty
        $rows.Check | Should -Contain 'SourceTensors'
        $rows.Check | Should -Contain 'Hashes'
    }

    It 'gives true or false with -Quiet' {
        Test-OneCompModel $q.Destination -Quiet | Should -BeTrue
    }

    It 'takes a result of Invoke-OneCompQuantization from the pipeline and checks what it wrote' {
        $rows = $q | Test-OneCompModel -Source $model
        $rows[-1].Passed | Should -BeTrue
        $rows.Check | Should -Contain 'Hashes'
        $q | Test-OneCompModel -Quiet | Should -BeTrue
    }

    It 'names a damaged file' {
        $copy = New-RtnQuantizer | Invoke-OneCompQuantization $model "$TestDrive/damaged" -Device cpu
        [IO.File]::AppendAllText("$TestDrive/damaged/tokenizer.json", ' ')
        $row = Test-OneCompModel $copy.Destination | Where-Object { -not $_.Passed -and $_.Check -ne 'Verdict' }
        $row.Check | Should -Be 'Hashes'
        $row.Target | Should -Be 'tokenizer.json'
        Test-OneCompModel $copy.Destination -Quiet | Should -BeFalse
    }
}
