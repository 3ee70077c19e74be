using Orchestrator.Storage.Access;

namespace Orchestrator.Server.Access;

/// <summary>What somebody may do, in a project or anywhere.</summary>
public enum Permission
{
    Unknown = 0,

    /// <summary>See pipelines, runs, logs, artifacts.</summary>
    Read,

    /// <summary>Start, cancel, repeat, hold and mark runs.</summary>
    Operate,

    /// <summary>Register, pause and remove pipelines that are written in JSON.</summary>
    Register,

    /// <summary>Register C# scripts: run code on the server.</summary>
    RegisterScripts,

    /// <summary>Answer what tasks ask.</summary>
    Approve,

    /// <summary>Manage users and keys, and read the audit log.</summary>
    Administer,
}

/// <summary>A named set of permissions.</summary>
internal static class Roles
{
    public const string Admin = "admin";

    private static readonly Dictionary<string, Permission[]> Table = new(StringComparer.Ordinal)
    {
        ["viewer"] = [Permission.Read],
        ["operator"] = [Permission.Read, Permission.Operate],
        ["author"] = [Permission.Read, Permission.Operate, Permission.Register],
        ["approver"] = [Permission.Read, Permission.Approve],
        [Admin] = [Permission.Read, Permission.Operate, Permission.Register, Permission.Approve, Permission.Administer],
    };

    public static IEnumerable<string> Names => Table.Keys;

    /// <summary>A role of a later version grants nothing here.</summary>
    public static bool Grants(string role, Permission permission) => Table.TryGetValue(role, out var granted) && granted.Contains(permission);

    /// <summary>For messages: what somebody who lacks the permission may not do.</summary>
    public static string Words(Permission permission) => permission switch
    {
        Permission.Read => "see anything",
        Permission.Operate => "start or change runs",
        Permission.Register => "register or change pipelines",
        Permission.RegisterScripts => "register C# scripts",
        Permission.Approve => "answer for tasks",
        Permission.Administer => "manage users and keys or read the audit log",
        _ => throw new ArgumentOutOfRangeException(nameof(permission), permission, "not a permission"),
    };

    /// <summary>Reads <c>ROLE</c> or <c>PROJECT:ROLE</c>.</summary>
    /// <exception cref="Core.Activities.ActivityException">It is neither (ORC6070).</exception>
    public static RoleGrant Parse(string text)
    {
        var parts = text.Split(':', 2);
        var (project, role) = parts is [var one, var two] ? (one, two) : (RoleGrant.EveryProject, text);
        return Table.ContainsKey(role) && Projects.IsNameOrEvery(project) ? new RoleGrant { Project = project, Role = role } : throw Problems.ServerErrors.WrongRole(text);
    }
}

/// <summary>What may be the name of a project: what may be the name of a pipeline.</summary>
internal static class Projects
{
    public static bool IsName(string text) => Core.Values.TaskName.IsValid(text);

    public static bool IsNameOrEvery(string text) => text == RoleGrant.EveryProject || IsName(text);
}
