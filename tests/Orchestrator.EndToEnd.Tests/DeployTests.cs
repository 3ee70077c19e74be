using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>The examples in tools/deploy say what the program understands.</summary>
public sealed partial class DeployTests
{
    private static readonly string[] Units = ["orc.service", "orc-backup.service", "orc-backup.timer"];

    [Test]
    public async Task EachCommandAndOptionIsOneOfTheProgram()
    {
        using var orc = new OrcProgram();
        var lines = CommandLines().Distinct().ToArray();
        Assert.That(lines, Has.Length.GreaterThan(5), "the search finds nothing any more");
        foreach (var line in lines)
        {
            // The words up to the first option or value are the command; help lists its options.
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var command = words.TakeWhile(word => CommandWord().IsMatch(word)).ToArray();
            var help = await orc.RunAsync([.. command, "--help"]);
            Assert.That(help.ExitCode, Is.Zero, $"{line}: {help}");
            foreach (var option in words.Where(word => word.StartsWith("--", StringComparison.Ordinal)))
            {
                Assert.That(help.Output, Does.Contain($"{option} ").Or.Contain($"{option}\n"), $"orc {string.Join(' ', command)} has no {option}: {line}");
            }
        }
    }

    [Test]
    public async Task TheUnitsPassSystemdsOwnLook()
    {
        if (!File.Exists("/usr/bin/systemd-analyze"))
        {
            Assert.Ignore("there is no systemd-analyze on this machine");
        }

        var folder = Directory.CreateTempSubdirectory("orc-units-");
        try
        {
            foreach (var unit in Units)
            {
                // The program need not be installed where the unit has it.
                File.WriteAllText(Path.Combine(folder.FullName, unit), File.ReadAllText(Repository.Path("tools", "deploy", unit)).Replace("/usr/local/bin/orc", "/bin/true", StringComparison.Ordinal));
            }

            using var verify = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", .. Units.Select(unit => Path.Combine(folder.FullName, unit))]) { RedirectStandardError = true })!;
            var said = await verify.StandardError.ReadToEndAsync();
            await verify.WaitForExitAsync();
            Assert.That(said.Split('\n').Where(line => line.Contains(folder.FullName, StringComparison.Ordinal)), Is.Empty, said);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Test]
    public void TheStopOfTheUnitIsLongerThanTheDrain()
    {
        var unit = File.ReadAllText(Repository.Path("tools", "deploy", "orc.service"));
        Assert.That(unit, Does.Contain("--drain-time 2m").And.Contain("TimeoutStopSec=3min").And.Contain("Type=notify").And.Contain("Restart=on-failure"));
    }

    [Test]
    public void TheContainerIsOfTwoStagesWithoutRoot()
    {
        var file = File.ReadAllText(Repository.Path("tools", "deploy", "Containerfile"));
        Assert.That(Regex.Matches(file, "(?m)^FROM "), Has.Count.EqualTo(2));
        Assert.That(file, Does.Match("(?m)^USER 10001").And.Match("(?m)^HEALTHCHECK ").And.Match("(?m)^VOLUME /var/lib/orc$"));
    }

    /// <summary>What stands behind the program's name in units and in the container's file and guide.</summary>
    private static IEnumerable<string> CommandLines()
    {
        var units = Units.Concat(["README.md"]).SelectMany(name => Program().Matches(File.ReadAllText(Repository.Path("tools", "deploy", name))).Select(match => match.Groups[1].Value));
        var container = File.ReadAllLines(Repository.Path("tools", "deploy", "Containerfile")).Where(line => line.StartsWith("CMD ", StringComparison.Ordinal))
            .Select(line => string.Join(' ', JsonSerializer.Deserialize<string[]>(line[4..])!));
        return units.Concat(container);
    }

    [GeneratedRegex(@"(?:/usr/local/bin/orc|(?<=[`\s])orc|/app/orc\.dll) ((?:serve|backup|restore|keys|doctor|retention|run|db)\b[^\n`;&""'#(:,]*)")]
    private static partial Regex Program();

    [GeneratedRegex("^[a-z][a-z-]*$")]
    private static partial Regex CommandWord();
}
