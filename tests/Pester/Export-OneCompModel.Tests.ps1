BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = "$PSScriptRoot/../../examples/models/tiny-llama"
    $failure = 'OneComp.Commands.ExportOneCompModelCommand'
    $q = New-RtnQuantizer -Sym $true | Invoke-OneCompQuantization $model "$TestDrive/q" -Device cpu
}

Describe 'Export-OneCompModel' {
    It 'writes <_> and says what it wrote' -ForEach 'Gptq', 'CompressedTensors', 'Gguf', 'Dequantized' {
        $result = Export-OneCompModel $q.Destination "$TestDrive/$_" $_
        $result.GetType().FullName | Should -Be 'OneComp.Export.ExportResult'
        $result.Format.ToString() | Should -Be $_
        [IO.Path]::GetFileName($result.Model) | Should -Be $_
        $result.Files | Should -Be ([IO.Directory]::GetFiles("$TestDrive/$_").Count)
        $result.Bytes | Should -BeGreaterThan 1000000
        $result.BitsPerWeight | Should -BeGreaterThan 4
        Test-OneCompModel $result.Model -Quiet | Should -BeTrue
    }

    It 'takes a result of Invoke-OneCompQuantization from the pipeline' {
        $result = $q | Export-OneCompModel -Destination "$TestDrive/piped" -Format CompressedTensors
        $result.Layers | Should -Be 42
        $result.ExactLayers | Should -Be 42
    }

    It 'writes nothing with -WhatIf' {
        Export-OneCompModel $q.Destination "$TestDrive/none" Gguf -WhatIf
        [IO.Directory]::Exists("$TestDrive/none") | Should -BeFalse
    }

    It 'replaces a folder only with -Force' {
        Export-OneCompModel $q.Destination "$TestDrive/twice" Gptq
        { Export-OneCompModel $q.Destination "$TestDrive/twice" Gptq } | Should -Throw -ErrorId "DestinationExists,$failure"
        (Export-OneCompModel $q.Destination "$TestDrive/twice" Gptq -Force).Layers | Should -Be 42
    }

    It 'names the layer and the setting where the form cannot hold it' {
        $asymmetric = New-RtnQuantizer | Invoke-OneCompQuantization $model "$TestDrive/asym" -Device cpu
        { $asymmetric | Export-OneCompModel -Destination "$TestDrive/never" -Format CompressedTensors } |
            Should -Throw -ErrorId "ExportLayerAsymmetric,$failure" -ExpectedMessage '*q_proj*-Sym $true*'
    }

    It 'refuses a model that is not quantized' {
        { Export-OneCompModel $model "$TestDrive/never" Gguf } | Should -Throw -ErrorId "QuantizedFormatNotQuantized,$failure"
    }
}

Describe 'Invoke-OneCompQuantization -Format' {
    It 'writes the form directly and leaves nothing else behind' {
        $result = New-RtnQuantizer -Sym $true | Invoke-OneCompQuantization $model "$TestDrive/direct/ct" -Format CompressedTensors -Device cpu
        [IO.Directory]::GetFileSystemEntries("$TestDrive/direct").Count | Should -Be 1
        (Import-OneCompModel $result.Destination).Method | Should -Be 'compressed-tensors'
        $result.CheckpointBytes | Should -BeGreaterThan 1000000
    }

    It 'refuses a plan that the form cannot hold before the work' {
        { New-RtnQuantizer | Invoke-OneCompQuantization $model "$TestDrive/no" -Format CompressedTensors -Device cpu } |
            Should -Throw -ErrorId 'ExportLayerAsymmetric,OneComp.Commands.InvokeOneCompQuantizationCommand'
    }

    It 'warns of layers that cannot be divided over the GPUs' {
        $warnings = New-RtnQuantizer -Sym $true | Invoke-OneCompQuantization $model "$TestDrive/tp" -TensorParallel 4 -Device cpu 3>&1
        "$($warnings[0])" | Should -BeLike '*o_proj (d_in 256, group size 128)*'
    }
}
