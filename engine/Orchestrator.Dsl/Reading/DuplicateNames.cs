using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Json;

namespace Orchestrator.Dsl.Reading;

/// <summary>Finds members with the same name in one object, at any depth.</summary>
internal static class DuplicateNames
{
    public static void Check(JsonSyntax root, ReadContext context) => Check(root, depth: 0, of: "", context);

    private static void Check(JsonSyntax value, int depth, string of, ReadContext context)
    {
        switch (value)
        {
            case JsonArraySyntax items:
                foreach (var item in items.Items)
                {
                    Check(item, depth + 1, "", context);
                }

                break;
            case JsonObjectSyntax members:
                CheckMembers(members, depth, of, context);
                foreach (var member in members.Members)
                {
                    Check(member.Value, depth + 1, depth == 0 ? member.Name : "", context);
                }

                break;
            default:
                break;
        }
    }

    private static void CheckMembers(JsonObjectSyntax members, int depth, string of, ReadContext context)
    {
        if (members.Members.Count < 2)
        {
            return;
        }

        var first = new Dictionary<string, JsonMemberSyntax>(members.Members.Count, StringComparer.Ordinal);
        foreach (var member in members.Members)
        {
            if (member.Name.Length == 0 || first.TryAdd(member.Name, member))
            {
                continue;
            }

            var note = new DiagnosticNote($"the first \"{member.Name}\" is", context.NameOf(first[member.Name]));
            context.Found.Add((depth, of) switch
            {
                (1, "tasks") => DiagnosticCatalog.DuplicateName.At(
                    context.NameOf(member), "same name again", $"there are two tasks with the name \"{member.Name}\"", "Rename one of them.", notes: [note]),
                (1, "params") => DiagnosticCatalog.DuplicateName.At(
                    context.NameOf(member), "same name again", $"there are two parameters with the name \"{member.Name}\"", "Rename or remove one of them.", notes: [note]),
                _ => DiagnosticCatalog.DuplicateKey.At(
                    context.NameOf(member), "same name again", $"\"{member.Name}\" stands twice in one object", "Remove one of them.", notes: [note]),
            });
        }
    }
}
