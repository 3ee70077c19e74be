using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <summary>The places of a pipeline that is written inside another one.</summary>
internal sealed class PrefixedSourceMap(SourceMap map, string prefix) : SourceMap
{
    public override SourceSpan ValueOf(string path) => map.ValueOf(prefix + path);

    public override SourceSpan NameOf(string path) => map.NameOf(prefix + path);

    public override SourceSpan TextIn(string path, int start, int length) => map.TextIn(prefix + path, start, length);
}
