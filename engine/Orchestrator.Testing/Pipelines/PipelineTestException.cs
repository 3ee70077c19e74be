namespace Orchestrator.Testing.Pipelines;

/// <summary>The test itself is not right, or its pipeline is not: a fake for a task that does not exist, a definition with errors, a run that hangs.</summary>
public sealed class PipelineTestException : Exception
{
    public PipelineTestException(string message) : base(message)
    {
    }

    public PipelineTestException(string message, Exception inner) : base(message, inner)
    {
    }

    public PipelineTestException()
    {
    }
}
