using System.Security.Cryptography;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Testing;

/// <summary>Artifacts in a folder of a test, by hash.</summary>
internal sealed class FolderArtifacts(string folder) : IArtifactStore
{
    public async Task<ArtifactRef> AddFileAsync(string path, string? name = null, string? mediaType = null, CancellationToken cancellation = default)
    {
        var bytes = await File.ReadAllBytesAsync(path, cancellation);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        await File.WriteAllBytesAsync(Path.Combine(folder, hash), bytes, cancellation);
        return new ArtifactRef { Hash = hash, SizeInBytes = bytes.Length, Name = name ?? Path.GetFileName(path), MediaType = mediaType ?? "application/octet-stream" };
    }

    public async Task<ArtifactRef> AddTextAsync(string text, string name, string? mediaType = null, CancellationToken cancellation = default)
    {
        var path = Path.Combine(folder, Path.GetRandomFileName());
        await File.WriteAllTextAsync(path, text, cancellation);
        var artifact = await AddFileAsync(path, name, mediaType, cancellation);
        File.Delete(path);
        return artifact;
    }

    public string PathOf(ArtifactRef artifact) => PathOf(artifact.Hash);

    public string PathOf(string hash) => Path.Combine(folder, hash) is var path && File.Exists(path)
        ? path
        : throw new ActivityException("ORC5101", $"artifact {hash} is not in the test's folder");
}
