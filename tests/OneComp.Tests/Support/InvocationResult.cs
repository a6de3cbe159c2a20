using System.Management.Automation;

namespace OneComp.Tests.Support;

/// <summary>What an invocation gave on each stream.</summary>
internal sealed record InvocationResult(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose,
    IReadOnlyList<ProgressRecord> Progress,
    ErrorRecord? Failure)
{
    /// <summary>The errors, and the terminating one last.</summary>
    public IReadOnlyList<ErrorRecord> AllErrors => Failure is null ? Errors : [.. Errors, Failure];

    /// <summary>The one object on the output, after an invocation without any error.</summary>
    public T Single<T>()
    {
        Assert.Empty(AllErrors.Select(error => error.ToString()));
        return Assert.IsAssignableFrom<T>(Assert.Single(Output).BaseObject);
    }

    /// <summary>All objects on the output, after an invocation without any error.</summary>
    public IReadOnlyList<T> All<T>()
    {
        Assert.Empty(AllErrors.Select(error => error.ToString()));
        return [.. Output.Select(item => Assert.IsAssignableFrom<T>(item.BaseObject))];
    }

    /// <summary>The one error, which must have this id (the part before the cmdlet's class) and category.</summary>
    public ErrorRecord Fails(string errorId, ErrorCategory category)
    {
        var error = Assert.Single(AllErrors);
        Assert.Equal((errorId, category), (error.FullyQualifiedErrorId.Split(',')[0], error.CategoryInfo.Category));
        return error;
    }
}
