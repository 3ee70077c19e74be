using Orchestrator.Core.Activities;

namespace Orchestrator.Activities.Commands;

/// <summary>What exit codes of a program mean to its task.</summary>
/// <param name="Success">Codes that count as success.</param>
/// <param name="Retry">Codes after which another attempt may help; null: every code that is neither success nor skip.</param>
/// <param name="Skip">Codes by which the program says that there was nothing to do.</param>
internal sealed record ExitRules(IReadOnlyList<int> Success, IReadOnlyList<int>? Retry, IReadOnlyList<int> Skip)
{
    /// <exception cref="ActivityException">A code means two things (ORC5619).</exception>
    public ExitRules Check()
    {
        var lists = new[] { ("exitCodes", Success), ("retryCodes", Retry ?? []), ("skipCodes", Skip) };
        var twice = lists.SelectMany(list => list.Item2.Distinct().Select(code => (Code: code, Name: list.Item1))).GroupBy(one => one.Code).FirstOrDefault(same => same.Count() > 1);
        return twice is null ? this : throw CommandErrors.CodeTwice(twice.Key, [.. twice.Select(one => one.Name)]);
    }

    /// <summary>Nothing when the code is a success.</summary>
    /// <exception cref="ActivityException">The program failed (ORC5601), or found nothing to do, in which case the failure says so.</exception>
    public void Judge(string program, ProgramExit exit, IReadOnlyList<string> lastLines)
    {
        if (Success.Contains(exit.Code))
        {
            return;
        }

        throw Skip.Contains(exit.Code)
            ? CommandErrors.NothingToDo(program, exit, lastLines)
            : CommandErrors.Failed(program, exit, Success, Retry, lastLines);
    }
}
