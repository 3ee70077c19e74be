using Orchestrator.Tests.Shared;

/// <summary>Stops the server that tests of this assembly may have started. Outside of every namespace, so that it holds for all tests.</summary>
[SetUpFixture]
#pragma warning disable CA1050 // NUnit runs a fixture outside of namespaces after all tests of the assembly.
public sealed class SharedServers
#pragma warning restore CA1050
{
    [OneTimeTearDown]
    public void Stop() => PostgreSqlServer.StopIfStarted();
}
