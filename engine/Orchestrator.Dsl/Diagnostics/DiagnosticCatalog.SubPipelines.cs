namespace Orchestrator.Dsl.Diagnostics;

/// <content>203x: pipelines in pipelines.</content>
public static partial class DiagnosticCatalog
{
    public static DiagnosticRule SubPipelineNotFound { get; } = new("ORC2030", "sub-pipeline that cannot be read", "a definition holds its sub-pipelines, so that a run is pinned to all of them; each must be there when it is read");

    public static DiagnosticRule SubPipelineInItself { get; } = new("ORC2031", "sub-pipeline that contains itself", "a pipeline holds its sub-pipelines, so one that contains itself would never end");

    public static DiagnosticRule SubPipelinesTooDeep { get; } = new("ORC2032", "sub-pipelines too deep", "the number of pipelines inside one another is limited so that one definition cannot exhaust the engine");

    public static DiagnosticRule SettingOfSubPipeline { get; } = new("ORC2033", "setting that a sub-pipeline cannot have", "a setting that says nothing would be believed");

    public static DiagnosticRule SettingWithoutEffect { get; } = new("ORC2034", "setting without effect inline", "the tasks of an inline sub-pipeline belong to the run around it, whose own limits hold", Severity.Warning);
}
