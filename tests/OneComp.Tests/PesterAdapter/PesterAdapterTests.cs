using OneComp.Tests.Support;

namespace OneComp.Tests.PesterAdapter;

/// <summary>The adapter must be able to say no: every operator, on a false assertion and on its true counterpart.</summary>
public sealed class PesterAdapterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1 | Should -Be 1", "1 | Should -Be 2")]
    [InlineData("'a' | Should -Be 'A'", "'a' | Should -BeExactly 'A'")]
    [InlineData("@(1, 2) | Should -Be @(1, 2)", "@(1, 2) | Should -Be @(1, 2, 3)")]
    [InlineData("@(1, 2) | Should -Be @(1, 2)", "@(1, 2) | Should -Be @(1, 3)")]
    [InlineData("1 | Should -Not -Be 2", "1 | Should -Not -Be 1")]
    [InlineData("$null | Should -Be $null", "0 | Should -Be $null")]
    [InlineData("'a' | Should -BeExactly 'a'", "'a' | Should -BeExactly 'b'")]
    [InlineData("'' | Should -BeNullOrEmpty", "'x' | Should -BeNullOrEmpty")]
    [InlineData("@() | Should -BeNullOrEmpty", "@(1, 2) | Should -BeNullOrEmpty")]
    [InlineData("@{} | Should -BeNullOrEmpty", "0 | Should -BeNullOrEmpty")]
    [InlineData("1 | Should -BeTrue", "0 | Should -BeTrue")]
    [InlineData("0 | Should -BeFalse", "1 | Should -BeFalse")]
    [InlineData("2 | Should -BeGreaterThan 1", "1 | Should -BeGreaterThan 1")]
    [InlineData("1 | Should -BeGreaterOrEqual 1", "0 | Should -BeGreaterOrEqual 1")]
    [InlineData("1 | Should -BeLessThan 2", "2 | Should -BeLessThan 2")]
    [InlineData("2 | Should -BeLessOrEqual 2", "3 | Should -BeLessOrEqual 2")]
    [InlineData("1 | Should -BeOfType ([int])", "1 | Should -BeOfType ([string])")]
    [InlineData("1 | Should -BeOfType [int]", "$null | Should -BeOfType [int]")]
    [InlineData("'abc' | Should -Match '^A.C$'", "'abc' | Should -Match '^b'")]
    [InlineData("'abc' | Should -BeLike 'A*'", "'abc' | Should -BeLike 'b*'")]
    [InlineData("@(1, 2) | Should -Contain 2", "@(1, 2) | Should -Contain 3")]
    [InlineData("@(1, 2) | Should -HaveCount 2", "@(1, 2) | Should -HaveCount 1")]
    [InlineData("@() | Should -HaveCount 0", "@() | Should -HaveCount 1")]
    [InlineData("2 | Should -BeIn @(1, 2)", "3 | Should -BeIn @(1, 2)")]
    [InlineData("$TestDrive | Should -Exist", "\"$TestDrive/nothing\" | Should -Exist")]
    [InlineData("{ throw 'x' } | Should -Throw", "{ 1 } | Should -Throw")]
    [InlineData("{ 1 } | Should -Not -Throw", "{ throw 'x' } | Should -Not -Throw")]
    [InlineData("{ 1/0 } | Should -Throw -ExceptionType ([Management.Automation.RuntimeException])", "{ 1/0 } | Should -Throw -ExceptionType ([IO.IOException])")]
    [InlineData("{ Get-Nothing } | Should -Throw -ErrorId CommandNotFoundException", "{ Get-Nothing } | Should -Throw -ErrorId CommandNotFound")]
    [InlineData("{ throw 'a bad thing' } | Should -Throw '*bad*'", "{ throw 'a bad thing' } | Should -Throw '*good*'")]
    [InlineData("{ throw 'a bad thing' } | Should -Throw -ExpectedMessage 'a bad thing'", "{ throw 'a bad thing' } | Should -Throw -ExpectedMessage 'bad'")]
    [InlineData("($e = { throw 'x' } | Should -Throw -PassThru); $e.Exception.Message | Should -Be 'x'", "$e = { throw 'x' } | Should -Throw -PassThru; $e.Exception.Message | Should -Be 'y'")]
    public void An_operator_passes_what_holds_and_fails_what_does_not(string holds, string doesNot)
    {
        Assert.Empty(FaultsOf(holds));
        Assert.Contains("PesterAssertionFailed", Assert.Single(FaultsOf(doesNot)));
    }

    [Fact]
    public void Each_value_of_the_pipeline_is_asked() => Assert.Single(FaultsOf("1, 0 | Should -BeTrue"));

    [Fact]
    public void A_failure_says_why() => Assert.Contains("Expected @(1 (Int32)) to Be 2 (Int32), because one is not two.", Assert.Single(FaultsOf("1 | Should -Be 2 -Because 'one is not two'")));

    [Theory]
    [InlineData("throw 'x'", "x")]
    [InlineData("Get-Nothing", "CommandNotFoundException")]
    [InlineData("1 | Should -BeRoughly 1", "NamedParameterNotFound")]
    [InlineData("1 | Should", "exactly one operator")]
    [InlineData("1 | Should -Be 1 -BeTrue", "exactly one operator")]
    [InlineData("$x = 1/0", "divide by zero")]
    public void An_exception_fails_the_test(string body, string message) => Assert.Contains(message, Assert.Single(FaultsOf(body)));

    [Fact]
    public void A_statement_after_a_failed_assertion_does_not_run() => Assert.Single(FaultsOf("1 | Should -Be 2; throw 'second'"));

    [Fact]
    public void A_test_that_leaves_by_break_has_not_passed() => Assert.Contains("did not run to its end", Assert.Single(FaultsOf("break")));

    [Fact]
    public void Setups_run_in_pesters_order_and_scope()
    {
        var test = Assert.Single(Run("""
            BeforeAll { $order = [Collections.Generic.List[string]]::new(); $order.Add('file') }
            Describe 'outer' {
                BeforeAll { $order.Add('outer') }
                BeforeEach { $order.Add('each outer') }
                Context 'inner' {
                    BeforeAll { $order.Add('inner'); $x = 5 }
                    BeforeEach { $order.Add('each inner'); $y = 6 }
                    It 'sees all' { "$($order -join '|') $x $y" | Should -Be 'file|outer|inner|each outer|each inner 5 6' }
                }
            }
            """));
        Assert.Empty(test.Faults);
        Assert.Equal("outer.inner.sees all", test.Name);
    }

    [Fact]
    public void A_test_does_not_see_what_another_has_set()
    {
        var tests = Run("Describe 'd' { It 'a' { $leak = 1; $leak | Should -Be 1 }\n It 'b' { $leak | Should -BeNullOrEmpty } }");
        Assert.All(tests, test => Assert.Empty(test.Faults));
    }

    [Fact]
    public void Teardowns_run_after_a_failure_and_fail_the_test_themselves()
    {
        var tests = Run("Describe 'd' { AfterEach { throw 'torn' }\n It 'a' { 1 | Should -Be 2 } }");
        Assert.Collection(Assert.Single(tests).Faults, fault => Assert.Contains("PesterAssertionFailed", fault), fault => Assert.Contains("torn", fault));
    }

    [Theory]
    [InlineData("BeforeAll")]
    [InlineData("AfterAll")]
    [InlineData("BeforeEach")]
    [InlineData("AfterEach")]
    public void A_failing_setup_or_teardown_fails_every_test_of_its_block(string setup)
    {
        var tests = Run($"Describe 'd' {{ {setup} {{ throw 'oops' }}\n It 'a' {{ }}\n Context 'c' {{ It 'b' {{ }} }} }}");
        Assert.Equal(2, tests.Count);
        Assert.All(tests, test => Assert.Contains("oops", Assert.Single(test.Faults)));
    }

    [Fact]
    public void Cases_become_tests_with_their_names_variables_and_arguments()
    {
        var tests = Run("""
            BeforeDiscovery { $cases = @{ N = 1; Square = 1 }, @{ N = 3; Square = 9 } }
            Describe 'square of <_>' -ForEach 7, 8 {
                BeforeAll { $outer = $_ }
                It '<N> gives <Square>' -TestCases $cases { param($N, $Square) $N * $N | Should -Be $Square; $outer | Should -BeIn 7, 8 }
                It 'item <_>' -ForEach 'p', 'q' { $_ | Should -BeIn 'p', 'q' }
            }
            """);
        Assert.All(tests, test => Assert.Empty(test.Faults));
        Assert.Equal(
            ["square of 7.1 gives 1", "square of 7.3 gives 9", "square of 7.item p", "square of 7.item q",
             "square of 8.1 gives 1", "square of 8.3 gives 9", "square of 8.item p", "square of 8.item q"],
            tests.Select(test => test.Name));
    }

    [Fact]
    public void A_skipped_test_does_not_run()
    {
        var tests = Run("Describe 'd' { It 'a' -Skip { throw 'ran' }\n Context 'c' -Skip { BeforeAll { throw 'ran' }\n It 'b' { throw 'ran' } } }");
        Assert.All(tests, test => Assert.True(test.Skip));
        Assert.DoesNotContain(tests, test => test.Faults.Any(fault => fault.Contains("ran [", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_test_drive_is_emptied_block_by_block()
    {
        var tests = Run("""
            Describe 'first' { It 'a' { [IO.File]::WriteAllText("$TestDrive/x", ''); 'TestDrive:/x' | Should -Exist } }
            Describe 'second' { It 'b' { 'TestDrive:/x' | Should -Not -Exist } }
            """);
        Assert.All(tests, test => Assert.Empty(test.Faults));
    }

    [Theory]
    [InlineData("", "holds no It")]
    [InlineData("Describe 'd' { }", "holds no It")]
    [InlineData("Describe 'd' { It 'a' { ", "Missing closing")]
    [InlineData("Describe 'd' { throw 'in discovery'; It 'a' { } }", "in discovery")]
    [InlineData("Get-Nothing; Describe 'd' { It 'a' { } }", "Get-Nothing")]
    [InlineData("Describe 'd' { It 'a' -Sckip { } }", "Sckip")]
    public void A_file_that_holds_no_test_or_cannot_be_discovered_is_an_error(string content, string message) =>
        Assert.Contains(message, Assert.Throws<PesterFileException>(() => Run(content)).Message, StringComparison.Ordinal);

    private IReadOnlyList<string> FaultsOf(string body) => Assert.Single(Run($"Describe 'd' {{ It 'a' {{ {body} }} }}")).Faults;

    private IReadOnlyList<PesterTest> Run(string content)
    {
        var path = _folder.File("X.Tests.ps1");
        File.WriteAllText(path, content);
        return PesterFile.Run(path);
    }
}
