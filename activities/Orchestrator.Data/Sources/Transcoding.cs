using System.Text;

namespace Orchestrator.Data.Sources;

/// <summary>Brings a text file to UTF-8, in the attempt's own folder and piece by piece. A file that is UTF-8 already stays where it is.</summary>
internal static class Transcoding
{
    public static async Task<string> ToUtf8Async(string path, string name, string workingDirectory, CancellationToken cancellation)
    {
        var encoding = SourceFiles.EncodingOf(name);
        RefuseOtherMarks(path, name, encoding);
        if (encoding is null)
        {
            return path;
        }

        var translated = Path.Combine(workingDirectory, $"utf8-{Path.GetRandomFileName()}");
        await using var source = SourceFiles.Open(path);
        using var reader = new StreamReader(source, encoding, detectEncodingFromByteOrderMarks: false);
        await using var writer = new StreamWriter(translated, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        var block = new char[64 * 1024];
        try
        {
            for (var first = true; await reader.ReadBlockAsync(block, cancellation) is > 0 and var read; first = false)
            {
                var marked = first && block[0] == '\uFEFF' ? 1 : 0;
                await writer.WriteAsync(block.AsMemory(marked, read - marked), cancellation);
            }
        }
        catch (DecoderFallbackException wrong)
        {
            throw DataErrors.WrongEncoding(path, name, 0, Math.Max(0, wrong.Index), wrong.BytesUnknown is [var value, ..] ? value : (byte)0);
        }

        return translated;
    }

    private static void RefuseOtherMarks(string path, string name, Encoding? encoding)
    {
        Span<byte> start = stackalloc byte[2];
        using var file = SourceFiles.Open(path);
        if (file.ReadAtLeast(start, 2, throwOnEndOfStream: false) < 2)
        {
            return;
        }

        var found = (start[0], start[1]) switch
        {
            (0xFF, 0xFE) => "utf-16",
            (0xFE, 0xFF) => "utf-16be",
            _ => null,
        };
        var asked = encoding switch
        {
            UnicodeEncoding unicode => unicode.CodePage == 1201 ? "utf-16be" : "utf-16",
            _ => null,
        };
        if (found is not null && found != asked)
        {
            throw DataErrors.WrongEncoding(path, name, found);
        }
    }
}
