namespace OneComp.Tests.Quantization.Gptq;

/// <summary>The little linear algebra in float64 that the comparisons need, written out.</summary>
internal static class DenseMatrix
{
    public static double[,] Of(ReadOnlySpan<float> values, int rows, int columns)
    {
        var matrix = new double[rows, columns];
        for (var i = 0; i < values.Length; i++)
        {
            matrix[i / columns, i % columns] = values[i];
        }

        return matrix;
    }

    public static double[,] Transpose(double[,] a)
    {
        var result = new double[a.GetLength(1), a.GetLength(0)];
        for (var i = 0; i < a.GetLength(0); i++)
        {
            for (var j = 0; j < a.GetLength(1); j++)
            {
                result[j, i] = a[i, j];
            }
        }

        return result;
    }

    public static double[,] Product(double[,] a, double[,] b)
    {
        var result = new double[a.GetLength(0), b.GetLength(1)];
        for (var i = 0; i < a.GetLength(0); i++)
        {
            for (var k = 0; k < b.GetLength(0); k++)
            {
                for (var j = 0; j < b.GetLength(1); j++)
                {
                    result[i, j] += a[i, k] * b[k, j];
                }
            }
        }

        return result;
    }

    /// <summary>Gauss-Jordan; for positive definite matrices, whose pivots need no search.</summary>
    public static double[,] Inverse(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var a = (double[,])matrix.Clone();
        for (var p = 0; p < n; p++)
        {
            var pivot = a[p, p];
            a[p, p] = 1;
            for (var j = 0; j < n; j++)
            {
                a[p, j] /= pivot;
            }

            for (var i = 0; i < n; i++)
            {
                if (i == p)
                {
                    continue;
                }

                var factor = a[i, p];
                a[i, p] = 0;
                for (var j = 0; j < n; j++)
                {
                    a[i, j] -= factor * a[p, j];
                }
            }
        }

        return a;
    }

    /// <summary>L with A = L·Lᵀ.</summary>
    public static double[,] Cholesky(double[,] a)
    {
        var n = a.GetLength(0);
        var l = new double[n, n];
        for (var j = 0; j < n; j++)
        {
            for (var i = j; i < n; i++)
            {
                var sum = a[i, j];
                for (var k = 0; k < j; k++)
                {
                    sum -= l[i, k] * l[j, k];
                }

                l[i, j] = i == j ? Math.Sqrt(sum) : sum / l[j, j];
            }
        }

        return l;
    }

    /// <summary>tr(D·H·Dᵀ): what a weight difference D costs at the output.</summary>
    public static double OutputError(double[,] difference, double[,] hessian)
    {
        var product = Product(difference, hessian);
        var sum = 0.0;
        for (var i = 0; i < difference.GetLength(0); i++)
        {
            for (var j = 0; j < difference.GetLength(1); j++)
            {
                sum += product[i, j] * difference[i, j];
            }
        }

        return sum;
    }
}
