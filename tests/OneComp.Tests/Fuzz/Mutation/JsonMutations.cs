using System.Globalization;
using System.Text.Json;

namespace OneComp.Tests.Fuzz.Mutation;

/// <summary>Spoils JSON: keys twice, missing or renamed, other types, extreme numbers, deep nesting, long lists; and one time in five its bytes.</summary>
internal static class JsonMutations
{
    private const int MostValues = 20_000;

    public static byte[] Any(Random random, byte[] input)
    {
        if (random.Next(5) == 0 || JsonTree.Parse(input) is not { } tree)
        {
            return ByteMutations.Any(random, input);
        }

        var all = tree.All().ToList();
        Change(random, all[random.Next(all.Count)], all);
        return tree.ToBytes();
    }

    private static void Change(Random random, JsonTree node, List<JsonTree> all)
    {
        switch (random.Next(10))
        {
            case 0 when node.Children.Count > 0:
                node.Children.RemoveAt(random.Next(node.Children.Count));
                break;
            case 1 when node.Children.Count > 0:
                var again = node.Children[random.Next(node.Children.Count)];
                node.Children.Insert(random.Next(node.Children.Count + 1), (again.Key, random.Next(2) == 0 ? again.Value.Clone() : JsonTree.Leaf(Literals.Any(random))));
                break;
            case 2 when node.Children.Count > 0:
                Rename(random, node, all);
                break;
            case 3:
                var other = all[random.Next(all.Count)];
                if (!node.All().Contains(other) && !other.All().Contains(node))
                {
                    node.Become(other); // a splice of another part
                }

                break;
            case 4:
                node.Wrap(random.Next(2) == 0);
                break;
            case 5 when node.Children.Count > 0:
                Grow(random, node, all.Count);
                break;
            case 6 when node.Kind == JsonValueKind.Number:
                Nudge(random, node);
                break;
            case 7 when node.Children.Count > 1:
                node.Children.Reverse();
                break;
            case 8 when node.Kind == JsonValueKind.String:
                var at = 1 + random.Next(node.Raw.Length - 1);
                string[] pieces = ["\\u0000", "\\ud83d", "\\u001b", "../", "\\\\", "(", "a", "\\n", "é", "😀"];
                node.Become(JsonTree.Leaf(node.Raw[..at] + pieces[random.Next(pieces.Length)] + node.Raw[at..]));
                break;
            default:
                node.Become(JsonTree.Leaf(Literals.Any(random)));
                break;
        }
    }

    private static void Rename(Random random, JsonTree node, List<JsonTree> all)
    {
        var i = random.Next(node.Children.Count);
        var keys = all.SelectMany(tree => tree.Children).Select(child => child.Key).Where(key => key.Length > 0).ToList();
        string[] odd = ["\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"../x\"", "\"/etc/passwd\"", "\"__metadata__\"", "\"a\\u001bb\"", '"' + new string('k', 5000) + '"'];
        node.Children[i] = (keys.Count > 0 && random.Next(2) == 0 ? keys[random.Next(keys.Count)] : odd[random.Next(odd.Length)], node.Children[i].Value);
    }

    private static void Grow(Random random, JsonTree node, int values)
    {
        var (key, value) = node.Children[random.Next(node.Children.Count)];
        var times = Math.Min(1 << random.Next(12), MostValues / Math.Max(1, values));
        for (var i = 0; i < times; i++)
        {
            node.Children.Add((key.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $"{key[..^1]}{i}\"") : key, value.Clone()));
        }
    }

    private static void Nudge(Random random, JsonTree node)
    {
        var value = double.TryParse(node.Raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;
        node.Become(JsonTree.Leaf(random.Next(6) switch
        {
            0 => Text(value + 1),
            1 => Text(value - 1),
            2 => Text(value * 2),
            3 => Text(-value),
            4 => Text(value * 1e6),
            _ => Literals.Number(random),
        }));

        static string Text(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "1e999";
    }
}
