// Scale and zero point of groups of weights: the twin of Quantization/Grids/GroupRange.cs. A warp works on one group; the
// ranges that the search tries go to its lanes, so that no sum crosses lanes.

constexpr unsigned Everyone = 0xffffffffu;
constexpr int Lanes = 32;
constexpr int Staged = 128;                             // weights of a group in shared memory at a time
constexpr int Unrolled = 16;                            // weights between two looks at what the others reached
constexpr float SmallestScale = 5.9604644775390625e-8f; // of float16
constexpr float LargestScale = 65504.0f;
constexpr float Rounder = 12582912.0f;                  // 1.5 * 2^23: added and taken away, it rounds to the nearest, ties to even

// How ranges are chosen: RangeSearch.
struct RangeRule
{
    float maxCode;
    float symmetricZero; // 0 for grids fitted to the range
    float gridSteps;     // step i keeps 1 - i / gridSteps of the range
    float norm;
    int steps;           // 0: the whole range, without search
};

struct Grid
{
    float scale;
    float zero;
};

struct Extremes
{
    float low;      // at most 0
    float high;     // at least 0
    float farthest; // the weight with the largest size
    float importance;
};

__device__ __forceinline__ float infinity() { return __int_as_float(0x7f800000); }

// Flush denormals: |x| below 1e-38 counts as 0.
__device__ __forceinline__ float log2Of(float x)
{
    float y;
    asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

__device__ __forceinline__ float exp2Of(float x)
{
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

__device__ __forceinline__ float roundedToInteger(float x) { return __fadd_rn(__fadd_rn(x, Rounder), -Rounder); }

__device__ __forceinline__ float bounded(float scale) { return fminf(fmaxf(scale, SmallestScale), LargestScale); }

__device__ Grid gridOf(float low, float high, const RangeRule& rule)
{
    float scale = bounded(__fdiv_rn(__fsub_rn(high, low), rule.maxCode));
    if (rule.symmetricZero > 0)
    {
        return {scale, rule.symmetricZero};
    }

    float zero = rintf(__fdiv_rn(-low, scale));
    if (zero >= 1)
    {
        return {scale, fminf(zero, rule.maxCode)};
    }

    return {bounded(__fdiv_rn(high, rule.maxCode - 1)), 1};
}

__device__ Grid gridOfStep(int step, float low, float high, const RangeRule& rule)
{
    float share = __fdiv_rn(rule.gridSteps - step, rule.gridSteps);
    return gridOf(__fmul_rn(low, share), __fmul_rn(high, share), rule);
}

__device__ __forceinline__ void include(Extremes& extremes, float weight, float importance)
{
    extremes.low = fminf(extremes.low, weight);
    extremes.high = fmaxf(extremes.high, weight);
    if (fabsf(weight) > fabsf(extremes.farthest))
    {
        extremes.farthest = weight;
        extremes.importance = importance;
    }
}

// Over so many lanes of a warp, or all. Weights of one size and unlike sign may leave lanes with unlike farthest ones; any will do.
__device__ Extremes overLanes(Extremes mine, int lanes = Lanes)
{
    for (int step = lanes / 2; step > 0; step /= 2)
    {
        mine.low = fminf(mine.low, __shfl_xor_sync(Everyone, mine.low, step));
        mine.high = fmaxf(mine.high, __shfl_xor_sync(Everyone, mine.high, step));
        float farthest = __shfl_xor_sync(Everyone, mine.farthest, step);
        float importance = __shfl_xor_sync(Everyone, mine.importance, step);
        if (fabsf(farthest) > fabsf(mine.farthest))
        {
            mine.farthest = farthest;
            mine.importance = importance;
        }
    }

    return mine;
}

// A group as it lies in global memory; null once it is staged as a whole.
struct Source
{
    const float* weights;
    const float* importance; // null where all count the same
    int length;
};

// Copies up to Staged weights with what they count to shared memory and fills up with weights that count nothing.
__device__ void stage(const Source& source, int first, float2* pairs, int lane)
{
    __syncwarp();
    for (int i = lane; i < Staged; i += Lanes)
    {
        int at = first + i;
        bool inside = at < source.length;
        pairs[i] = make_float2(inside ? source.weights[at] : 0, inside ? (source.importance ? source.importance[at] : 1) : 0);
    }

    __syncwarp();
}

// importance * |w - ŵ|^norm.
template <bool Square>
__device__ __forceinline__ float costOf(float weight, float importance, float scale, float inverse, float low, float high, float norm)
{
    float code = fminf(fmaxf(__fadd_rn(__fmaf_rn(weight, inverse, Rounder), -Rounder), low), high);
    float distance = fabsf(__fmaf_rn(-code, scale, weight));
    return importance * (Square ? distance * distance : exp2Of(norm * log2Of(distance)));
}

// The first of the ranges with the least cost. A lane gives its range up once its cost exceeds the least of earlier rounds, or
// when the farthest weight alone, which a narrow range cuts off, costs more.
template <bool Square>
__device__ Grid searched(const Source& source, float2* pairs, const Extremes& extremes, float low, float high, const RangeRule& rule, int lane)
{
    float least = infinity();
    int best = 0;
    for (int first = 0; first < rule.steps; first += Lanes)
    {
        int step = first + lane;
        Grid grid = gridOfStep(step, low, high, rule);
        float inverse = __fdiv_rn(1, grid.scale);
        float lowCode = -grid.zero, highCode = rule.maxCode - grid.zero;
        float sum = 0;
        bool open = step < rule.steps
            && costOf<Square>(extremes.farthest, extremes.importance, grid.scale, inverse, lowCode, highCode, rule.norm) < least;
        for (int chunk = 0; chunk < source.length && __any_sync(Everyone, open); chunk += Staged)
        {
            if (source.weights)
            {
                stage(source, chunk, pairs, lane);
            }

            int count = min(Staged, source.length - chunk);
            for (int i = 0; i < count && __any_sync(Everyone, open); i += Unrolled)
            {
                const float4* two = reinterpret_cast<const float4*>(pairs + i);
#pragma unroll
                for (int n = 0; n < Unrolled / 2; n++)
                {
                    float4 p = two[n];
                    sum += costOf<Square>(p.x, p.y, grid.scale, inverse, lowCode, highCode, rule.norm);
                    sum += costOf<Square>(p.z, p.w, grid.scale, inverse, lowCode, highCode, rule.norm);
                }

                open = open && sum < least;
            }
        }

        sum = open ? sum : infinity();
        float smallest = sum;
        for (int distance = Lanes / 2; distance > 0; distance /= 2)
        {
            smallest = fminf(smallest, __shfl_xor_sync(Everyone, smallest, distance));
        }

        unsigned reached = __ballot_sync(Everyone, sum == smallest);
        if (smallest < least)
        {
            least = smallest;
            best = first + __ffs(reached) - 1;
        }
    }

    return gridOfStep(best, low, high, rule); // step 0, the whole range, where no cost is finite
}

// The range of one group: zero lies inside; ±max|w| for a symmetric grid; ±1 where all weights are zero.
template <bool Search>
__device__ Grid rangeOf(const Source& source, float2* pairs, const Extremes& extremes, const RangeRule& rule, int lane)
{
    float low = extremes.low, high = extremes.high;
    if (rule.symmetricZero > 0)
    {
        high = fmaxf(high, -low);
        low = -high;
    }

    if (low == 0 && high == 0)
    {
        low = -1;
        high = 1;
    }

    if (!Search)
    {
        return gridOf(low, high, rule);
    }

    return rule.norm == 2
        ? searched<true>(source, pairs, extremes, low, high, rule, lane)
        : searched<false>(source, pairs, extremes, low, high, rule, lane);
}

struct RangeArguments
{
    const float* weights;    // (rows, columns), rows rowStride apart
    const float* importance; // (columns) or null
    float* scales;           // (rows, groups), rows outStride apart
    float* zeros;
    long long rowStride;
    long long outStride;
    int rows;
    int columns;
    int groups;
    int groupLength;
    RangeRule rule;
};

constexpr int RangeWarps = 8;

// One warp for each row's group.
template <bool Search>
__device__ void groupRanges(const RangeArguments& a, float2* pairs)
{
    int lane = threadIdx.x % Lanes;
    long long item = (long long)blockIdx.x * RangeWarps + threadIdx.x / Lanes;
    if (item >= (long long)a.rows * a.groups)
    {
        return;
    }

    long long row = item / a.groups;
    int group = (int)(item % a.groups);
    int first = group * a.groupLength;
    int length = min(a.groupLength, a.columns - first);
    Source source = {a.weights + row * a.rowStride + first, a.importance ? a.importance + first : nullptr, length};
    Extremes extremes = {0, 0, 0, 0};
    for (int i = lane; i < length; i += Lanes)
    {
        include(extremes, source.weights[i], source.importance ? source.importance[i] : 1);
    }

    extremes = overLanes(extremes);
    if (Search && length <= Staged)
    {
        stage(source, 0, pairs, lane);
        source.weights = nullptr;
    }

    Grid grid = rangeOf<Search>(source, pairs, extremes, a.rule, lane);
    if (lane == 0)
    {
        a.scales[row * a.outStride + group] = grid.scale;
        a.zeros[row * a.outStride + group] = grid.zero;
    }
}

extern "C" __global__ void __launch_bounds__(RangeWarps * Lanes) group_ranges(RangeArguments a)
{
    groupRanges<false>(a, nullptr);
}

extern "C" __global__ void __launch_bounds__(RangeWarps * Lanes) group_ranges_searched(RangeArguments a)
{
    __shared__ float4 shared[RangeWarps * Staged / 2];
    groupRanges<true>(a, reinterpret_cast<float2*>(shared) + (threadIdx.x / Lanes) * Staged);
}
