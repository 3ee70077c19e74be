using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Runtime.Tests.Secrets;

public sealed class EnvironmentOfChildrenTests
{
    [TestCase("postgres://orc:secret@db.example/orc", false)]
    [TestCase("sqlserver:Server=db.example;Database=orc;User ID=orc;Password=secret", false)]
    [TestCase("sqlite:/var/orc/orc.db", true)]
    public void TheUrlOfAServerWhichMayHoldAPasswordIsKeptFromProgramsThatTasksStart(string url, bool stays)
    {
        var environment = new Dictionary<string, string?> { ["ORC_DB"] = url, ["PATH"] = "/bin", ["ORC_SECRET_X"] = "x" };

        EnvironmentSecrets.RemoveFrom(environment);

        Assert.That(environment.Keys, Is.EquivalentTo(stays ? new[] { "ORC_DB", "PATH" } : ["PATH"]));
    }
}
