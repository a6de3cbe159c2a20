// Float32 numbers in two parts that TensorFloat-32 holds (11 bits each): high, the number less its last 13 bits, and low, the rest. A product
// of such parts side by side, less low · low, is the product of the numbers but for 2^-21 of it.

struct ShortPartArguments
{
    const float* input; // rows x columns, stride numbers from row to row
    float* output;      // beside: rows x 3·columns, high low high; else 3·rows x columns, high high low
    long long stride;
    int rows;
    int columns;
    int beside;
};

extern "C" __global__ void short_parts(ShortPartArguments a)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (long long)a.rows * a.columns)
    {
        return;
    }

    int row = (int)(i / a.columns), column = (int)(i % a.columns);
    float value = a.input[row * a.stride + column];
    float high = __uint_as_float(__float_as_uint(value) & 0xffffe000u);
    float low = value - high;
    if (a.beside)
    {
        float* to = a.output + (long long)row * 3 * a.columns + column;
        to[0] = high;
        to[a.columns] = low;
        to[2 * a.columns] = high;
    }
    else
    {
        long long part = (long long)a.rows * a.columns;
        a.output[i] = high;
        a.output[part + i] = high;
        a.output[2 * part + i] = low;
    }
}
