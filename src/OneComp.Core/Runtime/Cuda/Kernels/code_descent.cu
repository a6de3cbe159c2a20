// One block of columns of a sweep over codes: the twin of Quantization/Gptq/CodeDescent.cs, four lanes to a row. A code that changes
// moves the slopes of the columns that follow.

struct DescentArguments
{
    const float* slopes;  // (W - Ŵ)·H, (rows, columns)
    const float* hessian; // H, (columns, columns)
    const float* scales;  // of each weight, (rows, columns)
    const float* zeros;   // the same
    float* codes;         // (rows, columns)
    float* changes;       // of Ŵ in the block, (rows, count)
    float maxCode;
    int rows;
    int columns;
    int start; // of the block
    int count;
};

extern "C" __global__ void __launch_bounds__(MaxRowThreads) code_descent(DescentArguments a)
{
    extern __shared__ float4 shared[];
    float* tile = reinterpret_cast<float*>(shared);
    loadBlock(a.hessian, a.columns, a.start, a.count, tile);
    __syncthreads();

    int part = threadIdx.x % RowLanes;
    int place = blockIdx.x * (blockDim.x / RowLanes) + threadIdx.x / RowLanes;
    int row = min(place, a.rows - 1); // lanes without a row go along, for shuffles
    long long rowStart = (long long)row * a.columns + a.start;
    float slope[Strips][4];
#pragma unroll
    for (int i = 0; i < Strips; i++)
    {
        int mine = i * Strip + 4 * part;
        loadFour(a.slopes + rowStart + mine, a.count - mine, 0, slope[i]);
    }

#pragma unroll
    for (int i = 0; i < Strips; i++)
    {
        int mine = i * Strip + 4 * part;
        float scale[4], zero[4], before[4], curvature[4], code[4];
        loadFour(a.scales + rowStart + mine, a.count - mine, 1, scale);
        loadFour(a.zeros + rowStart + mine, a.count - mine, 0, zero);
        loadFour(a.codes + rowStart + mine, a.count - mine, 0, before);
#pragma unroll
        for (int t = 0; t < 4; t++)
        {
            code[t] = before[t];
            curvature[t] = mine + t < a.count ? __fmul_rn(scale[t], *tileAt(tile, mine + t, mine + t)) : 1;
        }

#pragma unroll 1
        for (int owner = 0; owner < RowLanes; owner++)
        {
            int first = i * Strip + 4 * owner;
#pragma unroll
            for (int t = 0; t < 4; t++)
            {
                if (first + t < a.count)
                {
                    float wanted = __fadd_rn(__fsub_rn(before[t], zero[t]), __fdiv_rn(slope[i][t], curvature[t]));
                    float found = fminf(fmaxf(rintf(wanted) + zero[t], 0), a.maxCode);
                    if (part == owner)
                    {
                        code[t] = found;
                    }

                    // Columns that are done change with the others; nothing reads them any more.
                    float fed = -__shfl_sync(Everyone, __fmul_rn(__fsub_rn(found, before[t]), scale[t]), owner, RowLanes);
                    const float* after = tileAt(tile, first + t, mine);
#pragma unroll
                    for (int n = i; n < Strips; n++)
                    {
                        float4 h = *reinterpret_cast<const float4*>(after + (n - i) * Strip);
                        slope[n][0] = __fmaf_rn(fed, h.x, slope[n][0]);
                        slope[n][1] = __fmaf_rn(fed, h.y, slope[n][1]);
                        slope[n][2] = __fmaf_rn(fed, h.z, slope[n][2]);
                        slope[n][3] = __fmaf_rn(fed, h.w, slope[n][3]);
                    }
                }
            }
        }

        int count = place < a.rows ? a.count - mine : 0;
        float change[4];
#pragma unroll
        for (int t = 0; t < 4; t++)
        {
            change[t] = __fmul_rn(__fsub_rn(code[t], before[t]), scale[t]);
        }

        storeFour(a.codes + rowStart + mine, count, code);
        storeFour(a.changes + (long long)row * a.count + mine, count, change);
    }
}
