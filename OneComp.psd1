@{
    # The loader comes first: it lets the cmdlets' assembly find the engine in module/lib.
    NestedModules        = @('module/OneComp.Loader.dll')
    RootModule           = 'module/OneComp.Cmdlets.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '72c907c9-ae95-48f6-bf74-4d7d291e39dc'
    Author               = 'OneComp.PowerShell contributors'
    CompanyName          = 'OneComp.PowerShell contributors'
    Copyright            = '(c) OneComp.PowerShell contributors. MIT license.'
    Description          = 'Compresses Hugging Face language models to a bit budget: VRAM estimate, bits per layer by integer programming, GPTQ, perplexity and reports.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('module/OneComp.Format.ps1xml')

    # One line a cmdlet, in the order of use; tests/Pester/Module.Tests.ps1 compares them with the classes.
    CmdletsToExport      = @(
        'Invoke-OneComp',
        'Get-OneCompDevice',
        'Save-OneCompModel',
        'Get-OneCompModel',
        'Get-OneCompVramEstimate',
        'New-RtnQuantizer',
        'New-GptqQuantizer',
        'New-DbfQuantizer',
        'New-AutoBitQuantizer',
        'Copy-OneCompQuantizer',
        'Export-OneCompQuantizer',
        'Import-OneCompQuantizer',
        'Get-OneCompAssignment',
        'Import-OneCompAssignment',
        'Invoke-OneCompQuantization',
        'Export-OneCompModel',
        'Import-OneCompModel',
        'Test-OneCompModel',
        'Measure-OneCompPerplexity',
        'Measure-OneCompDivergence',
        'Export-OneCompAssignment',
        'Export-OneCompHeatmap'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()

    PrivateData          = @{
        PSData = @{
            Tags       = @('LLM', 'quantization', 'GPTQ', 'AutoBit', 'safetensors', 'PSEdition_Core')
            LicenseUri = 'https://opensource.org/license/mit'
            # ProjectUri = set by a publish
        }
    }
}
