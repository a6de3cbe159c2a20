// Codes in 32-bit words: the twin of Formats/Gptq/BitPacking.cs. One thread for each stream of 32 values.

struct PackArguments
{
    const unsigned char* values; // value i of line l at values[l * lineStride + i * valueStride]
    int* words;                  // word j of line l at words[l * wordLineStride + j * wordStride]
    long long lineStride;
    long long valueStride;
    long long wordLineStride;
    long long wordStride;
    int lines;
    int count;                   // values to a line
    int bits;
    int subtract;                // taken from each value first
};

extern "C" __global__ void pack_bits(PackArguments a)
{
    constexpr int Stream = 32;
    long long item = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    long long stream = item / a.lines, line = item % a.lines;
    if (stream * Stream >= a.count)
    {
        return;
    }

    const unsigned char* values = a.values + line * a.lineStride + stream * Stream * a.valueStride;
    int* words = a.words + line * a.wordLineStride + stream * a.bits * a.wordStride;
    int inside = min((long long)Stream, a.count - stream * Stream);
    unsigned long long pending = 0;
    int held = 0;
    for (int i = 0; i < Stream; i++)
    {
        unsigned long long value = i < inside ? values[i * a.valueStride] - a.subtract : 0;
        pending |= value << held;
        held += a.bits;
        if (held >= 32)
        {
            *words = (int)(unsigned)pending;
            words += a.wordStride;
            pending >>= 32;
            held -= 32;
        }
    }
}
