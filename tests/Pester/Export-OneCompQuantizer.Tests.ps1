BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $failure = 'OneComp.Commands.ExportOneCompQuantizerCommand'
}

Describe 'Export-OneCompQuantizer' {
    It 'writes <Name> to <Extension>, and it comes back equal' -ForEach $(foreach ($extension in 'json', 'psd1') {
        @{ Name = 'RTN'; Extension = $extension; Make = { New-RtnQuantizer 3 -Sym $true } }
        @{ Name = 'GPTQ'; Extension = $extension; Make = { New-GptqQuantizer 2 -ModuleWBits ([ordered] @{ o_proj = 3; 'it''s' = 4 }) -IncludeLayerKeyword 'mlp', 'a"b' -Name 'my own' } }
        @{ Name = 'DBF'; Extension = $extension; Make = { New-DbfQuantizer 1.3 -ModuleTargetBits @{ down_proj = 1.8 } -Seed -3 } }
        @{ Name = 'AutoBit'; Extension = $extension; Make = { 2, 4 | New-GptqQuantizer | New-AutoBitQuantizer 3 -FusedGroup @('a', 'b'), @('c', 'd') } }
        @{ Name = 'AutoBit of one group'; Extension = $extension; Make = { New-AutoBitQuantizer 3 -FusedGroup (, @('a', 'b')) -Ratio 0.25, 0.25, 0.25, 0.25 } }
    }) {
        $q = & $Make
        $q | Export-OneCompQuantizer "$TestDrive/q.$Extension" -Force
        $back = Import-OneCompQuantizer "$TestDrive/q.$Extension"
        $back -eq $q | Should -BeTrue
        $back.Name | Should -Be $q.Name
    }

    It 'gives the file with -PassThru and replaces it only with -Force' {
        (New-RtnQuantizer | Export-OneCompQuantizer "$TestDrive/once.json" -PassThru).Name | Should -Be 'once.json'
        { New-RtnQuantizer | Export-OneCompQuantizer "$TestDrive/once.json" } | Should -Throw -ErrorId "ReportFileExists,$failure"
    }

    It 'writes nothing with -WhatIf' {
        New-RtnQuantizer | Export-OneCompQuantizer "$TestDrive/never.json" -WhatIf
        "$TestDrive/never.json" | Should -Not -Exist
    }

    It 'refuses several quantizers and other extensions' {
        { 2, 3 | New-RtnQuantizer | Export-OneCompQuantizer "$TestDrive/two.json" } | Should -Throw -ErrorId "QuantizerSettingsSeveral,$failure"
        { New-RtnQuantizer | Export-OneCompQuantizer "$TestDrive/q.xml" } | Should -Throw -ErrorId "QuantizerSettingsUnknownExtension,$failure"
    }
}
