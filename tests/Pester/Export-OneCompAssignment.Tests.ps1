# A plan to a file. The commands of the tests are those that the console host has too.
BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $rowType = (Get-Command Export-OneCompAssignment).Parameters['InputObject'].ParameterType
    function New-Row([int] $Block, [string] $Module, [double] $Bits, [double] $Cost = 0.5, $TargetBit = $null) {
        [System.Management.Automation.LanguagePrimitives]::ConvertTo(@{
                Layer = "model.layers.$Block.$Module"; Block = $Block; Module = $Module; InFeatures = 256; OutFeatures = 128
                Quantizer = "GPTQ_${Bits}bit_gs128"; Bits = $Bits; EffectiveBits = $Bits + (16 + $Bits) / 128; GroupSize = 128; Error = $Cost; TargetBit = $TargetBit
            }, $rowType)
    }
    $rows = @(
        New-Row 0 self_attn.q_proj 2
        New-Row 0 mlp.up_proj 3
        New-Row 1 self_attn.q_proj 4 ([double]::NaN)
    )
    # Whatever modules the machine has, these tests choose.
    $modulePath = $env:PSModulePath
    $env:PSModulePath = "$TestDrive/no-modules"
    $failure = 'OneComp.Commands.ExportOneCompAssignmentCommand'
}

AfterAll {
    $env:PSModulePath = $modulePath
}

Describe 'Export-OneCompAssignment' {
    BeforeEach {
        $folder = [IO.Directory]::CreateDirectory("$TestDrive/$([guid]::NewGuid())").FullName
    }

    It 'writes <_> and says nothing' -ForEach 'plan.xlsx', 'plan.csv', 'plan.json' {
        $rows | Export-OneCompAssignment -Path "$folder/$_" | Should -BeNullOrEmpty
        "$folder/$_" | Should -Exist
        [IO.Directory]::GetFileSystemEntries($folder) | Should -HaveCount 1
    }

    It 'gives the file with -PassThru' {
        $file = $rows | Export-OneCompAssignment "$folder/plan.csv" -PassThru
        $file | Should -BeOfType ([IO.FileInfo])
        $file.Length | Should -BeGreaterThan 100
    }

    It 'writes a line a row' {
        $rows | Export-OneCompAssignment "$folder/plan.csv"
        $lines = [IO.File]::ReadAllLines("$folder/plan.csv")
        $lines | Should -HaveCount 4
        $lines[1] | Should -Be 'model.layers.0.self_attn.q_proj,0,self_attn.q_proj,256,128,32768,GPTQ_2bit_gs128,2,2.140625,128,0.5,,'
        $lines[3] | Should -BeLike '*,4.15625,128,,,'
    }

    It 'takes the rows of a result by property name' {
        New-Module -AsCustomObject { $Assignment = $args[0]; Export-ModuleMember -Variable Assignment } -ArgumentList (, $rows) |
            Export-OneCompAssignment "$folder/plan.csv"
        [IO.File]::ReadAllLines("$folder/plan.csv") | Should -HaveCount 4
    }

    It 'takes the rows as an argument' {
        Export-OneCompAssignment "$folder/plan.csv" -Assignment $rows
        [IO.File]::ReadAllLines("$folder/plan.csv") | Should -HaveCount 4
    }

    It 'starts a relative path at the location of the session' {
        $before = $ExecutionContext.SessionState.Path.CurrentLocation.Path
        $null = $ExecutionContext.SessionState.Path.SetLocation($folder)
        try { $rows | Export-OneCompAssignment plan.csv }
        finally { $null = $ExecutionContext.SessionState.Path.SetLocation($before) }
        "$folder/plan.csv" | Should -Exist
    }

    It 'does not replace a file without -Force' {
        [IO.File]::WriteAllText("$folder/plan.csv", 'mine')
        $thrown = { $rows | Export-OneCompAssignment "$folder/plan.csv" } | Should -Throw -ErrorId "ReportFileExists,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'ResourceExists'
        [IO.File]::ReadAllText("$folder/plan.csv") | Should -Be 'mine'
    }

    It 'replaces <_> with -Force' -ForEach 'plan.xlsx', 'plan.csv', 'plan.json' {
        [IO.File]::WriteAllText("$folder/$_", 'mine')
        $rows | Export-OneCompAssignment "$folder/$_" -Force
        [IO.File]::ReadAllText("$folder/$_") | Should -Not -Be 'mine'
    }

    It 'refuses the extension of <_>' -ForEach 'plan.txt', 'plan' {
        $thrown = { $rows | Export-OneCompAssignment "$folder/$_" } | Should -Throw -ErrorId "ReportUnknownExtension,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
        [IO.Directory]::GetFileSystemEntries($folder) | Should -BeNullOrEmpty
    }

    It 'names a missing folder' {
        $thrown = { $rows | Export-OneCompAssignment "$folder/none/plan.csv" } | Should -Throw -ErrorId "ReportFolderNotFound,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $thrown.Exception.Message | Should -BeLike '*none*'
    }

    It 'refuses two rows for one layer' {
        $thrown = { $rows[0], $rows[0] | Export-OneCompAssignment "$folder/plan.csv" } | Should -Throw -ErrorId "ReportDuplicateLayer,$failure" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'InvalidArgument'
    }

    It 'refuses to write nothing' {
        { @() | Export-OneCompAssignment "$folder/plan.csv" } | Should -Throw -ErrorId "ReportNoRows,$failure"
    }

    It 'writes nothing with -WhatIf' {
        $rows | Export-OneCompAssignment "$folder/plan.xlsx" -PassThru -WhatIf | Should -BeNullOrEmpty
        [IO.Directory]::GetFileSystemEntries($folder) | Should -BeNullOrEmpty
    }

    It 'says that OpenXml writes the workbook where ImportExcel is not there' {
        $said = $rows | Export-OneCompAssignment "$folder/plan.xlsx" -Verbose 4>&1
        "$said" | Should -BeLike '*ImportExcel is not there*OpenXml*'
    }
}

