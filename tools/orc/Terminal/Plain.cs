namespace Orchestrator.Cli.Terminal;

/// <summary>Text that others wrote, without what a terminal would obey.</summary>
internal static class Plain
{
    public static string Of(string text, int length)
    {
        var plain = new string([.. text.Take(length + 1).Select(letter => char.IsControl(letter) && letter is not '\n' and not '\t' ? '�' : letter)]);
        return plain.Length <= length ? plain : plain[..(length - 1)] + "…";
    }
}
