using OneComp.Quantization.Gptq;

namespace OneComp.Tests.Quantization.Gptq;

/// <summary>
/// GPTQ as DESIGN states it, in float64, one column after the other and without blocks: what the fast loops are held against.
/// Zero points are at least 1.
/// </summary>
internal sealed class PlainGptq
{
    private readonly GptqQuantizer _options;
    private readonly int _rows;
    private readonly int _columns;
    private readonly int _groupLength;

    private PlainGptq(double[,] weight, double[,] hessian, GptqQuantizer options)
    {
        (_options, _rows, _columns) = (options, weight.GetLength(0), weight.GetLength(1));
        _groupLength = options.GroupSize == -1 ? _columns : Math.Min(options.GroupSize, _columns);
        var groups = (_columns + _groupLength - 1) / _groupLength;
        (Codes, Scales, Zeros) = (new byte[_rows, _columns], new double[_rows, groups], new double[_rows, groups]);
        GroupIndex = new int[_columns];
        Quantize((double[,])weight.Clone(), (double[,])hessian.Clone());
    }

    /// <summary>Columns in the model's order.</summary>
    public byte[,] Codes { get; }

    /// <summary>As saved: rounded to float16, which no code saw.</summary>
    public double[,] Scales { get; }

    public double[,] Zeros { get; }

    public int[] GroupIndex { get; }

    public static PlainGptq Run(double[,] weight, double[,] hessian, GptqQuantizer options) => new(weight, hessian, options);

    /// <summary>The scale and zero point of one group.</summary>
    public static (double Scale, double Zero) Range(double[] group, GptqQuantizer options, double[]? importance = null)
    {
        var maxCode = (1 << options.WBits) - 1;
        var (min, max) = (Math.Min(0, group.Min()), Math.Max(0, group.Max()));
        if (options.Sym)
        {
            max = Math.Max(max, -min);
            min = -max;
        }

        if (min == max)
        {
            (min, max) = (-1, 1);
        }

        return options.Mse
            ? Enumerable.Range(0, (int)(0.8 * options.QGrid)).Select(i => Grid(1 - ((double)i / options.QGrid))).MinBy(Error)
            : Grid(1);

        (double Scale, double Zero) Grid(double share)
        {
            var scale = (double)(float)((max - min) * share / maxCode);
            var zero = options.Sym ? 1 << (options.WBits - 1) : Math.Round(-min * share / scale);
            return zero >= 1 ? (scale, Math.Min(zero, maxCode)) : (max * share / (maxCode - 1), 1);
        }

        double Error((double Scale, double Zero) grid) =>
            group.Select((w, i) => (importance?[i] ?? 1) * Math.Pow(Math.Abs(w - ((Code(w, grid, maxCode) - grid.Zero) * grid.Scale)), options.QNorm)).Sum();
    }

    // On a symmetric grid a group's largest weight lies half-way between two codes: the quotient is taken in float32 here
    // too, so that such a tie is one in both.
    private static double Code(double w, (double Scale, double Zero) grid, int maxCode) =>
        Math.Clamp(Math.Round((double)(float)(w / grid.Scale)) + grid.Zero, 0, maxCode);

    private void Quantize(double[,] w, double[,] h)
    {
        var importance = Enumerable.Range(0, _columns).Select(i => h[i, i] / 2).ToArray();
        for (var i = 0; i < _columns; i++)
        {
            if (h[i, i] == 0)
            {
                h[i, i] = 1;
                for (var row = 0; row < _rows; row++)
                {
                    w[row, i] = 0;
                }
            }
        }

        var order = Enumerable.Range(0, _columns).ToArray();
        order = _options.ActOrder ? [.. order.OrderByDescending(i => h[i, i])] : order;
        var damping = _options.PercDamp * order.Average(i => h[i, i]);
        var damped = new double[_columns, _columns];
        for (var i = 0; i < _columns; i++)
        {
            for (var j = 0; j < _columns; j++)
            {
                damped[i, j] = h[order[i], order[j]] + (i == j ? damping : 0);
            }

            GroupIndex[order[i]] = (_options.StaticGroups ? order[i] : i) / _groupLength;
        }

        var u = DenseMatrix.Transpose(DenseMatrix.Cholesky(DenseMatrix.Inverse(damped)));
        Parallel.For(0, _rows, row => QuantizeRow(row, [.. order.Select(i => w[row, i])], u, order, importance));
    }

    private void QuantizeRow(int row, double[] w, double[,] u, int[] order, double[] importance)
    {
        var maxCode = (1 << _options.WBits) - 1;
        var ranges = new (double Scale, double Zero)[Scales.GetLength(1)];
        if (_options.StaticGroups)
        {
            for (var group = 0; group < ranges.Length; group++)
            {
                Find(group, [.. Enumerable.Range(0, _columns).Where(column => column / _groupLength == group).Select(column => Array.IndexOf(order, column))]);
            }
        }

        for (var i = 0; i < _columns; i++)
        {
            if (!_options.StaticGroups && i % _groupLength == 0)
            {
                Find(i / _groupLength, [.. Enumerable.Range(i, Math.Min(_groupLength, _columns - i))]);
            }

            var (scale, zero) = ranges[GroupIndex[order[i]]];

            var code = Code(w[i], (scale, zero), maxCode);
            Codes[row, order[i]] = (byte)code;
            var error = (w[i] - (scale * (code - zero))) / u[i, i];
            for (var j = i; j < _columns; j++)
            {
                w[j] -= error * u[i, j];
            }
        }

        void Find(int group, int[] members)
        {
            ranges[group] = Range([.. members.Select(i => w[i])], _options, _options.WeightedMse ? [.. members.Select(i => importance[order[i]])] : null);
            (Scales[row, group], Zeros[row, group]) = ((double)(Half)ranges[group].Scale, ranges[group].Zero);
        }
    }
}
