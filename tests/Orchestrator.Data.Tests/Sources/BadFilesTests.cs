using System.Text;
using Orchestrator.Core.Activities;
using Orchestrator.Data.Sources;
using Orchestrator.Data.Versions;
using Orchestrator.Testing;

namespace Orchestrator.Data.Tests.Sources;

/// <summary>What people get for files that are no tables: a code, what, where, why and help.</summary>
public sealed class BadFilesTests
{
    private readonly ActivityEnvironment environment = new();

    [TearDown]
    public void TearDown() => environment.Dispose();

    private async Task ExpectAsync(string path, string code, params string[] words)
    {
        var failure = await environment.SnapshotFailureAsync(path);
        Assert.Multiple(() =>
        {
            Assert.That(failure.Code, Is.EqualTo(code), failure.Message);
            foreach (var word in words)
            {
                Assert.That($"{failure.Message} | {failure.Help}", Does.Contain(word));
            }

            Assert.That(failure.Why, Is.Not.Empty);
            Assert.That(failure.Help, Is.Not.Empty);
            Assert.That(environment.Facts, Is.Empty, "a failed snapshot leaves no version");
        });
    }

    private string Bytes(string name, params byte[][] parts)
    {
        var path = Path.Combine(environment.BaseDirectory, name);
        File.WriteAllBytes(path, [.. parts.SelectMany(part => part)]);
        return name;
    }

    [Test]
    public async Task MissingFile_NamesTheNearOne()
    {
        environment.WriteFile("churn.csv", "a\n1\n");
        await ExpectAsync("chrun.csv", "ORC5301", "there is no file", "Did you mean \"churn.csv\"?");
    }

