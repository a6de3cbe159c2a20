using OneComp.Calibration;
using static TorchSharp.torch;

namespace OneComp.Quantization.Tuning;

/// <summary>Draws windows at random, and keeps some batches aside to judge by.</summary>
internal sealed class WindowPicker
{
    private readonly HiddenStates _inputs;
    private readonly HiddenStates _targets;
    private readonly Random _random;
    private readonly List<int> _training;
    private readonly Queue<(int Batch, long Window)> _queue = new();

    public WindowPicker(HiddenStates inputs, HiddenStates targets, int seed, int validationShare)
    {
        (_inputs, _targets, _random) = (inputs, targets, new Random(seed));
        var aside = inputs.Count >= validationShare ? inputs.Count / validationShare : 0;
        var batches = Enumerable.Range(0, inputs.Count).ToList();
        Validation = aside > 0 ? batches[..aside] : batches; // too few to keep any aside
        _training = batches[aside..];
    }

    /// <summary>Batches that are not trained on; all, where there are too few to keep any aside.</summary>
    public IReadOnlyList<int> Validation { get; }

    /// <summary>Input and target of a whole batch, (windows, tokens, hidden). In the caller's dispose scope.</summary>
    public (Tensor Input, Tensor Target) Batch(int index) => (_inputs.Load(index), _targets.Load(index));

    /// <summary>The next windows of a random order, (windows, tokens, hidden). In the caller's dispose scope.</summary>
    public (Tensor Input, Tensor Target) Next(int windows)
    {
        var (inputs, targets) = (new List<Tensor>(), new List<Tensor>());
        for (var i = 0; i < windows; i++)
        {
            if (_queue.Count == 0)
            {
                Refill();
            }

            var (batch, window) = _queue.Dequeue();
            inputs.Add(_inputs.LoadWindow(batch, window));
            targets.Add(_targets.LoadWindow(batch, window));
        }

        return (cat(inputs), cat(targets));
    }

    private void Refill()
    {
        var all = _training.SelectMany(batch => Enumerable.Range(0, (int)_inputs.Windows(batch)).Select(window => (batch, (long)window))).ToArray();
        _random.Shuffle(all);
        foreach (var picked in all)
        {
            _queue.Enqueue(picked);
        }
    }
}
