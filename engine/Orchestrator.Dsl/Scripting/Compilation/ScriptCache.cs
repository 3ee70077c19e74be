using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Dsl.Scripting.Compilation;

/// <summary>
/// Compiled scripts by content. A file is written beside its place and renamed into it, so that a reader sees all of it or nothing and two writers do no harm;
/// a file that is not exactly what was written is as good as none.
/// </summary>
internal sealed class ScriptCache(string directory)
{
    /// <summary>Raise it when the file's layout or what the compiler is asked to do changes.</summary>
    private const string Format = "orc-script 2\n";

    /// <summary>Each is some 20 KB; beyond this the oldest go.</summary>
    private const int MostFiles = 500;

    private const int HashSize = 32;

    /// <summary>The name under which a script's code is kept.</summary>
    /// <param name="kind">What is in scope: a pipeline script or the code of a step.</param>
    public static string KeyOf(string kind, string sourceHash, string identity) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Format}{kind}\n{sourceHash}\n{identity}")));

    /// <summary>The compiled script; null when there is none that is whole.</summary>
    public CompiledScript? TryRead(string key)
    {
        try
        {
            return Decode(File.ReadAllBytes(PathOf(key)), key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps a compiled script. Not being able to costs time at the next start and nothing else, so it is no error.</summary>
    public void TryWrite(string key, CompiledScript script)
    {
        var temporary = Path.Combine(directory, $"{key}.{Path.GetRandomFileName()}.tmp");
        try
        {
            Directory.CreateDirectory(directory);
            File.WriteAllBytes(temporary, Encode(script, key));
            File.Move(temporary, PathOf(key), overwrite: true);
            DropOldest();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
        }
    }

    private string PathOf(string key) => Path.Combine(directory, $"{key}.script");

    // Format, hash of the rest, key, then three parts, each with its length before it.
    private static byte[] Encode(CompiledScript script, string key)
    {
        using var content = new MemoryStream();
        content.Write(Encoding.ASCII.GetBytes(key));
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in (byte[][])[JsonSerializer.SerializeToUtf8Bytes(script.Map, ScriptMapJson.Default.ScriptMap), script.Assembly, script.Symbols])
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
            content.Write(length);
            content.Write(part);
        }

        var bytes = content.ToArray();
        return [.. Encoding.ASCII.GetBytes(Format), .. SHA256.HashData(bytes), .. bytes];
    }

    private static CompiledScript? Decode(byte[] file, string key)
    {
        var rest = file.AsSpan();
        if (!rest.StartsWith(Encoding.ASCII.GetBytes(Format)) || rest.Length < Format.Length + HashSize + key.Length)
        {
            return null;
        }

        var hash = rest.Slice(Format.Length, HashSize);
        rest = rest[(Format.Length + HashSize)..];
        if (!hash.SequenceEqual(SHA256.HashData(rest)) || !rest.StartsWith(Encoding.ASCII.GetBytes(key)))
        {
            return null;
        }

        rest = rest[key.Length..];
        var map = JsonSerializer.Deserialize(Part(ref rest), ScriptMapJson.Default.ScriptMap);
        var assembly = Part(ref rest).ToArray();
        return map is null ? null : new CompiledScript(assembly, Part(ref rest).ToArray(), map);
    }

    // The hash has vouched for the lengths.
    private static ReadOnlySpan<byte> Part(ref Span<byte> rest)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        var part = rest.Slice(sizeof(int), length);
        rest = rest[(sizeof(int) + length)..];
        return part;
    }

    private void DropOldest()
    {
        var files = new DirectoryInfo(directory).GetFiles("*.script");
        if (files.Length > MostFiles)
        {
            foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc).Take(files.Length - MostFiles))
            {
                TryDelete(file.FullName);
            }
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process is at it, or the folder is read-only; what stays is swept with the oldest.
        }
    }
}