Describe 'Export-OneCompAssignment with ImportExcel' {
    BeforeAll {
        # Stands in for the module: what it is told to do, it writes to the file as text.
        $null = [IO.Directory]::CreateDirectory("$TestDrive/modules/ImportExcel")
        [IO.File]::WriteAllText("$TestDrive/modules/ImportExcel/ImportExcel.psd1", @'
@{
    RootModule        = 'ImportExcel.psm1'
    ModuleVersion     = '7.8.10'
    GUID              = '60dd4136-feff-401a-ba27-a84458c57ede'
    FunctionsToExport = 'Export-Excel', 'Set-ExcelColumn', 'Set-ExcelRange', 'Add-ConditionalFormatting', 'Add-ExcelChart', 'Close-ExcelPackage'
}
'@)
        [IO.File]::WriteAllText("$TestDrive/modules/ImportExcel/ImportExcel.psm1", @'
function Export-Excel {
    [CmdletBinding()]
    param($Path, $ExcelPackage, $InputObject, $WorksheetName, $TableName, $TableStyle, [switch]$BoldTopRow, [switch]$FreezeTopRow, [switch]$FreezeFirstColumn, [switch]$PassThru)
    if ($global:FailImportExcel) { throw 'no licence' }
    if (-not $ExcelPackage) {
        $ExcelPackage = New-Module -AsCustomObject {
            $Workbook = New-Module -AsCustomObject { $Worksheets = @{}; Export-ModuleMember -Variable Worksheets }
            $File = $args[0]
            $Log = [Collections.Generic.List[string]]::new()
            Export-ModuleMember -Variable Workbook, File, Log
        } -ArgumentList $Path
    }
    $ExcelPackage.Workbook.Worksheets[$WorksheetName] = @{ Name = $WorksheetName; Log = $ExcelPackage.Log }
    $ExcelPackage.Log.Add("sheet $WorksheetName table '$TableName' bold $BoldTopRow freeze $FreezeTopRow $FreezeFirstColumn")
    $ExcelPackage.Log.Add("header $($InputObject.Columns.ColumnName -join '|')")
    foreach ($row in $InputObject.Rows) { $ExcelPackage.Log.Add("row $($row.ItemArray -join '|')") }
    if ($PassThru) { $ExcelPackage }
}
function Set-ExcelColumn {
    [CmdletBinding()]
    param($Worksheet, $Column, $Width, $NumberFormat, $HorizontalAlignment, [switch]$Hide)
    $Worksheet.Log.Add("column $($Worksheet.Name) $Column width $Width format '$NumberFormat' $HorizontalAlignment hidden $Hide")
}
function Set-ExcelRange {
    param($Worksheet, $Range, $Value, $NumberFormat)
    if ($NumberFormat) { $Worksheet.Log.Add("format $($Worksheet.Name) $Range '$NumberFormat'") }
    elseif ($null -eq $Value) { $Worksheet.Log.Add("blank $($Worksheet.Name) $Range") }
}
function Add-ExcelChart {
    [CmdletBinding()]
    param($Worksheet, $Title, $ChartType, $XRange, $YRange, $SeriesHeader, [switch]$NoLegend, $XAxisTitleText, $YAxisTitleText, $YAxisNumberformat, [int]$Row, [int]$Column, [int]$Width, [int]$Height, [switch]$PassThru)
    $Worksheet.Log.Add("chart $($Worksheet.Name) $ChartType x $($XRange -join '|') y $($YRange -join '|') names $($SeriesHeader -join '|') axes $XAxisTitleText|$YAxisTitleText at $Row,$Column legend $(-not $NoLegend)")
    $global:ExcelChart = New-Module -AsCustomObject { $YAxis = New-Module -AsCustomObject { $LogBase = $null; Export-ModuleMember -Variable LogBase }; Export-ModuleMember -Variable YAxis }
    if ($PassThru) { $global:ExcelChart }
}
function Add-ConditionalFormatting { param($Worksheet, $Address, $RuleType) $Worksheet.Log.Add("scale $($Worksheet.Name) $Address $RuleType") }
function Close-ExcelPackage {
    param($ExcelPackage, [switch]$NoSave)
    if (-not $NoSave) { [IO.File]::WriteAllLines($ExcelPackage.File, $ExcelPackage.Log) }
}
'@)
        $env:PSModulePath = "$TestDrive/modules"
        $global:FailImportExcel = $false
    }

    AfterAll {
        Remove-Module ImportExcel -ErrorAction Ignore
        $env:PSModulePath = "$TestDrive/no-modules"
        $ExecutionContext.SessionState.PSVariable.Remove('global:FailImportExcel')
        $ExecutionContext.SessionState.PSVariable.Remove('global:ExcelChart')
    }

    BeforeEach {
        $folder = [IO.Directory]::CreateDirectory("$TestDrive/$([guid]::NewGuid())").FullName
    }

    It 'has ImportExcel write the same sheets' {
        $rows | Export-OneCompAssignment "$folder/plan.xlsx"
        $log = [IO.File]::ReadAllLines("$folder/plan.xlsx")
        $log -like 'sheet *' | Should -Be @(
            "sheet Summary table 'Summary' bold True freeze True True"
            "sheet Assignment table 'Assignment' bold True freeze True True"
            "sheet Heatmap table '' bold True freeze True True"
        )
        [IO.Directory]::GetFileSystemEntries($folder) | Should -HaveCount 1
    }

    It 'gives it every value' {
        $rows | Export-OneCompAssignment "$folder/plan.xlsx"
        $log = [IO.File]::ReadAllLines("$folder/plan.xlsx")
        $log | Should -Contain 'header Layer|Block|Module|InFeatures|OutFeatures|Parameters|Quantizer|Bits|EffectiveBits|GroupSize|Error|TargetBit|Costs'
        $log | Should -Contain 'row model.layers.0.mlp.up_proj|0|mlp.up_proj|256|128|32768|GPTQ_3bit_gs128|3|3.1484375|128|0.5||'
        $log | Should -Contain 'header Block|q_proj|up_proj'
        $log | Should -Contain 'row 0|2|3'
        $log | Should -Contain 'row 1|4|'
        $log | Should -Contain "row Bits|3|mean of the plan's codes, bits per weight"
        $log | Should -Contain 'row QuantizedLayers|3|of these, quantized'
    }

    It 'has it format the numbers, clear the blanks and colour the heatmap' {
        $rows | Export-OneCompAssignment "$folder/plan.xlsx"
        $log = [IO.File]::ReadAllLines("$folder/plan.xlsx")
        $log | Should -Contain "column Assignment 6 width 15 format '#,##0'  hidden False"
        $log | Should -Contain "column Assignment 13 width 40 format ''  hidden True"
        $log | Should -Contain "column Summary 2 width 44 format '' Left hidden False"
        $log | Should -Contain 'blank Assignment K4'
        $log | Should -Contain 'blank Heatmap C3'
        $log | Should -Contain "format Summary B6 '0.0000'"
        $log -like 'scale *' | Should -Be @('scale Assignment H2:H4 ThreeColorScale', 'scale Heatmap B2:C3 ThreeColorScale')
    }

    It 'has it draw the curve of several budgets' {
        @(New-Row 0 self_attn.q_proj 2 4 -TargetBit 2.25; New-Row 0 self_attn.q_proj 4 1 -TargetBit 4.5) | Export-OneCompAssignment "$folder/curve.xlsx"
        $log = [IO.File]::ReadAllLines("$folder/curve.xlsx")
        $log -like 'sheet *' -replace ' table.*' | Should -Be @('sheet Summary', 'sheet Curve', 'sheet Assignment')
        $log -like 'chart *' | Should -Be 'chart Curve XYScatterLines x Curve!$B$2:$B$3 y Curve!$C$2:$C$3 names TotalError axes EffectiveBits|TotalError at 1,6 legend False'
        $global:ExcelChart.YAxis.LogBase | Should -Be 10
    }

    It 'has it draw what each candidate would cost beside the plan' {
        $plan = New-AutoBitQuantizer 3 -AssignmentStrategy ilp | Get-OneCompAssignment "$PSScriptRoot/../../examples/models/tiny-llama"
        $plan | Export-OneCompAssignment "$folder/plan.xlsx"
        $log = [IO.File]::ReadAllLines("$folder/plan.xlsx")
        $log -like 'chart *' | Should -BeLike 'chart Curve XYScatterLines x Curve!$B$2:$B$5|Curve!$B$6:$B$6 y *names one quantizer for all layers|this plan *legend True'
        $log -like 'row GPTQ_*bit_gs128|*' | Should -HaveCount 4
        $plan | Export-OneCompAssignment "$folder/plan.csv"
        Import-OneCompAssignment "$folder/plan.csv" | Should -HaveCount $plan.Count
    }

    It 'says that ImportExcel writes the workbook' {
        "$($rows | Export-OneCompAssignment "$folder/plan.xlsx" -Verbose 4>&1)" | Should -BeLike '*with ImportExcel 7.8.10*'
    }

    It 'replaces a file with -Force only' {
        [IO.File]::WriteAllText("$folder/plan.xlsx", 'mine')
        { $rows | Export-OneCompAssignment "$folder/plan.xlsx" } | Should -Throw -ErrorId "ReportFileExists,$failure"
        [IO.File]::ReadAllText("$folder/plan.xlsx") | Should -Be 'mine'
        $rows | Export-OneCompAssignment "$folder/plan.xlsx" -Force
        [IO.File]::ReadAllText("$folder/plan.xlsx") | Should -BeLike 'sheet *'
    }

    It 'leaves CSV and JSON to itself' {
        $rows | Export-OneCompAssignment "$folder/plan.csv"
        [IO.File]::ReadAllText("$folder/plan.csv") | Should -BeLike 'Layer,*'
    }

    It 'warns and writes the workbook itself where ImportExcel fails' {
        $global:FailImportExcel = $true
        try { $said = $rows | Export-OneCompAssignment "$folder/plan.xlsx" 3>&1 }
        finally { $global:FailImportExcel = $false }
        "$said" | Should -BeLike '*no licence*OpenXml*'
        [IO.File]::ReadAllText("$folder/plan.xlsx") | Should -BeLike 'PK*'
        [IO.Directory]::GetFileSystemEntries($folder) | Should -HaveCount 1
    }
}
