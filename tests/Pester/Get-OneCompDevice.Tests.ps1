BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
}

Describe 'Get-OneCompDevice' {
    It 'lists the CPU first, with its memory and library' {
        $device = @(Get-OneCompDevice)[0]
        $device.Name | Should -Be 'cpu'
        $device.Backend | Should -Be 'CPU'
        $device.DisplayName | Should -Not -BeNullOrEmpty
        $device.LibraryVersion | Should -Match '^TorchSharp \d'
        $device.TotalMemoryBytes | Should -BeGreaterThan 100e6
        $device.FreeMemoryBytes | Should -BeGreaterThan 0
        $device.FreeMemoryBytes | Should -BeLessOrEqual $device.TotalMemoryBytes
    }

    It 'gives the device named <_>' -ForEach 'cpu', 'CPU', 'c*u' {
        $device = Get-OneCompDevice $_
        $device | Should -HaveCount 1
        $device.Name | Should -Be 'cpu'
    }

    It 'takes names from the pipeline' {
        ('cpu' | Get-OneCompDevice).Name | Should -Be 'cpu'
    }

    It 'is silent where a wildcard finds nothing' {
        Get-OneCompDevice 'no*such' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'says which devices there are where a name finds none' {
        $failure = { Get-OneCompDevice 'npu:7' -ErrorAction Stop } |
            Should -Throw -ErrorId 'DeviceNotFound,OneComp.Commands.GetOneCompDeviceCommand' -PassThru
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failure.TargetObject | Should -Be 'npu:7'
        $failure.Exception.Message | Should -BeLike '*npu:7*cpu*'
    }

    It 'goes on after a name that finds none' {
        (Get-OneCompDevice 'npu:7', 'cpu' -ErrorAction SilentlyContinue).Name | Should -Be 'cpu'
    }
}
