using OneComp.Models;
using OneComp.Tokenization;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Training;

/// <summary>Trains a <see cref="ByteModel"/> by the engine's own blocks: linear layers and embedding; norms stay 1. Holds the whole model.</summary>
internal sealed class Trainer : IDisposable
{
    private const double Rate = 2e-3;
    private const double LastShare = 0.1;
    private const int WarmUp = 50;
    private readonly CausalModel _model;
    private readonly Device _device;
    private readonly List<DecoderBlock> _blocks;
    private readonly Dictionary<string, Tensor> _parameters = []; // by tensor name; the blocks own theirs
    private readonly Tensor _embedding;                           // (vocabulary, hidden)

    public Trainer(string folder, Device device)
    {
        _model = CausalModel.Open(folder);
        _device = device;
        _blocks = [.. Enumerable.Range(0, _model.Config.NumLayers).Select(index => _model.LoadBlock(index, device, ScalarType.Float32))];
        foreach (var block in _blocks)
        {
            foreach (var layer in block.Layers)
            {
                _parameters.Add(layer.WeightName, block.Weight(layer).requires_grad_());
            }
        }

        using (var start = randn(ByteModel.Vocabulary, _model.Config.HiddenSize, device: device))
        {
            _embedding = (start * 0.02).DetachFromDisposeScope().requires_grad_();
        }

        _parameters.Add("model.embed_tokens.weight", _embedding);
    }

    /// <summary>Elements that are trained.</summary>
    public long Count => _parameters.Values.Sum(parameter => parameter.numel());

    /// <summary>Takes steps over windows drawn from ids.</summary>
    /// <param name="ids">The text.</param>
    /// <param name="steps">How many; the rate rises, and falls to a tenth along a cosine.</param>
    /// <param name="batch">Windows to a step.</param>
    /// <param name="length">Tokens to a window.</param>
    /// <param name="report">Gets a step's number and its loss, now and then.</param>
    public void Train(int[] ids, int steps, int batch, int length, Action<int, double> report)
    {
        var random = new Random(1);
        using var adam = new Adam([.. _parameters.Values]);
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            var loss = Loss(ids, [.. Enumerable.Range(0, batch).Select(_ => random.Next(ids.Length - length))], length);
            var gradients = autograd.grad([loss], [.. _parameters.Values]);
            var share = (double)step / steps;
            adam.Step(gradients, Rate * Math.Min(1, (step + 1.0) / WarmUp) * (LastShare + ((1 - LastShare) * (1 + Math.Cos(Math.PI * share)) / 2)));
            if (step % 100 == 0 || step == steps - 1)
            {
                report(step, loss.item<float>());
            }
        }
    }

    /// <summary>Mean loss in nats a byte over windows spread evenly over ids.</summary>
    public double Measure(int[] ids, int windows, int length)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return Loss(ids, [.. Enumerable.Range(0, windows).Select(i => (int)((long)(ids.Length - length - 1) * i / windows))], length).item<float>();
    }

    /// <summary>Bytes of a text as the model's tokenizer gives them.</summary>
    public int[] Encode(string text) => TokenizerLoader.Load(_model.Config.Folder).Encode(File.ReadAllText(text));

    /// <summary>Replaces the folder's weights by the trained ones, in bfloat16.</summary>
    public void Save(string folder)
    {
        _model.Dispose(); // its file is replaced
        ByteModel.Save(folder, ScalarType.BFloat16, tensor => _parameters.TryGetValue(tensor.Name, out var trained) ? trained.alias() : ones([.. tensor.Shape]));
    }

    public void Dispose()
    {
        _blocks.ForEach(block => block.Dispose());
        _embedding.Dispose();
        _model.Dispose();
    }

    /// <summary>Mean next-byte cross-entropy of the windows that begin at <paramref name="starts"/>.</summary>
    private Tensor Loss(int[] ids, int[] starts, int length)
    {
        long[] window = [.. starts.SelectMany(start => ids.AsSpan(start, length + 1).ToArray().Select(id => (long)id))];
        var all = tensor(window, dtype: ScalarType.Int64).reshape(starts.Length, length + 1).to(_device);
        var hidden = _embedding.index_select(0, all.narrow(1, 0, length).reshape(-1)).reshape(starts.Length, length, -1);
        hidden = _blocks.Aggregate(hidden, (state, block) => block.Forward(state));
        var normed = hidden * (hidden.square().mean([-1], keepdim: true) + _model.Config.RmsNormEps).rsqrt();
        return nn.functional.cross_entropy(normed.reshape(-1, hidden.shape[2]).matmul(_embedding.t()), all.narrow(1, 1, length).reshape(-1));
    }
}
