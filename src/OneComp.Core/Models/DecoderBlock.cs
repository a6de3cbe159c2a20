using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>
/// One decoder block, as a whole or as four stages. It owns its weights. Everything runs under the caller's grad mode
/// (<c>torch.no_grad()</c> where no gradient is wanted; not inference mode, whose tensors no later backward pass may use).
/// Not for use from several threads at once.
/// </summary>
public sealed partial class DecoderBlock : IDisposable
{
    private readonly Dictionary<string, LinearParameters> _linears; // by module name
    private readonly RmsNorm _inputNorm;
    private readonly RmsNorm _postAttentionNorm;
    private readonly Attention _attention;
    private readonly ActivationFunction _activation;

    /// <summary>Takes over everything it is given.</summary>
    internal DecoderBlock(
        int index, IEnumerable<LinearParameters> linears, RmsNorm inputNorm, RmsNorm postAttentionNorm, Attention attention,
        ActivationFunction activation)
    {
        Index = index;
        _linears = linears.ToDictionary(linear => linear.Layer.Module);
        Layers = [.. _linears.Values.Select(linear => linear.Layer)];
        _inputNorm = inputNorm;
        _postAttentionNorm = postAttentionNorm;
        _attention = attention;
        _activation = activation;
    }

    /// <summary>Index in the model.</summary>
    public int Index { get; }

    /// <summary>The linear layers in the order of the forward pass.</summary>
    public IReadOnlyList<LinearLayer> Layers { get; }

    /// <summary>Rotary frequencies; may be changed before the first use, to compare with a reference that rounded them.</summary>
    internal float[] RotaryFrequencies => _attention.RotaryFrequencies;

    /// <summary>Type that the linear layers compute in. Norms and rotary positions are float32 in any case.</summary>
    internal ScalarType Type => _linears.Values.First().Weight.dtype;

    /// <summary>The linear layers that read the input of a stage.</summary>
    public IReadOnlyList<LinearLayer> LayersOf(BlockStage stage) => [.. Layers.Where(layer => layer.Stage == stage)];

    /// <summary>A layer's current weight, (d_out, d_in). Borrowed: the block keeps it.</summary>
    /// <exception cref="ArgumentException">The layer is not one of this block.</exception>
    public Tensor Weight(LinearLayer layer) => Find(layer).Weight;

    /// <summary>Copies values into a layer's weight, which keeps its device and type. The caller keeps the argument.</summary>
    /// <exception cref="ArgumentException">The layer is not one of this block, or the shape is not (d_out, d_in).</exception>
    public void SetWeight(LinearLayer layer, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        Find(layer).Assign(weight);
    }

    /// <summary>Computes in float32 from here on: what overflows in a half type then has room. The weights keep their values.</summary>
    internal void Widen()
    {
        foreach (var linear in _linears.Values)
        {
            linear.Widen();
        }
    }

    /// <summary>Starts the walk over the stages.</summary>
    /// <param name="hidden">(B, T, hidden), the block's input, in the layers' type or a wider one. The caller keeps it.</param>
    /// <returns>The state before stage 1. The caller owns it.</returns>
    public StageState Enter(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        using var scope = NewDisposeScope();
        return new StageState(BlockStage.AttentionInput, _inputNorm.Forward(hidden, Type), hidden.alias());
    }

    /// <summary>Runs the stage's linear layers with their current weights, and what follows up to the next stage.</summary>
    /// <param name="state">The state before stage 1, 2 or 3. The caller keeps it.</param>
    /// <returns>The state before the next stage. The caller owns it.</returns>
    /// <exception cref="ArgumentException">The state is at stage 4, which <see cref="Exit"/> ends.</exception>
    public StageState Advance(StageState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var scope = NewDisposeScope();
        switch (state.Stage)
        {
            case BlockStage.AttentionInput:
                return new StageState(BlockStage.AttentionOutput, Attend(state.Input, null), state.Residual.alias());
            case BlockStage.AttentionOutput:
                var middle = state.Residual + Apply(TensorNames.Output, state.Input, null);
                return new StageState(BlockStage.MlpInput, _postAttentionNorm.Forward(middle, Type), middle);
            case BlockStage.MlpInput:
                return new StageState(BlockStage.MlpOutput, Gate(state.Input, null), state.Residual.alias());
            default:
                throw new ArgumentException($"the state is at the last stage ({state.Stage}): call {nameof(Exit)}", nameof(state));
        }
    }

