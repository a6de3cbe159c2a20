# The main job. What bad input does is in tests/OneComp.Tests/Cmdlets/Bad*Tests.cs.
BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = [IO.Path]::GetFullPath("$PSScriptRoot/../../examples/models/tiny-llama")
    $few = @{ NumCalibrationSamples = 4; MaxLength = 64; Device = 'cpu' }
    $failure = 'OneComp.Commands.InvokeOneCompQuantizationCommand'
}

Describe 'Invoke-OneCompQuantization' {
    BeforeAll {
        $result = 2, 3, 4, 8 | New-GptqQuantizer -GroupSize 128 | New-AutoBitQuantizer -TargetBit 3 -AssignmentStrategy ilp -CalcQuantError |
            Invoke-OneCompQuantization $model -Destination "$TestDrive/q" @few
    }

    It 'propagates errors by default, which -Qep $false turns off' {
        $quantizer = New-GptqQuantizer 3 -Preset Reference -IncludeLayerKeyword 'layers.1.'
        $common = @{ Model = "$PSScriptRoot/../../examples/models/tiny-llama"; NumCalibrationSamples = 4; MaxLength = 64; Device = 'cpu' }
        $with = $quantizer | Invoke-OneCompQuantization @common -Destination "$TestDrive/qep"
        $without = $quantizer | Invoke-OneCompQuantization @common -Destination "$TestDrive/no-qep" -Qep $false
        $corrected = [IO.File]::ReadAllBytes("$($with.Destination)/model.safetensors")
        $plain = [IO.File]::ReadAllBytes("$($without.Destination)/model.safetensors")
        [System.Linq.Enumerable]::SequenceEqual($corrected, $plain) | Should -BeFalse
    }

    It 'refuses a share of correction beyond 1' {
        $thrown = { New-GptqQuantizer | Invoke-OneCompQuantization "$PSScriptRoot/../../examples/models/tiny-llama" "$TestDrive/share" -QepPercCorr 2 } |
            Should -Throw -ErrorId 'QuantizerInvalidOptions,OneComp.Commands.InvokeOneCompQuantizationCommand' -PassThru
        $thrown.Exception.Parameters | Should -Be 'QepPercCorr'
    }

    It 'says what it made' {
        $result | Should -HaveCount 1
        $result.GetType().FullName | Should -Be 'OneComp.Pipeline.QuantizationResult'
        $result.Model | Should -Be $model
        [IO.Path]::GetFileName($result.Destination) | Should -Be 'q'
        $result.TargetBit | Should -Be 3
        $result.EffectiveBits | Should -BeGreaterThan 2.5
        $result.EffectiveBits | Should -BeLessOrEqual 3.1485
        $result.Elapsed | Should -BeOfType ([timespan])
        $result.Elapsed.TotalSeconds | Should -BeGreaterThan 0
        $result.Assignment | Should -HaveCount 42
    }

    It 'measures the errors that -CalcQuantError asks for' {
        foreach ($row in $result.Assignment) {
            $row.WeightError | Should -BeGreaterThan 0
            $row.OutputError | Should -BeGreaterThan 0
        }
    }

    It 'leaves the whole model in the destination, and nothing beside it' {
        foreach ($name in 'config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'generation_config.json') {
            "$TestDrive/q/$name" | Should -Exist
        }
        $bytes = 0
        foreach ($file in [IO.Directory]::GetFiles("$TestDrive/q")) {
            if ([IO.Path]::GetFileName($file) -ne 'run.json') { $bytes += [IO.FileInfo]::new($file).Length }
        }
        $result.CheckpointBytes | Should -Be $bytes
        $result.CheckpointBytes | Should -BeLessThan ([IO.FileInfo]::new("$model/model.safetensors").Length)
        [IO.Directory]::GetFileSystemEntries($TestDrive) | Where-Object { [IO.Path]::GetFileName($_) -like '.*' } | Should -BeNullOrEmpty
    }

    It 'writes a quantization_config' {
        $config = [System.Text.Json.JsonDocument]::Parse([IO.File]::ReadAllText("$TestDrive/q/config.json")).RootElement.GetProperty('quantization_config')
        $config.GetProperty('quant_method').GetString() | Should -BeIn 'gptq', 'mixed_gptq'
    }

    It 'does not replace a folder without -Force' {
        $before = [IO.File]::GetLastWriteTimeUtc("$TestDrive/q/model.safetensors")
        $thrown = { New-RtnQuantizer | Invoke-OneCompQuantization $model -Destination "$TestDrive/q" @few } |
            Should -Throw -ErrorId "DestinationExists,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'ResourceExists'
        $thrown.Exception.Message | Should -BeLike '*-Force*'
        [IO.File]::GetLastWriteTimeUtc("$TestDrive/q/model.safetensors") | Should -Be $before
    }
}

