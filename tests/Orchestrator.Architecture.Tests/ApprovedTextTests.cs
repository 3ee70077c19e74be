using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Activities;

namespace Orchestrator.Architecture.Tests;

/// <summary>
/// The promises to those who write activities and pipelines, as texts beside this file: a change of one is a diff that somebody has to look at.
/// <c>UPDATE_BASELINES=1</c> writes them anew.
/// </summary>
public sealed class ApprovedTextTests
{
    [Test]
    public void TheActivityContractIsAsApproved() => Approve("activity-contract.approved.txt", string.Join('\n', typeof(Activity).Assembly.GetExportedTypes()
        .Where(type => type.Namespace == typeof(Activity).Namespace || type.Namespace == typeof(Orchestrator.Core.Definitions.Output).Namespace)
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .Select(Describe)));

    [Test]
    public void TheActivitiesAreAsApproved()
    {
        var text = new StringBuilder();
        foreach (var activity in Families.Catalog().Activities)
        {
            text.Append(activity.Type).Append(" v").Append(activity.Version).Append(' ').Append(activity.Kind).Append(' ').Append(activity.Lane).Append('\n');
            foreach (var input in activity.Inputs.OrderBy(input => input.Name, StringComparer.Ordinal))
            {
                text.Append("  in  ").Append(input.Name).Append(": ").Append(input.TypeName)
                    .Append(input.Required ? " required" : input.Default is { } usual ? $" = {usual.GetRawText()}" : "").Append('\n');
            }

            foreach (var output in activity.Outputs.OrderBy(output => output.Name, StringComparer.Ordinal))
            {
                text.Append("  out ").Append(output.Name).Append(": ").Append(output.TypeName).Append('\n');
            }
        }

        Approve("activities.approved.txt", text.ToString());
    }

    private static string Describe(Type type)
    {
        var members = type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(member => member.GetCustomAttribute<CompilerGeneratedAttribute>() is null && IsVisible(member))
            .Select(member => $"    {member.MemberType}: {member}")
            .Order(StringComparer.Ordinal);
        return string.Join('\n', new[] { $"{(type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type.IsAbstract ? "abstract class" : "class")} {type.FullName}" }.Concat(members));
    }

    /// <summary>What others can call or override; accessors are told by their property.</summary>
    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method is not { IsSpecialName: true, IsConstructor: false } && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly),
        FieldInfo field => field is { IsSpecialName: false } && (field.IsPublic || field.IsFamily),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsOpen),
        Type => false,
        _ => true,
    };

    private static bool IsOpen(MethodInfo accessor) => accessor.IsPublic || accessor.IsFamily || accessor.IsFamilyOrAssembly;

    private static void Approve(string name, string actual, [CallerFilePath] string here = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(here) ?? "", name);
        actual = actual.TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_BASELINES") is not null)
        {
            File.WriteAllText(path, actual);
        }

        Assert.That(actual, Is.EqualTo(File.ReadAllText(path)), $"{name} says otherwise; if the change is meant, write it anew with UPDATE_BASELINES=1");
    }
}
