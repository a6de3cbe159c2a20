BeforeAll {
    $manifest = "$PSScriptRoot/../../OneComp.psd1"
    $module = Import-Module $manifest -PassThru
}

Describe 'The module' {
    It 'imports as OneComp, with a version' {
        $module.Name | Should -Be 'OneComp'
        $module.Version | Should -BeGreaterThan ([version]'0.0')
    }

    It 'exports a cmdlet for each cmdlet class of its assembly, and for no other' {
        $classes = $module.ImplementingAssembly.ExportedTypes |
            ForEach-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" }
        $exported = [string[]]$module.ExportedCmdlets.Keys
        [array]::Sort($exported)
        $classes = [string[]]$classes
        [array]::Sort($classes)
        $exported | Should -Be $classes
    }

    It 'exports nothing but cmdlets' {
        $module.ExportedFunctions.Count | Should -Be 0
        $module.ExportedAliases.Count | Should -Be 0
        $module.ExportedVariables.Count | Should -Be 0
    }

    It 'uses approved verbs and its own noun prefix or the quantizers'' nouns' {
        $approved = [System.Management.Automation.VerbsCommon], [System.Management.Automation.VerbsCommunications],
            [System.Management.Automation.VerbsData], [System.Management.Automation.VerbsDiagnostic],
            [System.Management.Automation.VerbsLifecycle], [System.Management.Automation.VerbsSecurity],
            [System.Management.Automation.VerbsOther] | ForEach-Object { $_.GetFields() } | ForEach-Object { $_.GetValue($null) }
        foreach ($cmdlet in $module.ExportedCmdlets.Values) {
            $cmdlet.Verb | Should -BeIn $approved
            $cmdlet.Noun | Should -Match '^(OneComp|.+Quantizer$)'
        }
    }

    It 'declares what each cmdlet returns' {
        foreach ($cmdlet in $module.ExportedCmdlets.Values) {
            $cmdlet.OutputType.Count | Should -BeGreaterThan 0 -Because "$($cmdlet.Name) needs an [OutputType]"
        }
    }
}

Describe 'Importing the module' {
    It 'loads neither the tensor library nor the engine''s other packages' {
        # Only a fresh process can tell: pwsh where the suite runs in it, else the project's own host.
        $shell = [Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
        $arguments = @('-NoProfile')
        if ([IO.Path]::GetFileNameWithoutExtension($shell) -ne 'pwsh') {
            $builds = [IO.Directory]::GetFiles("$PSScriptRoot/../../src/OneComp.Host/bin", 'OneComp.Host.dll', 'AllDirectories')
            [array]::Sort([datetime[]]($builds | ForEach-Object { [IO.File]::GetLastWriteTimeUtc($_) }), $builds)
            $shell = 'dotnet'
            $arguments = @($builds[-1])
        }
        $code = "Import-Module '$manifest'; [AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { `$_.GetName().Name }"
        $loaded = & $shell @arguments -Command $code
        $loaded | Should -Contain 'OneComp.Cmdlets'
        $loaded | Should -Not -Contain 'TorchSharp'
        $loaded | Should -Not -Contain 'Google.OrTools'
        $loaded | Should -Not -Contain 'SkiaSharp'
    }
}
