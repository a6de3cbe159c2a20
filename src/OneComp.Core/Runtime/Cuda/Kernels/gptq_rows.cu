// One block of GPTQ's columns where ranges are given or found without a search: what gptq_block.cu does, eight rows to a warp. What
// one lane alone counts for a column is counted for eight rows at once so.

__device__ __forceinline__ void storeDifferences(const BlockArguments& a, int row, int column, int count, const float (&differences)[4])
{
    int at = a.start - a.segmentStart + column;
    if (!a.parts)
    {
        storeFour(a.differences + (long long)row * a.segmentLength + at, count, differences);
        return;
    }

    float high[4], low[4];
#pragma unroll
    for (int t = 0; t < 4; t++)
    {
        high[t] = highPart(differences[t], low[t]);
    }

    float* to = a.differences + 3LL * row * a.segmentLength + at;
    storeFour(to, count, low);
    storeFour(to + a.segmentLength, count, high);
    storeFour(to + 2LL * a.segmentLength, count, high);
}

// The range of the group that begins at column first of the block, from the row as it is now.
__device__ __forceinline__ Grid rowRange(const BlockArguments& a, const float (&w)[Strips][4], int first, int part)
{
    int end = min(first + a.groupLength, a.count);
    Extremes extremes = {0, 0, 0, 0};
#pragma unroll
    for (int i = 0; i < Strips; i++)
    {
        int column = i * Strip + 4 * part; // groups are of whole fours
        if (column >= first && column < end)
        {
#pragma unroll
            for (int t = 0; t < 4; t++)
            {
                include(extremes, column + t < end ? w[i][t] : 0, 1);
            }
        }
    }

    Source none = {nullptr, nullptr, 0};
    return rangeOf<false>(none, nullptr, overLanes(extremes, RowLanes), a.rule, part);
}

template <bool Given>
__device__ void gptqRows(const BlockArguments& a)
{
    extern __shared__ float4 shared[];
    float* tile = reinterpret_cast<float*>(shared);
    loadBlock(a.upper, a.segmentLength, a.start - a.segmentStart, a.count, tile);
    __syncthreads();

    int part = threadIdx.x % RowLanes;
    int place = blockIdx.x * (blockDim.x / RowLanes) + threadIdx.x / RowLanes;
    bool writes = place < a.rows;
    int row = min(place, a.rows - 1); // lanes without a row go along, for shuffles
    long long rowStart = (long long)row * a.columns + a.start;
    long long segmentRow = (long long)row * a.segmentLength + a.start - a.segmentStart;
    long long rowGroups = (long long)row * a.groups;
    float w[Strips][4];
#pragma unroll
    for (int i = 0; i < Strips; i++)
    {
        int mine = i * Strip + 4 * part;
        loadFour(a.weights + segmentRow + mine, a.count - mine, 0, w[i]);
    }

    Grid current = {1, 0};
    float currentInverse = 1;
    int nextGroup = 0;
#pragma unroll
    for (int i = 0; i < Strips; i++)
    {
        int mine = i * Strip + 4 * part;
        float original[4], inverseDiagonal[4], code[4], difference[4], error[4], scale[4], zero[4], inverse[4];
        loadFour(a.original + rowStart + mine, a.count - mine, 0, original);
#pragma unroll
        for (int t = 0; t < 4; t++)
        {
            code[t] = difference[t] = error[t] = 0;
            inverseDiagonal[t] = mine + t < a.count ? __fdiv_rn(1, *tileAt(tile, mine + t, mine + t)) : 0;
            if (Given)
            {
                int column = min(a.start + mine + t, a.columns - 1);
                int group = a.groupOf ? a.groupOf[column] : column / a.groupLength;
                scale[t] = a.scales[rowGroups + group];
                zero[t] = a.zeros[rowGroups + group];
                inverse[t] = __fdiv_rn(1, scale[t]);
            }
        }

#pragma unroll 1
        for (int owner = 0; owner < RowLanes; owner++)
        {
            int first = i * Strip + 4 * owner;
            if (!Given && first == nextGroup && first < a.count)
            {
                current = rowRange(a, w, first, part);
                currentInverse = __fdiv_rn(1, current.scale);
                if (part == 0 && writes)
                {
                    int group = (a.start + first) / a.groupLength;
                    a.scales[rowGroups + group] = current.scale;
                    a.zeros[rowGroups + group] = current.zero;
                }

                nextGroup += a.groupLength;
            }

#pragma unroll
            for (int t = 0; t < 4; t++)
            {
                if (first + t < a.count)
                {
                    float s = Given ? scale[t] : current.scale;
                    float z = Given ? zero[t] : current.zero;
                    float v = Given ? inverse[t] : currentInverse;

                    // w / scale, correctly rounded (Markstein): ties between codes fall as they do on the CPU.
                    float quotient = __fmul_rn(w[i][t], v);
                    quotient = __fmaf_rn(__fmaf_rn(-quotient, s, w[i][t]), v, quotient);
                    float c = fminf(fmaxf(roundedToInteger(quotient) + z, 0), a.rule.maxCode);
                    float rounded = __fmul_rn(c - z, s);
                    float e = __fmul_rn(__fsub_rn(w[i][t], rounded), inverseDiagonal[t]);
                    if (part == owner)
                    {
                        code[t] = c;
                        difference[t] = __fsub_rn(original[t], rounded);
                        error[t] = e;
                    }

                    // Columns that are done change with the others; nothing reads them any more.
                    float fed = -__shfl_sync(Everyone, e, owner, RowLanes);
                    const float* upper = tileAt(tile, first + t, i * Strip + 4 * part);
#pragma unroll
                    for (int n = i; n < Strips; n++)
                    {
                        float4 u = *reinterpret_cast<const float4*>(upper + (n - i) * Strip);
                        w[n][0] = __fmaf_rn(fed, u.x, w[n][0]);
                        w[n][1] = __fmaf_rn(fed, u.y, w[n][1]);
                        w[n][2] = __fmaf_rn(fed, u.z, w[n][2]);
                        w[n][3] = __fmaf_rn(fed, u.w, w[n][3]);
                    }
                }
            }
        }

        int count = writes ? a.count - mine : 0;
        unsigned char* codes = a.codes + rowStart + mine;
        if (count >= 4 && (unsigned long long)codes % 4 == 0)
        {
            *reinterpret_cast<unsigned*>(codes) = (unsigned)code[0] | (unsigned)code[1] << 8 | (unsigned)code[2] << 16 | (unsigned)code[3] << 24;
        }
        else
        {
#pragma unroll
            for (int t = 0; t < 4; t++)
            {
                if (t < count)
                {
                    codes[t] = (unsigned char)code[t];
                }
            }
        }

        storeDifferences(a, row, mine, count, difference);
        if (a.errors)
        {
            storeFour(a.errors + (long long)row * a.count + mine, count, error);
        }
    }
}

extern "C" __global__ void __launch_bounds__(MaxRowThreads) gptq_rows_given(BlockArguments a) { gptqRows<true>(a); }

extern "C" __global__ void __launch_bounds__(MaxRowThreads) gptq_rows_found(BlockArguments a) { gptqRows<false>(a); }
