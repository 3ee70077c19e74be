namespace Orchestrator.EndToEnd.Tests.BadInput;

/// <summary>Databases that cannot be opened: what is wrong is said at once, and the password never.</summary>
public sealed class WrongServerTests
{
    private OrcProgram orc = null!;

    [SetUp]
    public void Start() => orc = new OrcProgram();

    [TearDown]
    public void End() => orc.Dispose();

    // Nothing listens on port 1. SQL Server's driver works only where the system's cultures are loaded: that it comes as far as the network says that they are.
    [TestCase("postgres://orc:s3cr3t@127.0.0.1:1/orc", "ORC5160", "postgres://127.0.0.1:1/orc")]
    [TestCase("sqlserver://orc:s3cr3t@127.0.0.1:1/orc?Connect_Timeout=2", "ORC5160", "sqlserver://127.0.0.1,1/orc")]
    [TestCase("mssql:Server=127.0.0.1,1;Database=orc;User ID=orc;Password=s3cr3t;Connect Timeout=2", "ORC5160", "sqlserver://127.0.0.1,1/orc")]
    [TestCase("postgres://orc:s3cr3t@127.0.0.1:1", "ORC5163", "names no database")]
    [TestCase("mysql://orc:s3cr3t@127.0.0.1:1/orc", "ORC5130", "mysql:…")]
    public async Task IsSaidWithoutThePassword(string url, string code, string words)
    {
        var byOption = await orc.RunAsync("runs", "--db", url);
        orc.Database = url;
        var byVariable = await orc.RunAsync("runs", "--json");

        foreach (var result in new[] { byOption, byVariable })
        {
            Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
            Assert.That(result.Error, Does.Contain(code).And.Contain(words).And.Not.Contain("s3cr3t"));
            Assert.That(result.Output, Does.Not.Contain("s3cr3t"));
        }
    }
}
