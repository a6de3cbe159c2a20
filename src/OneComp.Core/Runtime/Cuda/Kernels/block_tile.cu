// What kernels share that go through a block of columns one by one: a square block of a matrix in shared memory, rows in the hands of
// four lanes, and parts of numbers for tensor cores.

constexpr int MaxBlock = 128;
constexpr int Stripes = MaxBlock / Lanes;

// The block on and above its diagonal, by stripes of 32 rows: stripe k holds columns 32k and later alone, 32 * (128 - 32k) values.
__device__ __forceinline__ int stripeStart(int stripe) { return Lanes * (MaxBlock * stripe - Lanes * stripe * (stripe - 1) / 2); }

__device__ __forceinline__ float* tileAt(float* tile, int row, int column)
{
    int stripe = row / Lanes;
    return tile + stripeStart(stripe) + row % Lanes * (MaxBlock - stripe * Lanes) + column - stripe * Lanes;
}

// Rows and columns first to first + count of a matrix whose rows are stride apart; zeros beyond the columns.
__device__ void loadBlock(const float* matrix, long long stride, int first, int count, float* tile)
{
    const float* corner = matrix + (long long)first * stride + first;
    if (count == MaxBlock && stride % 4 == 0 && (unsigned long long)corner % sizeof(float4) == 0)
    {
        for (int i = 4 * threadIdx.x; i < MaxBlock * MaxBlock; i += 4 * blockDim.x)
        {
            int row = i / MaxBlock, column = i % MaxBlock;
            if (column >= row / Lanes * Lanes)
            {
                *reinterpret_cast<float4*>(tileAt(tile, row, column)) = *reinterpret_cast<const float4*>(corner + row * stride + column);
            }
        }

        return;
    }

    for (int i = threadIdx.x; i < count * MaxBlock; i += blockDim.x)
    {
        int row = i / MaxBlock, column = i % MaxBlock;
        if (column >= row / Lanes * Lanes)
        {
            *tileAt(tile, row, column) = column < count ? corner[row * stride + column] : 0;
        }
    }
}

// Four lanes to a row: lane p of them holds columns 16i + 4p to 16i + 4p + 3 for each i, so that they read a row of the block, and of
// memory, side by side.
constexpr int RowLanes = 4;
constexpr int Strip = 4 * RowLanes;
constexpr int Strips = MaxBlock / Strip;
constexpr int MaxRowThreads = 256;

// Four values from an address, those beyond count left at fallback.
__device__ __forceinline__ void loadFour(const float* from, int count, float fallback, float (&to)[4])
{
    if (count >= 4 && (unsigned long long)from % sizeof(float4) == 0)
    {
        float4 four = *reinterpret_cast<const float4*>(from);
        to[0] = four.x;
        to[1] = four.y;
        to[2] = four.z;
        to[3] = four.w;
        return;
    }

#pragma unroll
    for (int t = 0; t < 4; t++)
    {
        to[t] = t < count ? from[t] : fallback;
    }
}

__device__ __forceinline__ void storeFour(float* to, int count, const float (&from)[4])
{
    if (count >= 4 && (unsigned long long)to % sizeof(float4) == 0)
    {
        *reinterpret_cast<float4*>(to) = make_float4(from[0], from[1], from[2], from[3]);
        return;
    }

#pragma unroll
    for (int t = 0; t < 4; t++)
    {
        if (t < count)
        {
            to[t] = from[t];
        }
    }
}

// The part of a number that TensorFloat-32 holds, and in low the rest.
__device__ __forceinline__ float highPart(float value, float& low)
{
    float high = __uint_as_float((__float_as_uint(value) + 0x1000u) & 0xffffe000u);
    low = __fsub_rn(value, high);
    return high;
}

struct PartsArguments
{
    const float* source; // (rows, columns), rows stride apart
    float* parts;
    long long stride;
    int rows;
    int columns;
    float sign;          // the source is taken times this
};

// (3 * rows, columns): high parts, low parts and high parts below each other.
extern "C" __global__ void split_rows(PartsArguments a)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    long long count = (long long)a.rows * a.columns;
    if (i < count)
    {
        float low, high = highPart(a.sign * a.source[i / a.columns * a.stride + i % a.columns], low);
        a.parts[i] = high;
        a.parts[count + i] = low;
        a.parts[2 * count + i] = high;
    }
}

// (rows, 3 * columns): low parts, high parts and high parts beside each other, so that a product with the above is low by high, high by
// low and high by high.
extern "C" __global__ void split_columns(PartsArguments a)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < (long long)a.rows * a.columns)
    {
        long long row = i / a.columns;
        float low, high = highPart(a.sign * a.source[row * a.stride + i % a.columns], low);
        float* parts = a.parts + 3 * row * a.columns + i % a.columns;
        parts[0] = low;
        parts[a.columns] = high;
        parts[2LL * a.columns] = high;
    }
}
