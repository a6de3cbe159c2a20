// What lies between the products of a decoder block, each in one pass over memory: the twins of RmsNorm, RotaryEmbedding and
// Activations in Models. Four values to a thread; sizes are multiples of four. Results are rounded where the tensor library rounds them.

enum BlockType { Wide = 0, Brain = 1, Half = 2 }; // float32, bfloat16, float16

__device__ __forceinline__ float half_to_float(unsigned bits)
{
    float value;
    unsigned short narrow = (unsigned short)bits;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(narrow));
    return value;
}

__device__ __forceinline__ unsigned float_to_half(float value)
{
    unsigned short bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    return bits;
}

__device__ __forceinline__ unsigned float_to_brain(float value)
{
    unsigned bits = __float_as_uint(value);
    return value != value ? 0x7fff : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

__device__ __forceinline__ float4 load4(const void* values, long long index, int type)
{
    if (type == Wide)
    {
        return ((const float4*)values)[index >> 2];
    }

    uint2 two = ((const uint2*)values)[index >> 2];
    return type == Brain
        ? make_float4(__uint_as_float(two.x << 16), __uint_as_float(two.x & 0xffff0000u), __uint_as_float(two.y << 16), __uint_as_float(two.y & 0xffff0000u))
        : make_float4(half_to_float(two.x), half_to_float(two.x >> 16), half_to_float(two.y), half_to_float(two.y >> 16));
}

__device__ __forceinline__ void store4(void* values, long long index, int type, float4 v)
{
    if (type == Wide)
    {
        ((float4*)values)[index >> 2] = v;
    }
    else if (type == Brain)
    {
        ((uint2*)values)[index >> 2] = make_uint2(float_to_brain(v.x) | float_to_brain(v.y) << 16, float_to_brain(v.z) | float_to_brain(v.w) << 16);
    }
    else
    {
        ((uint2*)values)[index >> 2] = make_uint2(float_to_half(v.x) | float_to_half(v.y) << 16, float_to_half(v.z) | float_to_half(v.w) << 16);
    }
}

__device__ __forceinline__ float rounded(float value, int type)
{
    return type == Wide ? value : type == Brain ? __uint_as_float(float_to_brain(value) << 16) : half_to_float(float_to_half(value));
}

// The sum over the threads of a block, in each of them.
__device__ __forceinline__ float block_sum(float sum, float* sums)
{
    for (int offset = 16; offset > 0; offset /= 2)
    {
        sum += __shfl_xor_sync(0xffffffffu, sum, offset);
    }

    if (threadIdx.x % 32 == 0)
    {
        sums[threadIdx.x / 32] = sum;
    }

    __syncthreads();
    sum = 0;
    for (int warp = 0; warp < (int)blockDim.x / 32; warp++)
    {
        sum += sums[warp];
    }

    return sum;
}

struct NormArguments
{
    const void* input;   // rows x columns
    const float* weight; // columns
    void* output;        // rows x columns
    int columns;
    int inputType;
    int outputType;
    float epsilon;
};

// A thread block to a row.
extern "C" __global__ void rms_norm(NormArguments a)
{
    __shared__ float sums[32];
    long long first = (long long)blockIdx.x * a.columns;
    float sum = 0;
    for (int c = threadIdx.x * 4; c < a.columns; c += blockDim.x * 4)
    {
        float4 v = load4(a.input, first + c, a.inputType);
        sum += v.x * v.x + v.y * v.y + v.z * v.z + v.w * v.w;
    }

    float scale = 1.0f / sqrtf(block_sum(sum, sums) / a.columns + a.epsilon);
    for (int c = threadIdx.x * 4; c < a.columns; c += blockDim.x * 4)
    {
        float4 v = load4(a.input, first + c, a.inputType);
        float4 w = load4(a.weight, c, Wide);
        store4(a.output, first + c, a.outputType, make_float4(v.x * scale * w.x, v.y * scale * w.y, v.z * scale * w.z, v.w * scale * w.w));
    }
}

struct RotaryArguments
{
    const void* input;    // windows x tokens x heads x 2·half
    const float* cosines; // tokens x half
    const float* sines;
    void* output;         // windows x heads x tokens x 2·half
    long long quads;      // threads with work: four pairs each
    int tokens;
    int heads;
    int half;
    int type;
    int back;             // 1: the other way round, which is the gradient's: input and output are windows x tokens x heads x 2·half
};

extern "C" __global__ void turn_heads(RotaryArguments a)
{
    long long quad = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (quad >= a.quads)
    {
        return;
    }

    int perHead = a.half / 4;
    int pair = (int)(quad % perHead) * 4;
    long long head = quad / perHead;
    int h = (int)(head % a.heads);
    long long place = head / a.heads;
    int t = (int)(place % a.tokens);
    long long window = place / a.tokens;
    long long from = head * 2 * a.half + pair;
    long long to = a.back ? from : ((window * a.heads + h) * a.tokens + t) * 2 * a.half + pair;
    float4 x = load4(a.input, from, a.type), y = load4(a.input, from + a.half, a.type);
    float4 c = load4(a.cosines, (long long)t * a.half + pair, Wide), s = load4(a.sines, (long long)t * a.half + pair, Wide);
    if (a.back)
    {
        s = make_float4(-s.x, -s.y, -s.z, -s.w);
    }

    store4(a.output, to, a.type, make_float4(x.x * c.x - y.x * s.x, x.y * c.y - y.y * s.y, x.z * c.z - y.z * s.z, x.w * c.w - y.w * s.w));
    store4(a.output, to + a.half, a.type, make_float4(y.x * c.x + x.x * s.x, y.y * c.y + x.y * s.y, y.z * c.z + x.z * s.z, y.w * c.w + x.w * s.w));
}

struct GateArguments
{
    const void* gate;
    const void* up;
    void* output;
    long long quads; // threads with work: four values each
    int function;    // 0 silu, 1 gelu, 2 gelu by tanh
    int type;
};

__device__ __forceinline__ float activated(float x, int function, int type)
{
    const float root2 = 0.70710678118654752f, rootPi = 0.79788456080286536f;
    float value = function == 0 ? x / (1 + expf(-x))
        : function == 1 ? 0.5f * x * (1 + erff(x * root2))
        : 0.5f * x * (1 + tanhf(rootPi * (x + 0.044715f * x * x * x)));
    return rounded(value, type);
}

extern "C" __global__ void gate_up(GateArguments a)
{
    long long quad = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (quad < a.quads)
    {
        float4 g = load4(a.gate, quad * 4, a.type), u = load4(a.up, quad * 4, a.type);
        store4(a.output, quad * 4, a.type, make_float4(
            activated(g.x, a.function, a.type) * u.x,
            activated(g.y, a.function, a.type) * u.y,
            activated(g.z, a.function, a.type) * u.z,
            activated(g.w, a.function, a.type) * u.w));
    }
}
