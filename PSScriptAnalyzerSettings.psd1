# PSScriptAnalyzer's default rules over the scripts that people run; CI calls it (.github/workflows/ci.yml).
@{
    IncludeDefaultRules = $true
    Severity            = @('Error', 'Warning')
}
