using System.Globalization;
using Orchestrator.Core.Schedules;

namespace Orchestrator.Core.Tests.Schedules;

[TestFixture]
internal sealed class CronExpressionTests
{
    // Days checked against a calendar of 2026: 1 January is a Thursday.
    [TestCase("0 2 * * *", "2026-01-01", "02:00")]
    [TestCase("*/15 9-10 * * *", "2026-01-01", "09:00 09:15 09:30 09:45 10:00 10:15 10:30 10:45")]
    [TestCase("30 6 1,15 * *", "2026-01-15", "06:30")]
    [TestCase("30 6 1,15 * *", "2026-01-16", "")]
    [TestCase("0 0 * * 4", "2026-01-01", "00:00", Description = "with 5 fields Thursday is 4")]
    [TestCase("0 0 0 ? * 5", "2026-01-01", "00:00", Description = "with 6 fields Thursday is 5")]
    [TestCase("0 0 * * THU", "2026-01-01", "00:00")]
    [TestCase("0 0 * * 7", "2026-01-04", "00:00", Description = "Sunday is 7 too")]
    [TestCase("0 0 * * 0", "2026-01-04", "00:00")]
    [TestCase("0 0 * * FRI-MON", "2026-01-04", "00:00", Description = "weeks go round")]
    [TestCase("0 0 * * FRI-MON", "2026-01-06", "")]
    [TestCase("0 0 1 NOV-FEB *", "2026-01-01", "00:00", Description = "years go round")]
    [TestCase("0 0 1 NOV-FEB *", "2026-03-01", "")]
    [TestCase("0 0 13 * FRI", "2026-01-13", "00:00", Description = "both restricted: either")]
    [TestCase("0 0 13 * FRI", "2026-01-09", "00:00")]
    [TestCase("0 0 13 * FRI", "2026-01-12", "")]
    [TestCase("0 0 */2 * FRI", "2026-01-09", "00:00", Description = "a star: both")]
    [TestCase("0 0 */2 * FRI", "2026-01-16", "")]
    [TestCase("0 0 L * *", "2026-02-28", "00:00")]
    [TestCase("0 0 L * *", "2028-02-29", "00:00")]
    [TestCase("0 0 L-3 * *", "2026-01-28", "00:00")]
    [TestCase("0 0 LW * *", "2026-01-30", "00:00", Description = "the 31st is a Saturday")]
    [TestCase("0 0 15W * *", "2026-02-16", "00:00", Description = "the 15th is a Sunday")]
    [TestCase("0 0 1W * *", "2026-08-03", "00:00", Description = "the 1st is a Saturday, and July is another month")]
    [TestCase("0 0 31W * *", "2026-05-29", "00:00", Description = "the 31st is a Sunday")]
    [TestCase("0 0 31W * *", "2026-04-30", "", Description = "there is no 31st")]
    [TestCase("0 0 * * FRI#2", "2026-01-09", "00:00")]
    [TestCase("0 0 * * FRI#2", "2026-01-02", "")]
    [TestCase("0 0 * * 5L", "2026-01-30", "00:00")]
    [TestCase("0 0 * * FRIL", "2026-01-23", "")]
    [TestCase("10/20 0 * * *", "2026-01-01", "00:10 00:30 00:50", Description = "a step from one number goes to the end")]
    [TestCase("15 0 0 1 1 ? 2026", "2026-01-01", "00:00:15")]
    [TestCase("15 0 0 1 1 ? 2027-2030", "2026-01-01", "")]
    public void On_GivenDay_NamesItsTimes(string cron, string day, string times) => Assert.That(
        string.Join(' ', CronExpression.Parse(cron).On(DateOnly.Parse(day, CultureInfo.InvariantCulture)).Select(time => time.Seconds == 0 ? $"{time:hh\\:mm}" : $"{time:hh\\:mm\\:ss}")),
        Is.EqualTo(times));

    [Test]
    public void Parse_NotOne_SaysWhatIsWrong() =>
        Assert.That(() => CronExpression.Parse("61 * * * *"), Throws.TypeOf<FormatException>().With.Message.Contains("61"));
}
