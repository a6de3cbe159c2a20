# What needs a hub is tested in tests/OneComp.Tests/Hub; here is what a user sees on a server without internet.
BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = [IO.Path]::GetFullPath("$PSScriptRoot/../../examples/models/tiny-llama")
    $failure = 'OneComp.Commands.SaveOneCompModelCommand'
    $before = @{}
    foreach ($name in 'HF_HUB_OFFLINE', 'HF_HUB_CACHE', 'HF_HOME', 'HF_ENDPOINT', 'HF_TOKEN') {
        $before[$name] = [Environment]::GetEnvironmentVariable($name)
    }
    [Environment]::SetEnvironmentVariable('HF_HUB_OFFLINE', '1')
    [Environment]::SetEnvironmentVariable('HF_HUB_CACHE', "$TestDrive/cache")
    [Environment]::SetEnvironmentVariable('HF_HOME', "$TestDrive/home")

    # The cache as Python's tools leave it.
    $folder = "$TestDrive/cache/models--acme--tiny"
    $commit = '0123456789abcdef0123456789abcdef01234567'
    $null = [IO.Directory]::CreateDirectory("$folder/refs")
    $null = [IO.Directory]::CreateDirectory("$folder/snapshots/$commit")
    [IO.File]::WriteAllText("$folder/refs/main", $commit)
    foreach ($file in [IO.Directory]::GetFiles($model)) {
        [IO.File]::Copy($file, "$folder/snapshots/$commit/$([IO.Path]::GetFileName($file))")
    }
}

AfterAll {
    foreach ($name in $before.Keys) {
        [Environment]::SetEnvironmentVariable($name, $before[$name])
    }
}

Describe 'A model by its id' {
    It 'is found in the cache by Get-OneCompVramEstimate' {
        $estimate = Get-OneCompVramEstimate acme/tiny -TotalVramGB 0.01
        $estimate.TotalParams | Should -Be 6229248
        $estimate.Model | Should -Be 'acme/tiny'
    }

    It 'is found by revision, as <_>' -ForEach 'acme/tiny@main', 'acme/tiny@0123456789abcdef0123456789abcdef01234567' {
        @(Get-OneCompModel $_) | Should -HaveCount 43
    }

    It 'keeps its id down the pipeline' {
        $plan = Get-OneCompVramEstimate acme/tiny -TotalVramGB 0.0115 | New-AutoBitQuantizer -AssignmentStrategy ilp | Get-OneCompAssignment
        $plan | Should -HaveCount 42
    }

    It 'gives way to a folder of that name' {
        $null = [IO.Directory]::CreateDirectory("$TestDrive/here/acme/tiny")
        [IO.File]::WriteAllText("$TestDrive/here/acme/tiny/config.json", '{}')
        $place = $ExecutionContext.SessionState.Path.CurrentLocation
        $null = $ExecutionContext.SessionState.Path.SetLocation("$TestDrive/here")
        try {
            { Get-OneCompModel acme/tiny -ErrorAction Stop } | Should -Throw -ErrorId 'ModelConfigFieldMissing,OneComp.Commands.GetOneCompModelCommand'
        } finally {
            $null = $ExecutionContext.SessionState.Path.SetLocation($place)
        }
    }

    It 'says where it was looked for when the machine is offline' {
        $thrown = { Get-OneCompVramEstimate acme/other -TotalVramGB 1 -ErrorAction Stop } | Should -Throw -ErrorId 'HubNotInCache,OneComp.Commands.GetOneCompVramEstimateCommand' -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $thrown.Exception.Message | Should -BeLike '*no folder*acme/other*models--acme--other*HF_HUB_OFFLINE*Save-OneCompModel*'
    }
}

Describe 'Save-OneCompModel' {
    It 'says that the machine is offline' {
        $thrown = { Save-OneCompModel acme/tiny "$TestDrive/out" -ErrorAction Stop } | Should -Throw -ErrorId "HubNotInCache,$failure" -PassThru
        $thrown.Exception.Message | Should -BeLike '*HF_HUB_OFFLINE*'
        [IO.Directory]::Exists("$TestDrive/out") | Should -BeFalse
    }

    It 'writes nothing with -WhatIf' {
        Save-OneCompModel acme/tiny "$TestDrive/out" -WhatIf
        Save-OneCompModel acme/tiny -CacheOnly -WhatIf
        [IO.Directory]::Exists("$TestDrive/out") | Should -BeFalse
    }

    It 'refuses <_> as an id' -ForEach './tiny', 'a/b/c', 'acme/ti ny', 'C:\models\tiny' {
        $thrown = { Save-OneCompModel $_ "$TestDrive/out" } | Should -Throw -ErrorId "HubIdInvalid,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
    }

    It 'refuses two revisions' {
        { Save-OneCompModel acme/tiny@v1 "$TestDrive/out" -Revision v2 } | Should -Throw -ErrorId "HubIdInvalid,$failure"
    }

    It 'takes a folder or the cache, not both' {
        { Save-OneCompModel acme/tiny -Destination "$TestDrive/out" -CacheOnly } | Should -Throw -ErrorId "AmbiguousParameterSet,$failure"
    }

    It 'refuses a token that no header can carry' {
        { Save-OneCompModel acme/tiny "$TestDrive/out" -Token "hf_a b" } | Should -Throw -ErrorId "CannotConvertArgumentNoMessage,$failure"
    }
}
