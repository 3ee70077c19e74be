namespace Orchestrator.Activities.Commands;

/// <summary>Keeps the last lines of what a program prints, up to a number of characters. Written by two threads: one for each stream.</summary>
internal sealed class PrintedText(int maxCharacters)
{
    private readonly Lock gate = new();
    private readonly LinkedList<string> lines = new();
    private int characters;

    public void Add(string line)
    {
        line = line.Length > maxCharacters ? line[^maxCharacters..] : line;
        lock (gate)
        {
            lines.AddLast(line);
            characters += line.Length + 1;
            while (characters > maxCharacters + 1 && lines.First is { } first)
            {
                characters -= first.Value.Length + 1;
                lines.RemoveFirst();
            }
        }
    }

    public IReadOnlyList<string> Last(int count)
    {
        lock (gate)
        {
            return [.. lines.TakeLast(count)];
        }
    }

    public override string ToString()
    {
        lock (gate)
        {
            return string.Join('\n', lines);
        }
    }
}
