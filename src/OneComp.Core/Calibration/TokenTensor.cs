using OneComp.Safetensors;

namespace OneComp.Calibration;

/// <summary>Which tensor of a file holds the token ids.</summary>
internal static class TokenTensor
{
    /// <summary>The tensor named, or the only 2-D integer tensor where none is named.</summary>
    public static TensorEntry Find(SafetensorsFile file, string path, string? name)
    {
        var candidates = file.Tensors.Values.Where(HoldsIds).OrderBy(entry => entry.Name, StringComparer.Ordinal).ToList();
        if (!string.IsNullOrEmpty(name))
        {
            return Named(file, path, name, candidates);
        }

        return candidates switch
        {
            [var only] => only,
            [] => throw new CalibrationException(
                CalibrationError.NoTokenTensor,
                path,
                $"'{path}' holds no token ids: none of its {file.Tensors.Count} tensors is 2-D, I32 or I64, " +
                "with at least one element. Give a file with one window of ids a row."),
            _ => throw new CalibrationException(
                CalibrationError.SeveralTokenTensors,
                path,
                $"'{path}' holds several 2-D integer tensors: {Describe(candidates)}. Name the one to use (TensorName)."),
        };
    }

    private static TensorEntry Named(SafetensorsFile file, string path, string name, List<TensorEntry> candidates)
    {
        if (!file.Tensors.TryGetValue(name, out var tensor))
        {
            throw new CalibrationException(
                CalibrationError.TensorNotFound,
                path,
                $"'{path}' has no tensor '{name}'; its 2-D integer tensors: {Describe(candidates)}. Correct TensorName.");
        }

        return HoldsIds(tensor) ? tensor : throw new CalibrationException(
            CalibrationError.TensorNotTokenIds,
            path,
            $"Tensor '{name}' of '{path}' is {DTypes.NameOf(tensor.DType)} [{string.Join(", ", tensor.Shape)}]; " +
            $"token ids are a 2-D tensor of I32 or I64 with at least one element. The 2-D integer tensors: {Describe(candidates)}.");
    }

    private static bool HoldsIds(TensorEntry entry) =>
        entry.DType is DType.I32 or DType.I64 && entry.Shape.Count == 2 && entry.ByteCount > 0;

    private static string Describe(IEnumerable<TensorEntry> entries) =>
        NameList.Of(entries.Select(entry => $"{entry.Name} [{string.Join(", ", entry.Shape)}]"));
}
