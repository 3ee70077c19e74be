namespace Orchestrator.Storage.Retention;

/// <summary>Finds hashes of artifacts in texts of any form: each piece of 64 lowercase hexadecimal digits that is no part of a longer one.</summary>
public static class HashesInText
{
    private const int Length = 64;

    public static IEnumerable<string> Find(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            while (at < text.Length && char.IsAsciiHexDigitLower(text[at]))
            {
                at++;
            }

            if (at - start == Length)
            {
                yield return text.Substring(start, Length);
            }

            at = Math.Max(at, start + 1);
        }
    }
}
