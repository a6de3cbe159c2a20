// One block of columns of a sweep over codes: the twin of Quantization/Gptq/CodeDescent.cs. A warp works on one row, its lanes on
// columns as in gptq_block.cu. A code that changes moves the slopes of the columns that follow.

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

// H of the block on and above its diagonal, in the stripes of loadUpper.
__device__ void loadHessian(const DescentArguments& a, float* tile)
{
    for (int i = threadIdx.x; i < a.count * MaxBlock; i += blockDim.x)
    {
        int row = i / MaxBlock, column = i % MaxBlock, stripe = row / Lanes;
        if (column >= stripe * Lanes)
        {
            int width = MaxBlock - stripe * Lanes;
            tile[stripeStart(stripe) + row % Lanes * width + column - stripe * Lanes] =
                column < a.count ? a.hessian[(long long)(a.start + row) * a.columns + a.start + column] : 0;
        }
    }
}

extern "C" __global__ void __launch_bounds__(MaxBlockThreads) code_descent(DescentArguments a)
{
    extern __shared__ float4 shared[];
    float* tile = reinterpret_cast<float*>(shared);
    int lane = threadIdx.x % Lanes;
    loadHessian(a, tile);
    __syncthreads();

    int row = blockIdx.x * (blockDim.x / Lanes) + threadIdx.x / Lanes;
    if (row >= a.rows)
    {
        return;
    }

    long long rowStart = (long long)row * a.columns + a.start;
    float slope[Stripes];
#pragma unroll
    for (int j = 0; j < Stripes; j++)
    {
        slope[j] = j * Lanes + lane < a.count ? a.slopes[rowStart + j * Lanes + lane] : 0;
    }

#pragma unroll
    for (int k = 0; k < Stripes; k++)
    {
        int base = k * Lanes, mine = base + lane;
        bool inside = mine < a.count;
        float scale = inside ? a.scales[rowStart + mine] : 1;
        float zero = inside ? a.zeros[rowStart + mine] : 0;
        float before = inside ? a.codes[rowStart + mine] : 0;
        float curvature = inside ? __fmul_rn(scale, tile[stripeStart(k) + lane * (MaxBlock - base) + lane]) : 1;
        float code = before;
        const float* after = tile + stripeStart(k) + lane;
        int limit = min(Lanes, a.count - base); // none left where it is not positive
        for (int l = 0; l < limit; l++, after += MaxBlock - base)
        {
            float wanted = __fadd_rn(__fsub_rn(before, zero), __fdiv_rn(slope[k], curvature));
            float found = fminf(fmaxf(rintf(wanted) + zero, 0), a.maxCode);
            if (lane == l)
            {
                code = found;
            }

            float fed = -__shfl_sync(Everyone, __fmul_rn(__fsub_rn(found, before), scale), l);
#pragma unroll
            for (int j = k; j < Stripes; j++)
            {
                slope[j] = __fmaf_rn(fed, after[(j - k) * Lanes], slope[j]);
            }
        }

        if (inside)
        {
            a.codes[rowStart + mine] = code;
            a.changes[(long long)row * a.count + mine] = __fmul_rn(__fsub_rn(code, before), scale);
        }
    }
}
