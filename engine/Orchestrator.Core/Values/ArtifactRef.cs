namespace Orchestrator.Core.Values;

/// <summary>A file, named by the SHA-256 of its bytes. The artifact store has the bytes; this is the ticket to them.</summary>
public sealed record ArtifactRef
{
    /// <summary>SHA-256 of the bytes, 64 lowercase hexadecimal digits.</summary>
    public required string Hash { get; init; }

    public required long SizeInBytes { get; init; }

    /// <summary>A file name for people, with its ending: <c>report.html</c>. Not part of the identity.</summary>
    public required string Name { get; init; }

    /// <summary>An IANA media type, <c>text/html</c>; <c>application/octet-stream</c> when nobody knows.</summary>
    public required string MediaType { get; init; }
}
