// Sums of products by group, of which the systems of GroupScaleFit are made.

struct DotsArguments
{
    const float* products; // C_g * H from the columns of group on, (rows, columns)
    const float* centred;  // C from there on, (rows, columns), rows stride apart
    float* systems;        // (rows, groups, groups), of which row and column of group are written from the diagonal on
    long long stride;
    int rows;
    int columns;
    int groupLength;
    int groups;
    int group;
};

// A warp for each row and group.
extern "C" __global__ void group_dots(DotsArguments a)
{
    int lane = threadIdx.x % Lanes;
    long long item = ((long long)blockIdx.x * blockDim.x + threadIdx.x) / Lanes;
    int left = a.groups - a.group;
    if (item >= (long long)a.rows * left)
    {
        return;
    }

    long long row = item / left;
    int other = (int)(item % left);
    int first = other * a.groupLength;
    int end = min(first + a.groupLength, a.columns);
    float sum = 0;
    for (int i = first + lane; i < end; i += Lanes)
    {
        sum += a.products[row * a.columns + i] * a.centred[row * a.stride + i];
    }

    for (int step = Lanes / 2; step > 0; step /= 2)
    {
        sum += __shfl_xor_sync(Everyone, sum, step);
    }

    if (lane == 0)
    {
        float* system = a.systems + row * a.groups * a.groups;
        system[(long long)a.group * a.groups + a.group + other] = sum;
        system[(long long)(a.group + other) * a.groups + a.group] = sum;
    }
}
