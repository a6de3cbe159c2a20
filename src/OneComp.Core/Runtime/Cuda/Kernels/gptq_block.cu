// One block of GPTQ's columns: the twin of Quantization/Gptq/GptqCpuLoop.cs. A warp works on one row; lane l holds columns
// l, l + 32, l + 64 and l + 96 of the block. A column's error goes to all lanes by shuffle, which correct the columns that
// follow. A group's range is found when its first column is reached, by all lanes where it is searched. Without a search
// gptq_rows.cu is the faster.

struct BlockArguments
{
    const float* original;   // W, (rows, columns)
    const float* weights;    // W with the corrections of all columns before the block, (rows, segmentLength)
    const float* upper;      // U, (segmentLength, segmentLength)
    const float* importance; // (columns) or null
    const int* groupOf;      // (columns), or null where column / groupLength is the group
    unsigned char* codes;    // (rows, columns)
    float* scales;           // (rows, groups)
    float* zeros;
    float* differences;      // W - Ŵ, (rows, segmentLength); with parts (rows, 3 * segmentLength): low parts, high parts, high parts
    float* errors;           // (w - ŵ) / U_ii of the block, (rows, count), or null
    int rows;
    int columns;
    int groups;
    int groupLength;
    int start;               // of the block
    int count;
    int segmentStart;
    int segmentLength;
    int parts;
    RangeRule rule;
};

// Writes W - Ŵ of one column of the block.
__device__ __forceinline__ void storeDifference(const BlockArguments& a, int row, int column, float difference)
{
    int at = a.start - a.segmentStart + column;
    if (!a.parts)
    {
        a.differences[(long long)row * a.segmentLength + at] = difference;
        return;
    }

    float low, high = highPart(difference, low);
    float* differences = a.differences + 3LL * row * a.segmentLength + at;
    differences[0] = low;
    differences[a.segmentLength] = high;
    differences[2LL * a.segmentLength] = high;
}

// The range of the group that begins at column first of the block, from the row as it is now.
template <bool Search>
__device__ Grid blockRange(const BlockArguments& a, const float (&w)[Stripes], int first, float2* pairs, int lane)
{
    int length = min(a.groupLength, a.count - first);
    Extremes extremes = {0, 0, 0, 0};
    __syncwarp();
#pragma unroll
    for (int j = 0; j < Stripes; j++)
    {
        int at = j * Lanes + lane - first;
        if (at >= 0 && at < length)
        {
            float importance = a.importance ? a.importance[a.start + first + at] : 1;
            include(extremes, w[j], importance);
            if (Search)
            {
                pairs[at] = make_float2(w[j], importance);
            }
        }
    }

    if (Search && length + lane < (length + Unrolled - 1) / Unrolled * Unrolled)
    {
        pairs[length + lane] = make_float2(0, 0);
    }

    __syncwarp();
    Source staged = {nullptr, nullptr, length};
    return rangeOf<Search>(staged, pairs, overLanes(extremes), a.rule, lane);
}

template <bool Search>
__device__ void gptqBlock(const BlockArguments& a)
{
    extern __shared__ float4 shared[];
    float* tile = reinterpret_cast<float*>(shared);
    int lane = threadIdx.x % Lanes;
    int warp = threadIdx.x / Lanes;
    float2* pairs = reinterpret_cast<float2*>(tile + stripeStart(Stripes)) + warp * Staged;
    loadBlock(a.upper, a.segmentLength, a.start - a.segmentStart, a.count, tile);
    __syncthreads();

    int row = blockIdx.x * (blockDim.x / Lanes) + warp;
    if (row >= a.rows)
    {
        return;
    }

    long long rowStart = (long long)row * a.columns + a.start;
    long long segmentRow = (long long)row * a.segmentLength + a.start - a.segmentStart;
    long long rowGroups = (long long)row * a.groups;
    float w[Stripes];
#pragma unroll
    for (int j = 0; j < Stripes; j++)
    {
        w[j] = j * Lanes + lane < a.count ? a.weights[segmentRow + j * Lanes + lane] : 0;
    }

    Grid current = {1, 0};
    int nextGroup = 0;
#pragma unroll
    for (int k = 0; k < Stripes; k++)
    {
        int base = k * Lanes, mine = base + lane;
        bool inside = mine < a.count;
        Grid grid = current;
        float inverse = __fdiv_rn(1, grid.scale);
        float original = inside ? a.original[rowStart + mine] : 0;
        float inverseDiagonal = inside ? __fdiv_rn(1, tile[stripeStart(k) + lane * (MaxBlock - base) + lane]) : 0;
        float code = 0, difference = 0, error = 0;
        const float* upper = tile + stripeStart(k) + lane;
        int limit = min(Lanes, a.count - base); // none left where it is not positive
        for (int l = 0; l < limit; l++, upper += MaxBlock - base)
        {
            if (base + l == nextGroup)
            {
                current = blockRange<Search>(a, w, nextGroup, pairs, lane);
                if (lane == 0)
                {
                    int group = (a.start + nextGroup) / a.groupLength;
                    a.scales[rowGroups + group] = current.scale;
                    a.zeros[rowGroups + group] = current.zero;
                }

                if (lane >= l)
                {
                    grid = current;
                    inverse = __fdiv_rn(1, grid.scale);
                }

                nextGroup += a.groupLength;
            }

            // w / scale, correctly rounded (Markstein): ties between codes fall as they do on the CPU.
            float quotient = __fmul_rn(w[k], inverse);
            quotient = __fmaf_rn(__fmaf_rn(-quotient, grid.scale, w[k]), inverse, quotient);
            float c = fminf(fmaxf(roundedToInteger(quotient) + grid.zero, 0), a.rule.maxCode);
            float rounded = __fmul_rn(c - grid.zero, grid.scale);
            float e = __fmul_rn(__fsub_rn(w[k], rounded), inverseDiagonal);
            if (lane == l)
            {
                code = c;
                difference = __fsub_rn(original, rounded);
                error = e;
            }

            float fed = -__shfl_sync(Everyone, e, l);
#pragma unroll
            for (int j = k; j < Stripes; j++)
            {
                w[j] = __fmaf_rn(fed, upper[(j - k) * Lanes], w[j]);
            }
        }

        if (inside)
        {
            a.codes[rowStart + mine] = (unsigned char)code;
            storeDifference(a, row, mine, difference);
            if (a.errors)
            {
                a.errors[(long long)row * a.count + mine] = error;
            }
        }
    }
}

constexpr int MaxBlockThreads = 512;

extern "C" __global__ void __launch_bounds__(MaxBlockThreads) gptq_block_found(BlockArguments a) { gptqBlock<false>(a); }

extern "C" __global__ void __launch_bounds__(MaxBlockThreads) gptq_block_searched(BlockArguments a) { gptqBlock<true>(a); }
