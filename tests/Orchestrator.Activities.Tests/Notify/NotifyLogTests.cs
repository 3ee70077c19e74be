using Orchestrator.Activities.Notify;
using Orchestrator.Core.Activities;
using Orchestrator.Testing;

namespace Orchestrator.Activities.Tests.Notify;

public sealed class NotifyLogTests
{
    [Test]
    public async Task NotifyLog_SeveralLines_LogsEachAndGivesTheTextOut()
    {
        using var environment = new ActivityEnvironment();

        await environment.RunAsync(new NotifyLog { Message = "champion is now 3\r\nsee the report\n", Level = "warning" });

        Assert.That(environment.Lines, Is.EqualTo(new[] { "champion is now 3", "see the report" }));
        Assert.That(environment.Output<string>("text"), Is.EqualTo("champion is now 3\nsee the report"));
    }

    [Test]
    public void NotifyLog_UnknownLevel_IsRefusedWithTheNearOne()
    {
        using var environment = new ActivityEnvironment();

        var failure = Assert.ThrowsAsync<ActivityException>(() => environment.RunAsync(new NotifyLog { Message = "x", Level = "warnig" }))!.Failure;

        Assert.That(failure.Code, Is.EqualTo("ORC5690"));
        Assert.That(failure.Help, Is.EqualTo("did you mean \"warning\"?"));
    }
}
