BeforeAll {
    Import-Module "$PSScriptRoot/../../OneComp.psd1"
    $failure = 'QuantizerInvalidOptions,OneComp.Commands.NewDbfQuantizerCommand'
}

Describe 'New-DbfQuantizer' {
    It 'has the reference''s defaults, and the best where it has none' {
        $quantizer = New-DbfQuantizer
        $quantizer.TargetBits | Should -Be 1.5
        $quantizer.Iters | Should -Be 600
        $quantizer.Reg | Should -Be 0.03
        $quantizer.UseBalancing | Should -Be $false
        $quantizer.UseCurvature | Should -Be $true
        $quantizer.HessianIters | Should -Be 20
        $quantizer.HessianShrinkage | Should -Be 0.2
        $quantizer.RefineIters | Should -Be 3
        $quantizer.BalanceIters | Should -Be 40
        $quantizer.BalanceAlpha | Should -Be 1
        "$($quantizer.BalanceMode)" | Should -Be 'L1'
        $quantizer.UseAdaptiveRho | Should -Be $true
        $quantizer.MlpTargetBits | Should -BeNullOrEmpty
        $quantizer.Seed | Should -Be 0
        "$quantizer" | Should -Be 'DBF_1.5bit'
    }

    It 'takes every setting' {
        $quantizer = New-DbfQuantizer -TargetBits 1.25 -Iters 30 -Reg 0.1 -UseBalancing $true -UseCurvature $false -HessianIters 4 -HessianShrinkage 0.5 -RefineIters 1 -BalanceIters 10 -BalanceAlpha 2 -BalanceMode l2 -UseAdaptiveRho $false -MlpTargetBits 1.75 -ModuleTargetBits @{ down_proj = 2 } -Seed 5 -Name mine
        $quantizer.TargetBits | Should -Be 1.25
        $quantizer.Iters | Should -Be 30
        $quantizer.Reg | Should -Be 0.1
        $quantizer.UseBalancing | Should -Be $true
        $quantizer.UseCurvature | Should -Be $false
        $quantizer.HessianIters | Should -Be 4
        $quantizer.HessianShrinkage | Should -Be 0.5
        $quantizer.RefineIters | Should -Be 1
        $quantizer.BalanceIters | Should -Be 10
        $quantizer.BalanceAlpha | Should -Be 2
        "$($quantizer.BalanceMode)" | Should -Be 'L2'
        $quantizer.UseAdaptiveRho | Should -Be $false
        $quantizer.MlpTargetBits | Should -Be 1.75
        $quantizer.ModuleTargetBits[0].Key | Should -Be 'down_proj'
        $quantizer.ModuleTargetBits[0].Value | Should -Be 2
        $quantizer.Seed | Should -Be 5
        "$quantizer" | Should -Be 'mine'
    }

    It 'takes bits from the pipeline' {
        $quantizers = 1, 1.5 | New-DbfQuantizer -Iters 30
        $quantizers | Should -HaveCount 2
        $quantizers[0].TargetBits | Should -Be 1
        $quantizers[1].Iters | Should -Be 30
    }

    It 'names a setting that is out of range: <Name>' -ForEach @(
        @{ Name = 'TargetBits'; Settings = @{ TargetBits = 0 } }
        @{ Name = 'Iters'; Settings = @{ Iters = 0 } }
        @{ Name = 'Reg'; Settings = @{ Reg = -1 } }
        @{ Name = 'HessianIters'; Settings = @{ HessianIters = -1 } }
        @{ Name = 'HessianShrinkage'; Settings = @{ HessianShrinkage = 1.5 } }
        @{ Name = 'RefineIters'; Settings = @{ RefineIters = -1 } }
        @{ Name = 'BalanceIters'; Settings = @{ BalanceIters = 0 } }
        @{ Name = 'BalanceAlpha'; Settings = @{ BalanceAlpha = 0 } }
        @{ Name = 'MlpTargetBits'; Settings = @{ MlpTargetBits = 20 } }
        @{ Name = 'ModuleTargetBits'; Settings = @{ ModuleTargetBits = @{ down_proj = 0 } } }
    ) {
        $thrown = { New-DbfQuantizer @Settings } | Should -Throw -ErrorId $failure -PassThru
        $thrown.Exception.Message | Should -BeLike "*$Name*"
    }

    It 'does not know other norms' {
        { New-DbfQuantizer -BalanceMode l3 } | Should -Throw -ErrorId 'CannotConvertArgumentNoMessage,OneComp.Commands.NewDbfQuantizerCommand'
    }
}
