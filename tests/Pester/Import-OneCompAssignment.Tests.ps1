BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $model = "$PSScriptRoot/../../examples/models/tiny-llama"
    $autobit = 2, 3, 4 | New-RtnQuantizer | New-AutoBitQuantizer -TargetBit 3 -AssignmentStrategy ilp
    $rows = $autobit | Get-OneCompAssignment $model -Device cpu
}

Describe 'Import-OneCompAssignment' {
    It 'reads back what Export-OneCompAssignment wrote to plan.<_>' -ForEach 'csv', 'json', 'xlsx' {
        $rows | Export-OneCompAssignment "$TestDrive/plan.$_"
        $read = Import-OneCompAssignment "$TestDrive/plan.$_"
        $read | Should -HaveCount $rows.Count
        $read.Bits | Should -Be $rows.Bits
        $read[0].Costs | Should -Be $rows[0].Costs
    }

    It 'gives rows that Invoke-OneCompQuantization carries out' {
        $result = $autobit | Invoke-OneCompQuantization $model "$TestDrive/q" -Assignment $rows -Device cpu
        $result.Assignment.Quantizer | Should -Be $rows.Quantizer
    }

    It 'names the fault of a file that is no plan' {
        [IO.File]::WriteAllText("$TestDrive/bad.csv", 'a,b')
        { Import-OneCompAssignment "$TestDrive/bad.csv" -ErrorAction Stop } |
            Should -Throw -ErrorId 'ImportMissingColumn,OneComp.Commands.ImportOneCompAssignmentCommand'
    }
}

Describe 'Get-OneCompAssignment -TargetBit' {
    It 'gives the rows of each budget, and a curve of them' {
        $all = $autobit | Get-OneCompAssignment $model -TargetBit 2.5, 3 -Device cpu
        $all | Should -HaveCount (2 * $rows.Count)
        $all | Export-OneCompAssignment "$TestDrive/curve.png"
        [IO.File]::Exists("$TestDrive/curve.png") | Should -BeTrue
    }

    It 'sums each plan up with -Summary' {
        $plans = @($autobit | Get-OneCompAssignment $model -TargetBit 2.5, 3 -Summary -Device cpu)
        $plans.TargetBit | Should -Be 2.5, 3
        $plans[0].BitsLeft | Should -BeGreaterOrEqual 0
        $plans[0].ProvenGap | Should -BeLessThan 1e-6
    }
}
