using Google.OrTools.LinearSolver;

namespace OneComp.Quantization.AutoBit;

/// <summary>
/// The options that cost little above the bound, as an integer program for OR-Tools. Its objective is what a choice costs above
/// the bound, in units of what is left to win: Σ excess·x + λ·slack, so that the solver's tolerances mean little of the total cost. Bits
/// are counted in steps, their greatest common divisor.
/// </summary>
internal sealed class CoreProgram
{
    private readonly IReadOnlyList<ChoiceUnit> _units;
    private readonly LagrangianBound _bound;
    private readonly int[] _start;
    private readonly double _scale;
    private readonly List<(int Unit, int[] Options)> _open = [];
    private readonly long _room;
    private readonly double _closed;

    /// <summary>Gathers the options.</summary>
    /// <param name="units">All units.</param>
    /// <param name="budget">Bits.</param>
    /// <param name="bound">The relaxation.</param>
    /// <param name="start">The choice at hand, whose options are in whatever they cost.</param>
    /// <param name="limit">Options that cost as much as this above the bound stay out.</param>
    /// <param name="scale">Unit of the objective.</param>
    public CoreProgram(IReadOnlyList<ChoiceUnit> units, long budget, LagrangianBound bound, int[] start, double limit, double scale)
    {
        (_units, _bound, _start, _scale, _room) = (units, bound, start, scale, budget);
        for (var u = 0; u < units.Count; u++)
        {
            var options = Enumerable.Range(0, units[u].Options.Count)
                .Where(k => k == start[u] || bound.Excess(u, units[u].Options[k]) < limit)
                .ToArray();
            _room -= units[u].Options[options[0]].Bits;
            if (options.Length > 1)
            {
                _open.Add((u, options));
            }
            else
            {
                _closed += Excess(u, options[0]);
            }
        }
    }

    /// <summary>Solves the program.</summary>
    /// <param name="backend">The solver of OR-Tools.</param>
    /// <param name="gap">The gap to reach, as a share of the objective.</param>
    /// <param name="timeLimit">The time limit.</param>
    /// <param name="token">Interrupts the solver.</param>
    /// <returns>An option for each unit, null where none was found; and what is proven to be needed above the bound.</returns>
    public (int[]? Choice, double Needed) Solve(string backend, double gap, TimeSpan timeLimit, CancellationToken token)
    {
        using var solver = Solver.CreateSolver(backend);
        solver.SetTimeLimit((long)Math.Max(1, timeLimit.TotalMilliseconds));
        var step = BitStep.Of(_open.Select(open => open.Options.Select(k => _units[open.Unit].Options[k].Bits)));
        var room = _room / step;
        var budget = solver.MakeConstraint(room, room);
        var objective = solver.Objective();
        objective.SetMinimization();
        objective.SetOffset(_closed + (_bound.Price * (_room % step) / _scale));
        var slack = solver.MakeNumVar(0, room, "");
        budget.SetCoefficient(slack, 1);
        objective.SetCoefficient(slack, _bound.Price * step / _scale);
        var variables = _open.Select(open => open.Options.Select(_ => solver.MakeBoolVar("")).ToArray()).ToList();
        for (var i = 0; i < _open.Count; i++)
        {
            token.ThrowIfCancellationRequested();
            var (u, options) = _open[i];
            var one = solver.MakeConstraint(1, 1);
            for (var k = 0; k < options.Length; k++)
            {
                one.SetCoefficient(variables[i][k], 1);
                budget.SetCoefficient(variables[i][k], (_units[u].Options[options[k]].Bits - _units[u].Options[options[0]].Bits) / step);
                objective.SetCoefficient(variables[i][k], Excess(u, options[k]));
            }
        }

        solver.SetHint([.. variables.SelectMany(row => row)], [.. _open.SelectMany(open => open.Options.Select(k => k == _start[open.Unit] ? 1.0 : 0))]);
        using var parameters = new MPSolverParameters();
        parameters.SetDoubleParam(MPSolverParameters.DoubleParam.RELATIVE_MIP_GAP, gap);
        token.ThrowIfCancellationRequested(); // an interruption before it begins is lost
        using var stop = token.Register(() => solver.InterruptSolve());
        var status = solver.Solve(parameters);
        token.ThrowIfCancellationRequested();
        return status is Solver.ResultStatus.OPTIMAL or Solver.ResultStatus.FEASIBLE
            ? (Read(variables), objective.BestBound() * _scale)
            : (null, 0);
    }

    private double Excess(int unit, int option) => _bound.Excess(unit, _units[unit].Options[option]) / _scale;

    private int[] Read(List<Variable[]> variables)
    {
        var choice = (int[])_start.Clone();
        for (var i = 0; i < _open.Count; i++)
        {
            var (u, options) = _open[i];
            choice[u] = options[Enumerable.Range(0, options.Length).MaxBy(k => variables[i][k].SolutionValue())];
        }

        return choice;
    }
}
