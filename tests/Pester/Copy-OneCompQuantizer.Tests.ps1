BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $failure = 'OneComp.Commands.CopyOneCompQuantizerCommand'
}

Describe 'Copy-OneCompQuantizer' {
    It 'copies with changes and leaves the original' {
        $q = New-GptqQuantizer 4
        $copy = $q | Copy-OneCompQuantizer -With @{ GroupSize = 64; Sym = $false; ExcludeLayerKeywords = 'k_proj' }
        $copy.GetType().FullName | Should -Be 'OneComp.Quantization.Gptq.GptqQuantizer'
        $copy.GroupSize | Should -Be 64
        $copy.Sym | Should -BeFalse
        $copy.Selection.ExcludeLayerKeywords | Should -Be 'k_proj'
        $copy.Name | Should -Be 'GPTQ_4bit_gs64'
        $q.GroupSize | Should -Be 128
        $q.Sym | Should -BeTrue
    }

    It 'gives an equal quantizer without changes, and back to a default with $null' {
        $q = New-AutoBitQuantizer 3
        ($q | Copy-OneCompQuantizer @{}) -eq $q | Should -BeTrue
        ($q | Copy-OneCompQuantizer @{ TargetBit = 4 }) -eq $q | Should -BeFalse
        (New-GptqQuantizer -PercDamp 0.5 | Copy-OneCompQuantizer @{ PercDamp = $null }).PercDamp | Should -Be 0.01
    }

    It 'takes candidates and values from a pipeline as they come' {
        $candidates = 2, 4 | New-RtnQuantizer
        $size = [pscustomobject] @{ Bits = 3.5 }
        $q = New-AutoBitQuantizer 3 | Copy-OneCompQuantizer @{ Quantizers = $candidates; TargetBit = $size.Bits; AssignmentStrategy = 'Ilp' }
        $q.Quantizers.Name | Should -Be 'RTN_2bit_gs128', 'RTN_4bit_gs128'
        $q.TargetBit | Should -Be 3.5
    }

    It 'refuses <With>' -ForEach @(
        @{ With = @{ WBit = 4 }; Id = 'QuantizerSettingsSettingUnknown' }
        @{ With = @{ WBit = $null }; Id = 'QuantizerSettingsSettingUnknown' }
        @{ With = @{ WBits = 'four' }; Id = 'QuantizerSettingsValueInvalid' }
        @{ With = @{ WBits = 9 }; Id = 'QuantizerInvalidOptions' }
        @{ With = @{ Method = 'RTN' }; Id = 'QuantizerSettingsSettingUnknown' }
    ) {
        { New-GptqQuantizer | Copy-OneCompQuantizer $With -ErrorAction Stop } | Should -Throw -ErrorId "$Id,$failure"
    }
}
