using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Activities;

/// <summary>
/// An activity that asks and waits. Nothing runs and no place is held while it waits: the question is part of the run's state, and the answer becomes the
/// task's outputs <c>approved</c>, <c>answer</c>, <c>by</c> and <c>comment</c>. Give it <see cref="ActivityKind.Wait"/>; it cannot be mapped.
/// </summary>
public abstract class QuestionActivity : Activity
{
    /// <summary>What is asked. Pure: the inputs and the time are all that it depends on.</summary>
    /// <exception cref="ActivityException">The inputs make no question.</exception>
    protected internal abstract Question Ask(DateTimeOffset now);

    protected internal sealed override Task ExecuteAsync(ActivityContext context) =>
        throw new InvalidOperationException("A question has no attempts: the engine suspends its task.");
}
