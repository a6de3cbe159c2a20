BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $failure = 'OneComp.Commands.ImportOneCompQuantizerCommand'
}

Describe 'Import-OneCompQuantizer' {
    It 'reads what is written by hand, and defaults for the rest' {
        [IO.File]::WriteAllText("$TestDrive/mine.psd1", "# my own`n@{ Method = 'gptq'; WBits = 3; ModuleWBits = @{ down_proj = 4 }; Selection = @{ ExcludeLayerNames = @() } }")
        $q = Import-OneCompQuantizer "$TestDrive/mine.psd1"
        $q.WBits | Should -Be 3
        $q.ModuleWBits[0].Key | Should -Be 'down_proj'
        $q.Selection.ExcludeLayerNames | Should -HaveCount 0
        $q.GroupSize | Should -Be 128
    }

    It 'reads several files by a pattern, and goes on after one at fault' {
        [IO.File]::WriteAllText("$TestDrive/p1.json", '{ "Method": "RTN" }')
        [IO.File]::WriteAllText("$TestDrive/p2.json", '{ "Method": "None" }')
        [IO.File]::WriteAllText("$TestDrive/p3.json", '{ "Method": "RTN", "WBits": 3, }')
        $read = Import-OneCompQuantizer "$TestDrive/p?.json" -ErrorAction SilentlyContinue -ErrorVariable faults
        $read.WBits | Should -Be 4, 3
        $faults[0].FullyQualifiedErrorId | Should -Be "QuantizerSettingsMethodUnknown,$failure"
    }

    It 'runs nothing: <Text>' -ForEach @(
        @{ Text = '@{ Method = "GPTQ"; WBits = $(New-Item ran) }' }
        @{ Text = '@{ Method = "GPTQ"; WBits = (New-Item ran) }' }
        @{ Text = '@{ Method = "$env:PATH" }' }
        @{ Text = '@{ Method = "GPTQ"; WBits = $four }' }
        @{ Text = '@{ Method = "GPTQ"; WBits = [int]::MaxValue }' }
        @{ Text = '@{ Method = "GPTQ"; WBits = 2 + 2 }' }
        @{ Text = '@{ Method = "GPTQ" } | New-Item ran' }
        @{ Text = '@{ Method = "GPTQ" }; New-Item ran' }
        @{ Text = 'New-Item ran' }
        @{ Text = '@{ Method = configuration X { Import-DscResource -ModuleName Evil } }' }
        @{ Text = 'using module ./evil.psm1; @{ Method = "GPTQ" }' }
        @{ Text = 'param($x = (New-Item ran)) @{ Method = "GPTQ" }' }
        @{ Text = '@{ Method = "GPTQ" } > ran' }
        @{ Text = '@{ Method = "GPTQ"' }
        @{ Text = '' }
    ) {
        [IO.File]::WriteAllText("$TestDrive/evil.psd1", $Text)
        { Import-OneCompQuantizer "$TestDrive/evil.psd1" -ErrorAction Stop } | Should -Throw -ErrorId "QuantizerSettingsNotData,$failure" -ExpectedMessage '*line 1*'
        'ran' | Should -Not -Exist
    }
}
