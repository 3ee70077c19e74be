using System.Security.Cryptography;
using System.Text;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Scripting;

/// <summary>
/// A script as it is kept with the runs of its pipeline. Line ends are <c>\n</c> and there is no byte order mark, whatever the file had, so that a script has one hash
/// on every machine. Stored as UTF-8 its bytes have <see cref="Hash"/>.
/// </summary>
public sealed record ScriptSource
{
    private ScriptSource(SourceText text)
    {
        Source = text;
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.Text)));
    }

    /// <summary>The path as the user gave it.</summary>
    public string Name => Source.Name;

    public string Text => Source.Text;

    /// <summary>SHA-256 of the text in UTF-8, 64 lowercase hexadecimal digits. Definitions name the script of a step by it.</summary>
    public string Hash { get; }

    internal SourceText Source { get; }

    /// <param name="read">The file as it was read.</param>
    public static ScriptSource Of(SourceText read) => new(new SourceText(read.Name, read.Text.ReplaceLineEndings("\n")));
}