    [Test]
    public async Task Folder_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(environment.BaseDirectory, "tables"));
        await ExpectAsync("tables", "ORC5302", "folder");
        await ExpectAsync("data/*.csv", "ORC5302", "pattern");
    }

    [Test]
    public async Task EmptyFile_IsRefused()
    {
        environment.WriteFile("empty.csv", "");
        await ExpectAsync("empty.csv", "ORC5303", "is empty");
    }

    [TestCase("a,b,c\n")]
    [TestCase("a,b,c")]
    [TestCase("a,b,c\n\n\n")]
    public async Task HeaderOnly_IsRefused(string text)
    {
        environment.WriteFile("t.csv", text);
        await ExpectAsync("t.csv", "ORC5304", "3 columns and no row");
    }

    [TestCase("a,b,c\n1,2,3\n4,5\n6,7,8\n", "line 3 of", "has 2 fields, and the header has 3")]
    [TestCase("a,b,c\n1,2,3\n4,5,6,7\n", "line 3 of", "has 4 fields, and the header has 3")]
    [TestCase("a,b\n1,\"x\ny\"\n1,2,3\n", "line 4 of", "has 3 fields")]
    [TestCase("a,b\r\n1,2\r\n\r\n3,4\r\n", "line 3 of", "has 0 fields")]
    [TestCase("a,b\n1,2\n3", "line 3 of", "has 1 fields")]
    public async Task RaggedLine_IsNamedWithItsFields(string text, string where, string what)
    {
        environment.WriteFile("t.csv", text);
        await ExpectAsync("t.csv", "ORC5305", where, what);
    }

    [Test]
    public async Task WrongEncoding_NamesByteAndLineAndOffersEncodings()
    {
        var name = Bytes("t.csv", "name,city\nAnna,Berlin\n"u8.ToArray(), [(byte)'J', 0xF6], "rg,Bonn\n"u8.ToArray());
        await ExpectAsync(name, "ORC5306", "byte 23 (0xF6, in line 3)", "windows-1252");
    }

    [TestCase("latin1")]
    [TestCase("windows-1252")]
    public async Task SaidEncoding_IsRead(string encoding)
    {
        var name = Bytes("t.csv", "name,n\n"u8.ToArray(), [(byte)'J', 0xF6], "rg,1\n"u8.ToArray());
        await environment.RunAsync(new SnapshotDataset { Source = name, Name = "table", Encoding = encoding });
        var profile = await File.ReadAllTextAsync(environment.Artifacts.PathOf(environment.Output<Core.Values.ArtifactRef>("profile")));
        Assert.That(profile, Does.Contain("Jörg"));
    }

    [Test]
    public async Task Utf16_IsNamedAndReadWhenSaid()
    {
        var text = "name,n\nJörg,1\nŽofie,2\n";
        var name = Bytes("t.csv", [0xFF, 0xFE], Encoding.Unicode.GetBytes(text));
        await ExpectAsync(name, "ORC5306", "begins like utf-16", "Set encoding to utf-16");
        await environment.RunAsync(new SnapshotDataset { Source = name, Name = "table", Encoding = "utf-16" });
        Assert.That(environment.Output<long>("rows"), Is.EqualTo(2));
    }

    [Test]
    public async Task Utf8Mark_IsNoPartOfTheFirstName()
    {
        var name = Bytes("t.csv", [0xEF, 0xBB, 0xBF], "a,b\n1,2\n"u8.ToArray());
        var version = await environment.SnapshotAsync(name);
        Assert.That(version.Columns.Select(c => c.Name), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task OneEndlessLine_IsRefusedInBoundedMemory()
    {
        var path = Path.Combine(environment.BaseDirectory, "t.csv");
        var block = new byte[1 << 20];
        Array.Fill(block, (byte)'x');
        await using (var file = File.Create(path))
        {
            await file.WriteAsync("a,b\n1,2\n"u8.ToArray());
            for (var i = 0; i < 100; i++)
            {
                await file.WriteAsync(block);
            }
        }

        var before = GC.GetTotalAllocatedBytes();
        await ExpectAsync("t.csv", "ORC5307", "line 3 of", "longer than 2048 KiB");
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(20L << 20));
    }

    [TestCase("a,b,a\n1,2,3\n", "columns 1 and 3", "both called \"a\"")]
    [TestCase("id,b,ID\n1,2,3\n", "differ only in case", "\"id\" and \"ID\"")]
    public async Task DuplicateColumns_AreRefused(string text, params string[] words)
    {
        environment.WriteFile("t.csv", text);
        await ExpectAsync("t.csv", "ORC5308", words);
    }

    [Test]
    public async Task NulByte_IsNamedWithItsLine()
    {
        var name = Bytes("t.csv", "a,b\n1,2\n3,"u8.ToArray(), [0], "\n"u8.ToArray());
        await ExpectAsync(name, "ORC5309", "line 3 of", "byte 10");
    }

    [Test]
    public async Task UnknownEnding_ListsTheReadableOnes()
    {
        environment.WriteFile("t.xml", "<a/>");
        await ExpectAsync("t.xml", "ORC5310", "set format to csv, tsv, parquet or jsonl");
        Bytes("t.xlsx", [0x50, 0x4B, 0x03, 0x04, 1, 2]);
        await ExpectAsync("t.xlsx", "ORC5310", "Excel workbook");
        Bytes("packed.csv", [0x1F, 0x8B, 8, 0, 0]);
        await ExpectAsync("packed.csv", "ORC5310", "gzip", "Unpack it first");
    }

    [TestCase("https://example.com/a/table.csv")]
    [TestCase("s3://bucket/table.parquet")]
    public async Task Address_IsToldToFetchIt(string address) => await ExpectAsync(address, "ORC5302", $"{address} is an address", "Fetch it to a file first");

    [Test]
    [Platform(Exclude = "Win")]
    public async Task Device_IsNeverReadForItHasNoEnd()
    {
        await ExpectAsync("/dev/zero", "ORC5303", "Pipes and devices count as empty");
        Assert.That(await SourceHash.TryComputeAsync("/dev/zero", CancellationToken.None), Is.Null, "what has no end is not read to find out whether it changed");
    }

    [Test]
    public async Task DamagedParquet_IsRefused()
    {
        environment.WriteFile("t.parquet", "PAR1 and nothing more");
        await ExpectAsync("t.parquet", "ORC5311", "not a Parquet file");
    }

    [TestCase("a,b\n1,x\"y\n", "line 2 of", "a quote inside a value")]
    [TestCase("a,b\n1,\"x\"y\n", "line 2 of", "text follows the closing quote")]
    [TestCase("a,b\n1,\"xy\n3,4\n", "line 2 of", "never closed")]
    public async Task BrokenQuotes_AreNamed(string text, params string[] words)
    {
        environment.WriteFile("t.csv", text);
        await ExpectAsync("t.csv", "ORC5314", words);
    }

    [TestCase("{\"a\":1}\n{\"a\":}\n", "line 2 of")]
    [TestCase("{\"a\":1}\n[1]\n", "does not begin with {")]
    [TestCase("{\"a\":1,\"a\":2}\n", "appears twice")]
    [TestCase("{\"a\":1} {\"a\":2}\n", "line 1 of")]
    public async Task BadJsonLines_AreNamed(string text, string words)
    {
        environment.WriteFile("t.jsonl", text);
        await ExpectAsync("t.jsonl", "ORC5315", words);
    }

    [Test]
    public async Task WrongInputs_AreNamed()
    {
        environment.WriteFile("t.csv", "a\n1\n");
        Assert.That((await environment.FailureAsync(new SnapshotDataset { Source = "t.csv", Name = "../x" })).Code, Is.EqualTo("ORC5316"));
        Assert.That((await environment.FailureAsync(new SnapshotDataset { Source = "t.csv", Name = "x", Delimiter = "ab" })).Code, Is.EqualTo("ORC5317"));
        Assert.That((await environment.FailureAsync(new SnapshotDataset { Source = "t.csv", Name = "x", Encoding = "ebcdic" })).Code, Is.EqualTo("ORC5318"));
        Assert.That((await environment.FailureAsync(new SnapshotDataset { Source = "t.csv", Name = "x", Format = "xls" })).Code, Is.EqualTo("ORC5310"));
    }

    [Test]
    public async Task FileThatChangesWhileRead_IsRefusedAndMayBeTriedAgain()
    {
        environment.WriteFile("t.csv", "a,b\n1,2\n3,4\n");
        var source = await Data.Sources.SourceReader.ReadAsync(Path.Combine(environment.BaseDirectory, "t.csv"), new(), environment.BaseDirectory, default);
        await File.AppendAllTextAsync(source.Path, "5,6\n");
        var parquet = Path.Combine(environment.BaseDirectory, "t.parquet");
        var failed = Assert.ThrowsAsync<ActivityException>(() => Data.Sources.SourceReader.WriteParquetAsync(source, parquet, environment.BaseDirectory, default));
        Assert.That((failed!.Failure.Code, failed.Failure.Retryable), Is.EqualTo(("ORC5312", true)));
    }
}
