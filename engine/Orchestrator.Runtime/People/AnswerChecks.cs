using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Runtime.People;

/// <summary>Looks at an answer before it is asked of the run, to tell every mistake of it by itself, with the form it was to fit.</summary>
public static class AnswerChecks
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    /// <param name="state">The run as it will be when what was asked before has been done.</param>
    /// <param name="asked">The answer.</param>
    /// <param name="who">Who gives it.</param>
    /// <exception cref="ActivityException">It does not fit the form (ORC5957). Whatever else is wrong is the machine's to say.</exception>
    public static void Check(RunState state, AnswerRequest asked, string who)
    {
        if (!asked.Approved || !state.Graph.Contains(asked.Task) || state[asked.Task] is not Suspended { Question: { Schema: { } schema } question }
            || !(question.Approvers.IsEmpty || question.Approvers.Contains(who)))
        {
            return;
        }

        string[] problems = [.. FormSchema.Check(schema, asked.Answer ?? Nothing).Select(problem => problem.ToString())];
        if (problems.Length > 0)
        {
            throw new ActivityException(new Failure
            {
                Code = "ORC5957",
                Kind = FailureKind.Work,
                Message = $"the answer to task \"{asked.Task}\" does not fit its form",
                Why = "what the form asks for is what later tasks read",
                Help = $"Give --answer JSON that fits {CanonicalJson.Write(schema)}",
                Details = problems,
            });
        }
    }
}
