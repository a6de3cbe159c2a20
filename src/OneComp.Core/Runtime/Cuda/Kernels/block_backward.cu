// Gradients of what lies between the products of a decoder block (block_forward.cu), each in one pass over memory, and sums of squares.

struct NormBackArguments
{
    const void* input;    // x, rows x columns
    const void* gradient; // dL/dy of y = w·x / sqrt(mean x² + epsilon), rows x columns
    const void* beside;   // what reaches x on another way, rows x columns, in x's type
    const float* weight;  // w, columns
    void* output;         // beside + dL/dx, in x's type
    int columns;
    int inputType;
    int gradientType;
    float epsilon;
};

// A thread block to a row. With s = 1 / sqrt(mean x² + epsilon): dL/dx = s·w·g - x·s³·mean(w·g·x).
extern "C" __global__ void rms_norm_back(NormBackArguments a)
{
    __shared__ float squares[32], products[32];
    long long first = (long long)blockIdx.x * a.columns;
    float square = 0, product = 0;
    for (int c = threadIdx.x * 4; c < a.columns; c += blockDim.x * 4)
    {
        float4 x = load4(a.input, first + c, a.inputType), g = load4(a.gradient, first + c, a.gradientType), w = load4(a.weight, c, Wide);
        square += x.x * x.x + x.y * x.y + x.z * x.z + x.w * x.w;
        product += w.x * g.x * x.x + w.y * g.y * x.y + w.z * g.z * x.z + w.w * g.w * x.w;
    }

    float s = 1.0f / sqrtf(block_sum(square, squares) / a.columns + a.epsilon);
    float k = s * s * s * (block_sum(product, products) / a.columns);
    for (int c = threadIdx.x * 4; c < a.columns; c += blockDim.x * 4)
    {
        float4 x = load4(a.input, first + c, a.inputType), g = load4(a.gradient, first + c, a.gradientType), w = load4(a.weight, c, Wide);
        float4 b = a.beside ? load4(a.beside, first + c, a.inputType) : make_float4(0, 0, 0, 0);
        store4(a.output, first + c, a.inputType, make_float4(
            b.x + s * w.x * g.x - k * x.x,
            b.y + s * w.y * g.y - k * x.y,
            b.z + s * w.z * g.z - k * x.z,
            b.w + s * w.w * g.w - k * x.w));
    }
}

struct GateBackArguments
{
    const void* gate;     // g
    const void* up;       // u
    const void* gradient; // dL/dp of p = act(g)·u
    void* ofGate;         // dL/dg
    void* ofUp;           // dL/du
    long long quads;      // threads with work: four values each
    int function;         // as in gate_up
    int type;
};

__device__ __forceinline__ float slope(float x, int function)
{
    const float root2 = 0.70710678118654752f, rootPi = 0.79788456080286536f, density = 0.39894228040143268f;
    if (function == 0)
    {
        float share = 1 / (1 + expf(-x));
        return share * (1 + x * (1 - share));
    }

    if (function == 1)
    {
        return 0.5f * (1 + erff(x * root2)) + x * density * expf(-0.5f * x * x);
    }

    float share = 1 / (1 + expf(-2 * rootPi * (x + 0.044715f * x * x * x))); // (1 + tanh)/2, without what cancels
    return share + 2 * x * share * (1 - share) * rootPi * (1 + 3 * 0.044715f * x * x);
}

extern "C" __global__ void gate_back(GateBackArguments a)
{
    long long quad = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (quad < a.quads)
    {
        float4 g = load4(a.gate, quad * 4, a.type), u = load4(a.up, quad * 4, a.type), d = load4(a.gradient, quad * 4, a.type);
        store4(a.ofUp, quad * 4, a.type, make_float4(
            activated(g.x, a.function, a.type) * d.x,
            activated(g.y, a.function, a.type) * d.y,
            activated(g.z, a.function, a.type) * d.z,
            activated(g.w, a.function, a.type) * d.w));
        store4(a.ofGate, quad * 4, a.type, make_float4(
            slope(g.x, a.function) * u.x * d.x,
            slope(g.y, a.function) * u.y * d.y,
            slope(g.z, a.function) * u.z * d.z,
            slope(g.w, a.function) * u.w * d.w));
    }
}

struct SquareSumArguments
{
    const void* input; // rows x columns
    float* output;     // parts x columns
    long long rows;
    int columns;
    int type;
    int rowsPerPart;
    int quadBlocks;    // thread blocks side by side, for the columns
};

// Sums of squares of a part's rows, for each column. Four columns to a thread.
extern "C" __global__ void square_sums(SquareSumArguments a)
{
    int c = ((blockIdx.x % a.quadBlocks) * blockDim.x + threadIdx.x) * 4;
    if (c >= a.columns)
    {
        return;
    }

    long long part = blockIdx.x / a.quadBlocks;
    long long first = part * a.rowsPerPart, last = min(first + a.rowsPerPart, a.rows);
    float4 sum = make_float4(0, 0, 0, 0);
    for (long long row = first; row < last; row++)
    {
        float4 v = load4(a.input, row * a.columns + c, a.type);
        sum = make_float4(sum.x + v.x * v.x, sum.y + v.y * v.y, sum.z + v.z * v.z, sum.w + v.w * v.w);
    }

    ((float4*)a.output)[(part * a.columns + c) >> 2] = sum;
}
