using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Values;

[TestFixture]
public sealed class SizesTests
{
    [TestCase("0B", 0)]
    [TestCase("100B", 100)]
    [TestCase("800kB", 800_000)]
    [TestCase("2GB", 2_000_000_000)]
    [TestCase("1.5GiB", 1_610_612_736)]
    [TestCase("64 MiB", 67_108_864)]
    [TestCase("1tib", 1_099_511_627_776)]
    public void TryParse_ASize_IsItsBytes(string text, long bytes)
    {
        Assert.That(Sizes.TryParse(text, out var read), Is.True);
        Assert.That(read, Is.EqualTo(bytes));
        Assert.That(Sizes.TryParse(Sizes.Format(read), out var again), Is.True);
        Assert.That(again, Is.EqualTo(bytes));
    }

    [TestCase("")]
    [TestCase(null)]
    [TestCase("64")]
    [TestCase("-1MB")]
    [TestCase("1EB")]
    [TestCase("1 GB ")]
    [TestCase("2000TiB")]
    public void TryParse_AnythingElse_IsRefused(string? text) => Assert.That(Sizes.TryParse(text, out _), Is.False);

    [TestCase(0, "0 B")]
    [TestCase(1536, "1.5 KiB")]
    [TestCase(2L << 30, "2 GiB")]
    public void About_Bytes_IsShort(long bytes, string text) => Assert.That(Sizes.About(bytes), Is.EqualTo(text));
}
