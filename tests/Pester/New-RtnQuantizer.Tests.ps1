BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $failure = 'OneComp.Commands.NewRtnQuantizerCommand'
}

Describe 'New-RtnQuantizer' {
    It 'has the reference''s defaults' {
        $quantizer = New-RtnQuantizer
        $quantizer.GetType().FullName | Should -Be 'OneComp.Quantization.Rtn.RtnQuantizer'
        $quantizer.Name | Should -Be 'RTN_4bit_gs128'
        $quantizer.WBits | Should -Be 4
        $quantizer.GroupSize | Should -Be 128
        $quantizer.Sym | Should -BeFalse
        $quantizer.Mse | Should -BeFalse
        $quantizer.QGrid | Should -Be 600
        $quantizer.QNorm | Should -Be 2.4
        $quantizer.CalcQuantError | Should -BeFalse
        $quantizer.Selection.ExcludeLayerNames | Should -Be 'lm_head'
    }

    It 'takes its settings' {
        $quantizer = New-RtnQuantizer -WBits 3 -GroupSize -1 -Mse -QGrid 50 -QNorm 2 -Sym $true -CalcQuantError -Name mine
        "$quantizer" | Should -Be 'mine'
        $quantizer.WBits | Should -Be 3
        $quantizer.GroupSize | Should -Be (-1)
        $quantizer.Mse | Should -BeTrue
        $quantizer.QGrid | Should -Be 50
        $quantizer.QNorm | Should -Be 2
        $quantizer.Sym | Should -BeTrue
        $quantizer.CalcQuantError | Should -BeTrue
    }

    It 'makes one for each number of bits from the pipeline' {
        2, 3, 8 | New-RtnQuantizer -GroupSize 64 | ForEach-Object Name | Should -Be @('RTN_2bit_gs64', 'RTN_3bit_gs64', 'RTN_8bit_gs64')
    }

    It 'takes the common selection rules' {
        $selection = (New-RtnQuantizer -NumLayers 3 -IncludeLayerName a -IncludeLayerKeyword b -ExcludeLayerName c -ExcludeLayerKeyword d).Selection
        $selection.NumLayers | Should -Be 3
        $selection.IncludeLayerNames | Should -Be 'a'
        $selection.IncludeLayerKeywords | Should -Be 'b'
        $selection.ExcludeLayerNames | Should -Be 'c'
        $selection.ExcludeLayerKeywords | Should -Be 'd'
    }

    It 'lists all faults at once, by parameter' {
        $thrown = { New-RtnQuantizer -WBits 9 -GroupSize 3 -QGrid 0 -NumLayers 0 } | Should -Throw -ErrorId "QuantizerInvalidOptions,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
        foreach ($part in 'NumLayers: 0', 'WBits: 9*2..8', 'GroupSize: 3', 'QGrid: 0') {
            $thrown.Exception.Message | Should -BeLike "*$part*"
        }
        $thrown.Exception.Parameters | Should -Be @('NumLayers', 'WBits', 'GroupSize', 'QGrid')
    }
}