    /// <summary>Ends the walk.</summary>
    /// <param name="mlpOutput">The state before stage 4. The caller keeps it.</param>
    /// <returns>(B, T, hidden), the block's output. The caller owns it.</returns>
    /// <exception cref="ArgumentException">The state is at another stage.</exception>
    public Tensor Exit(StageState mlpOutput)
    {
        ArgumentNullException.ThrowIfNull(mlpOutput);
        if (mlpOutput.Stage != BlockStage.MlpOutput)
        {
            throw new ArgumentException(
                $"the state is at {mlpOutput.Stage}, expected {BlockStage.MlpOutput}: call {nameof(Advance)}", nameof(mlpOutput));
        }

        using var scope = NewDisposeScope();
        return (mlpOutput.Residual + Apply(TensorNames.Down, mlpOutput.Input, null)).MoveToOuterDisposeScope();
    }

    /// <summary>Runs the whole block. Gradients flow to <paramref name="hidden"/> and to every linear layer's output.</summary>
    /// <param name="hidden">(B, T, hidden). The caller keeps it.</param>
    /// <param name="observe">
    /// Called for each linear layer with its input (B, T, d_in) and output (B, T, d_out). Both are borrowed; to keep one past the
    /// call, take it out of the block's hands with DetachFromDisposeScope (and retain_grad for its gradient).
    /// </param>
    /// <returns>(B, T, hidden). The caller owns it.</returns>
    public Tensor Forward(Tensor hidden, Action<LinearLayer, Tensor, Tensor>? observe = null)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        using var scope = NewDisposeScope();
        var attended = Attend(_inputNorm.Forward(hidden, Type), observe);
        var middle = hidden + Apply(TensorNames.Output, attended, observe);
        var product = Gate(_postAttentionNorm.Forward(middle, Type), observe);
        return (middle + Apply(TensorNames.Down, product, observe)).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        foreach (var linear in _linears.Values)
        {
            linear.Dispose();
        }

        _inputNorm.Dispose();
        _postAttentionNorm.Dispose();
        _attention.Dispose();
    }

    /// <summary>Stage 1: norm(x) → attention(q, k, v).</summary>
    private Tensor Attend(Tensor input, Action<LinearLayer, Tensor, Tensor>? observe)
    {
        using var scope = NewDisposeScope();
        var query = Apply(TensorNames.Query, input, observe);
        var key = Apply(TensorNames.Key, input, observe);
        var value = Apply(TensorNames.Value, input, observe);
        return _attention.Forward(query, key, value).MoveToOuterDisposeScope();
    }

    /// <summary>Stage 3: norm(x + o) → act(gate)·up.</summary>
    private Tensor Gate(Tensor input, Action<LinearLayer, Tensor, Tensor>? observe)
    {
        using var scope = NewDisposeScope();
        var gate = Apply(TensorNames.Gate, input, observe);
        var up = Apply(TensorNames.Up, input, observe);
        return Activations.Gate(_activation, gate, up).MoveToOuterDisposeScope();
    }

    private Tensor Apply(string module, Tensor input, Action<LinearLayer, Tensor, Tensor>? observe)
    {
        var linear = _linears[module];
        var output = linear.Forward(input);
        observe?.Invoke(linear.Layer, input, output);
        return output;
    }

    private LinearParameters Find(LinearLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.Block == Index && _linears.TryGetValue(layer.Module, out var linear)
            ? linear
            : throw new ArgumentException($"{layer.Name} is no layer of block {Index}", nameof(layer));
    }
}