Describe 'Invoke-OneCompQuantization in a pipeline' {
    It 'takes model and target from an estimate' {
        $result = Get-OneCompVramEstimate $model -TotalVramGB 0.0115 | New-AutoBitQuantizer -AssignmentStrategy ilp |
            Invoke-OneCompQuantization -Destination "$TestDrive/q" @few
        $result.Model | Should -Be $model
        $result.TargetBit | Should -Be (Get-OneCompVramEstimate $model -TotalVramGB 0.0115).TargetBitwidth
    }

    It 'prefers the model given as an argument' {
        $result = New-RtnQuantizer | New-AutoBitQuantizer 4 -Model "$TestDrive/other" -AssignmentStrategy ilp |
            Invoke-OneCompQuantization $model -Destination "$TestDrive/argument" @few
        $result.Model | Should -Be $model
    }

    It 'replaces the whole folder with -Force' {
        $null = [IO.Directory]::CreateDirectory("$TestDrive/old")
        [IO.File]::WriteAllText("$TestDrive/old/mine.txt", 'mine')
        $null = New-RtnQuantizer | Invoke-OneCompQuantization $model -Destination "$TestDrive/old" -Force @few
        "$TestDrive/old/config.json" | Should -Exist
        "$TestDrive/old/mine.txt" | Should -Not -Exist
        [IO.Directory]::GetFileSystemEntries($TestDrive) | Where-Object { [IO.Path]::GetFileName($_) -like '.*' } | Should -BeNullOrEmpty
    }

    It 'foretells the run with -WhatIf and writes nothing' {
        $forecast = New-GptqQuantizer 3 | Invoke-OneCompQuantization $model -Destination "$TestDrive/never/q" -WhatIf @few
        $forecast.GetType().FullName | Should -Be 'OneComp.Estimation.QuantizationForecast'
        $forecast.Source | Should -Be $model
        $forecast.Layers | Should -Be 42
        $forecast.PlainLayers | Should -Be 1
        $forecast.Bits | Should -Be 3
        $forecast.EffectiveBits | Should -Be (3 + 19 / 128)
        $forecast.CalibrationTokens | Should -Be (8 * 256) -Because "the model rewrites so few windows seven times"
        $forecast.CheckpointBytes | Should -BeGreaterThan 5000000
        $forecast.PeakHostBytes | Should -BeGreaterThan 100000000
        $forecast.EstimatedTime.TotalSeconds | Should -BeGreaterThan 0
        $forecast.IsPlanKnown | Should -BeTrue
        "$TestDrive/never" | Should -Not -Exist
        [IO.Directory]::GetFileSystemEntries($TestDrive) | Where-Object { [IO.Path]::GetFileName($_) -like '.*' } | Should -BeNullOrEmpty
    }

    It 'shares a run among devices, with the same bytes on the CPU' {
        $null = New-GptqQuantizer 4 | Invoke-OneCompQuantization $model -Destination "$TestDrive/one" -Device cpu @few
        $null = New-GptqQuantizer 4 | Invoke-OneCompQuantization $model -Destination "$TestDrive/two" -Device cpu, cpu @few
        [IO.File]::ReadAllBytes("$TestDrive/two/model.safetensors").Length | Should -BeGreaterThan 1000000
        [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([IO.File]::ReadAllBytes("$TestDrive/two/model.safetensors"))) |
            Should -Be ([Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([IO.File]::ReadAllBytes("$TestDrive/one/model.safetensors"))))
    }

    It 'takes devices as a list or by commas, and says which are wanted' {
        (New-GptqQuantizer 3 | Invoke-OneCompQuantization $model -Destination "$TestDrive/never" -Device cpu, cpu -MaxGpuMemoryGB 24 -WhatIf @few).Device | Should -Be 'cpu,cpu'
        (New-GptqQuantizer 3 | Invoke-OneCompQuantization $model -Destination "$TestDrive/never" -Device 'cpu,cpu,cpu' -WhatIf @few).Device | Should -Be 'cpu,cpu,cpu'
        { New-GptqQuantizer 3 | Invoke-OneCompQuantization $model -Destination "$TestDrive/never" -Device cpu, auto -WhatIf @few } | Should -Throw -ErrorId "DeviceNameInvalid,$failure"
    }

    It 'foretells a plan that fills the budget where layers are to be rated first' {
        $forecast = New-AutoBitQuantizer 3 -NumCalibSamples 4 -CalibSeqLen 32 -SavePath "$TestDrive/never.png" |
            Invoke-OneCompQuantization $model -Destination "$TestDrive/never/q" -WhatIf @few
        $forecast.IsPlanKnown | Should -BeFalse
        $forecast.TargetBit | Should -Be 3
        $forecast.EffectiveBits | Should -BeLessOrEqual (3 + 19 / 128)
        $forecast.EffectiveBits | Should -BeGreaterThan 3.1
        $forecast.RatingTokens | Should -Be 128
        "$TestDrive/never.png" | Should -Not -Exist
    }

    It 'refuses with -WhatIf what the run would refuse: <Name>' -ForEach @(
        @{ Name = 'a destination that is there'; Id = 'DestinationExists'; Command = { New-RtnQuantizer | Invoke-OneCompQuantization $model -Destination "$model/../../data" -WhatIf } }
        @{ Name = 'a budget that no candidate keeps'; Id = 'AssignmentBudgetTooSmall'; Command = { New-AutoBitQuantizer 1 -AutoDbf $false | Invoke-OneCompQuantization $model -Destination "$TestDrive/never" -WhatIf } }
        @{ Name = 'a form that cannot hold the plan'; Id = 'ExportLayerAsymmetric'; Command = { New-RtnQuantizer | Invoke-OneCompQuantization $model -Destination "$TestDrive/never" -Format CompressedTensors -WhatIf } }
        @{ Name = 'a text that is too short'; Id = 'CalibrationTooLittleText'; Command = { New-GptqQuantizer | Invoke-OneCompQuantization $model -Destination "$TestDrive/never" -NumCalibrationSamples 100000 -WhatIf } }
    ) {
        $Command | Should -Throw -ErrorId "$Id,$failure"
    }

    It 'gives the same checkpoint for the same seed' {
        foreach ($name in 'a', 'b') {
            $null = New-GptqQuantizer -NumLayers 4 |
                Invoke-OneCompQuantization $model -Destination "$TestDrive/$name" -CalibrationStrategy drop_rand -Seed 7 -NumCalibrationSamples 1 -MaxLength 64 -Device cpu
        }
        $a = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([IO.File]::ReadAllBytes("$TestDrive/a/model.safetensors")))
        $b = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([IO.File]::ReadAllBytes("$TestDrive/b/model.safetensors")))
        $a | Should -Be $b
    }

    It 'flows on to the perplexity' {
        $measured = New-RtnQuantizer 8 | Invoke-OneCompQuantization $model -Destination "$TestDrive/flow" @few |
            Measure-OneCompPerplexity -Path "$PSScriptRoot/../OneComp.Tests/Data/tiny-llama-ref.safetensors" -TensorName eval_ids -MaxLength 16
        [IO.Path]::GetFileName($measured.Model) | Should -Be 'flow'
    }
}

