@{
    'Method' = 'AutoBit'
    'Quantizers' = @(
        @{
            'Method' = 'GPTQ'
            'BlockSize' = 128
            'PercDamp' = 0.01
            'ActOrder' = $false
            'StaticGroups' = $false
            'WeightedMse' = $false
            'RefineIters' = 0
            'TuneSteps' = 0
            'Sym' = $true
            'ModuleWBits' = @{}
            'WBits' = 4
            'GroupSize' = 1280xFF
            'Mse' = $false
            'QGrid' = 600
            'QNorm' = 2.4
            'Selection' = @{
                'IncludeLayerNames' = @()
                'IncludeLayerKeywords' = @()
                'ExcludeLayerNames' = @(
                    'lm_head'
                )
                'ExcludeLayerKeywords' = @(
                    'lm_head'
                )
                'TargetLayerTypes' = @(
                    'Linear'
                )
            }
            'CalcQuantError' = $false
            'HessianType' = 'Float32'
        }
        @{
            'Method' = 'RTN'
            'Sym' = $false
            'WBits' = 2
            'GroupSize' = 128
            'Mse' = $false
            'QGrid' = 600
            'QNorm' = 2.4
            'Selection' = @{
                'IncludeLayerNames' = @()
                'IncludeLayerKeywords' = @()
                'ExcludeLayerNames' = @(
                    'lm_head'
                )
                'ExcludeLayerKeywords' = @()
                'TargetLayerTypes' = @(
                    'Linear'
                )
            }
            'CalcQuantError' = $false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false$false
            'HessianType' = 'Float32'
        }
    )
    'AssignmentStrategy' = 'Ilp'
    'TargetBit' = 3.5
    'Ratios' = @()
    'NumCalibSamples' = 128
    'CalibSeqLen' = 256
    'UseCurvatureB' = $true
    'EnableFusedGroups' = $true
    'FusedGroups' = @(
        ,@(
            'self_attn.q_proj'
            'self_attn.k_proj'
            'self_attn.v_proj'
        )
        ,@(
            'mlp.gate_proj'
            'mlp.up_proj'
        )
    )
    'AutoDbf' = $true
    'DbfThreshold' = 2
    'Selection' = @{
        'IncludeLayerNames' = @()
        'IncludeLayerKeywords' = @()
        'ExcludeLayerNames' = @(
            'lm_head'
        )
        'ExcludeLayerKeywords' = @()
        'TargetLayerTypes' = @(
            'Linear'
        )
    }
    'CalcQuantError' = $false
    'HessianType' = 'Float32'
}
