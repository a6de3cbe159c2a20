# A plan as a picture.
BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $rowType = (Get-Command Export-OneCompHeatmap).Parameters['InputObject'].ParameterType
    function New-Row([int] $Block, [string] $Module, [double] $Bits) {
        [System.Management.Automation.LanguagePrimitives]::ConvertTo(@{
                Layer = "model.layers.$Block.$Module"; Block = $Block; Module = $Module; InFeatures = 256; OutFeatures = 128
                Quantizer = "GPTQ_${Bits}bit_gs128"; Bits = $Bits; EffectiveBits = $Bits + (16 + $Bits) / 128; GroupSize = 128; Error = 0.5
            }, $rowType)
    }
    $rows = (New-Row 0 self_attn.q_proj 2), (New-Row 0 mlp.up_proj 3), (New-Row 1 self_attn.q_proj 4)
    $failure = 'OneComp.Commands.ExportOneCompHeatmapCommand'
}

Describe 'Export-OneCompHeatmap' {
    BeforeEach {
        $folder = [IO.Directory]::CreateDirectory("$TestDrive/$([guid]::NewGuid())").FullName
    }

    It 'writes a PNG and says nothing' {
        $rows | Export-OneCompHeatmap "$folder/plan.png" | Should -BeNullOrEmpty
        [IO.File]::ReadAllBytes("$folder/plan.png")[0..7] | Should -Be @(0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10)
        [IO.Directory]::GetFileSystemEntries($folder) | Should -HaveCount 1
    }

    It 'gives the file with -PassThru' {
        $file = Export-OneCompHeatmap "$folder/plan.png" -Assignment $rows -PassThru
        $file | Should -BeOfType ([IO.FileInfo])
        $file.Length | Should -BeGreaterThan 1000
    }

    It 'does not replace a file without -Force' {
        [IO.File]::WriteAllText("$folder/plan.png", 'mine')
        $thrown = { $rows | Export-OneCompHeatmap "$folder/plan.png" } | Should -Throw -ErrorId "ReportFileExists,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'ResourceExists'
        [IO.File]::ReadAllText("$folder/plan.png") | Should -Be 'mine'
    }

    It 'replaces a file with -Force' {
        [IO.File]::WriteAllText("$folder/plan.png", 'mine')
        $rows | Export-OneCompHeatmap "$folder/plan.png" -Force
        [IO.File]::ReadAllBytes("$folder/plan.png")[1] | Should -Be 0x50
    }

    It 'refuses another extension' {
        $thrown = { $rows | Export-OneCompHeatmap "$folder/plan.svg" } | Should -Throw -ErrorId "ReportUnknownExtension,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
    }

    It 'names a missing folder' {
        $thrown = { $rows | Export-OneCompHeatmap "$folder/none/plan.png" } | Should -Throw -ErrorId "ReportFolderNotFound,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'writes nothing with -WhatIf' {
        $rows | Export-OneCompHeatmap "$folder/plan.png" -WhatIf
        [IO.Directory]::GetFileSystemEntries($folder) | Should -BeNullOrEmpty
    }
}