Describe 'Invoke-OneCompQuantization unattended' {
    BeforeAll {
        $rtn = New-RtnQuantizer
        # What a killed process leaves: a lock whose process has ended, and an unfinished run.
        $lock = '{{"lock_version":1,"user":"anna","host":"{0}","process_id":{1},"process":"{2}","since":"2026-11-24T01:30:00Z"}}'
    }

    It 'writes a log of JSON lines and a report' {
        $result = $rtn | Invoke-OneCompQuantization $model -Destination "$TestDrive/logged" -LogPath "$TestDrive/logs/run.jsonl" @few
        $lines = [IO.File]::ReadAllLines("$TestDrive/logs/run.jsonl")
        $lines.Count | Should -BeGreaterThan 42
        foreach ($line in $lines) { $line | Should -BeLike '{"time":"*"level":"*"event_id":*"event":"*"run":"*"message":"*' }
        $report = [System.Text.Json.JsonDocument]::Parse([IO.File]::ReadAllText("$($result.Destination)/run.json")).RootElement
        $report.GetProperty('status').GetString() | Should -Be 'done'
        $report.GetProperty('exit_code').GetInt32() | Should -Be 0
    }

    It 'refuses a log that cannot be written' {
        { $rtn | Invoke-OneCompQuantization $model -Destination "$TestDrive/unlogged" -LogPath $TestDrive @few } | Should -Throw -ErrorId "LogNotWritable,$failure"
        "$TestDrive/unlogged" | Should -Not -Exist
    }

    It 'begins a run with -Resume where there is none to go on with' {
        ($rtn | Invoke-OneCompQuantization $model -Destination "$TestDrive/begun" -Resume @few).Destination | Should -Exist
    }

    It 'says who holds a destination on another machine, and what to delete' {
        [IO.File]::WriteAllText("$TestDrive/.elsewhere.lock", ($lock -f 'another-machine', 1, 'x'))
        $thrown = { $rtn | Invoke-OneCompQuantization $model -Destination "$TestDrive/elsewhere" @few } |
            Should -Throw -ErrorId "DestinationLocked,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'ResourceExists'
        $thrown.Exception.Message | Should -BeLike '*anna on another-machine*delete*.elsewhere.lock*'
        [IO.File]::Delete("$TestDrive/.elsewhere.lock")
    }

    It 'takes over the lock of a process that has ended' {
        [IO.File]::WriteAllText("$TestDrive/.stale.lock", ($lock -f [Environment]::MachineName, $PID, 'an earlier start'))
        ($rtn | Invoke-OneCompQuantization $model -Destination "$TestDrive/stale" @few).Destination | Should -Exist
        "$TestDrive/.stale.lock" | Should -Not -Exist
    }

    It 'reports an unfinished run, and removes it with -Force' {
        $null = [IO.Directory]::CreateDirectory("$TestDrive/.half.run/checkpoint")
        [IO.File]::WriteAllText("$TestDrive/.half.run/run-state.json", '{}')
        $thrown = { $rtn | Invoke-OneCompQuantization $model -Destination "$TestDrive/half" @few } | Should -Throw -ErrorId "RunUnfinished,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'ResourceExists'
        $thrown.Exception.Message | Should -BeLike '*-Resume*-Force*'
        $thrown = { $rtn | Invoke-OneCompQuantization $model -Destination "$TestDrive/half" -Resume @few } | Should -Throw -ErrorId "RunStateInvalid,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidData'
        $null = $rtn | Invoke-OneCompQuantization $model -Destination "$TestDrive/half" -Force @few
        "$TestDrive/.half.run" | Should -Not -Exist
    }

    It 'ends cleanly where the pipeline needs no more' {
        # As Select-Object -First 1 does: the second quantizer is not begun with, or it would find the destination there.
        $first = foreach ($once in 1) {
            8, 4 | New-RtnQuantizer | Invoke-OneCompQuantization $model -Destination "$TestDrive/first" @few | ForEach-Object { $_; break }
        }
        $first | Should -HaveCount 1
        $first.Destination | Should -Exist
        [IO.Directory]::GetFileSystemEntries($TestDrive) | Where-Object { [IO.Path]::GetFileName($_) -like '.first*' } | Should -BeNullOrEmpty
    }
}
