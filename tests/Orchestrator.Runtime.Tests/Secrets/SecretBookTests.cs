using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Secrets;
using Orchestrator.Runtime.Tests.Hosting;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Secrets;

namespace Orchestrator.Runtime.Tests.Secrets;

[TestFixture]
public sealed class SecretBookTests
{
    private TemporaryHome folder = null!;
    private OrcHome home = null!;
    private OrcDatabase database = null!;
    private SecretStore store = null!;
    private SecretBook book = null!;

    [SetUp]
    public async Task Start()
    {
        folder = new TemporaryHome();
        home = OrcHome.Open(folder.Home);
        database = await OrcDatabase.OpenAsync($"sqlite:{home.DatabasePath}", new DatabaseOptions { Migrations = [SecretStore.Migrations], Time = TimeProvider.System }, default);
        store = new SecretStore(database);
        book = new SecretBook(store, home, TimeProvider.System);
    }

    [TearDown]
    public async Task End()
    {
        await database.DisposeAsync();
        home.Dispose();
        folder.Dispose();
    }

    private string KeyPath => Path.Combine(folder.Home, "secrets.key");

    [Test]
    public async Task ASecretComesBackAndANewValueIsANewVersion()
    {
        Assert.That(await book.SetAsync("TOKEN", "one ä\n", default), Is.EqualTo(1));
        Assert.That(await book.FindAsync("TOKEN", default), Is.EqualTo("one ä\n"));
        Assert.That(await book.SetAsync("TOKEN", "two", default), Is.EqualTo(2));

        Assert.That(await book.FindAsync("TOKEN", default), Is.EqualTo("two"));
        Assert.That((await book.ListAsync(default)).Select(one => (one.Name, one.Version)), Is.EqualTo(new[] { ("TOKEN", 2) }));
        Assert.That(await book.RemoveAsync("TOKEN", default), Is.True);
        Assert.That(await book.FindAsync("TOKEN", default), Is.Null);
    }

    [Test]
    public async Task OnlyItsOwnerMayReadTheKey()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("file modes are those of Unix");
            return;
        }

        await book.SetAsync("TOKEN", "value", default);
        Assert.That(File.GetUnixFileMode(KeyPath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));

        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.That(FailureOf(() => book.FindAsync("TOKEN", default)).Code, Is.EqualTo("ORC5263"));
    }

    [Test]
    public async Task TheSameValueIsSealedDifferentlyEachTime()
    {
        await book.SetAsync("A", "the same", default);
        await book.SetAsync("B", "the same", default);

        var sealedValues = (await store.ListAsync(default)).Select(one => Convert.ToHexString(one.Sealed)).ToList();
        Assert.That(sealedValues[0], Is.Not.EqualTo(sealedValues[1]));
    }

    [Test]
    public async Task ALostKeyIsToldAndNoOtherIsMadeInItsPlace()
    {
        await book.SetAsync("TOKEN", "value", default);
        File.Delete(KeyPath);

        Assert.That(FailureOf(() => book.FindAsync("TOKEN", default)).Code, Is.EqualTo("ORC5261"));
        Assert.That(FailureOf(() => book.SetAsync("OTHER", "value", default)).Code, Is.EqualTo("ORC5261"));
        Assert.That(File.Exists(KeyPath), Is.False);
    }

    [Test]
    public async Task AnotherKeyIsTold()
    {
        await book.SetAsync("TOKEN", "value", default);
        SecretKey.New().TryWrite(KeyPath, replace: true);

        Assert.That(FailureOf(() => book.FindAsync("TOKEN", default)).Code, Is.EqualTo("ORC5262"));
    }

    [TestCase("")]
    [TestCase("orc-secrets-key-1\n")]
    [TestCase("orc-secrets-key-1\nAAAA\n")]
    [TestCase("orc-secrets-key-2\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [TestCase("orc-secrets-key-1\n!!!\n")]
    public async Task AKeyFileThatHoldsNoKeyIsTold(string content)
    {
        await book.SetAsync("TOKEN", "value", default);
        await File.WriteAllTextAsync(KeyPath, content);

        Assert.That(FailureOf(() => book.FindAsync("TOKEN", default)).Code, Is.EqualTo("ORC5264"));
    }

    [Test]
    public async Task ASealedValueInThePlaceOfAnotherOrChangedIsRefused()
    {
        await book.SetAsync("A", "value of A", default);
        await book.SetAsync("B", "value of B", default);
        var all = await store.ListAsync(default);
        await store.ResealAsync([all[0] with { Sealed = all[1].Sealed }, all[1] with { Sealed = [.. all[1].Sealed[..^1], (byte)(all[1].Sealed[^1] ^ 1)] }], default);

        Assert.That(FailureOf(() => book.FindAsync("A", default)).Code, Is.EqualTo("ORC5265"));
        Assert.That(FailureOf(() => book.FindAsync("B", default)).Code, Is.EqualTo("ORC5265"));
    }

    [Test]
    public async Task ARotatedKeyReadsEverySecretAndTheOldOneNone()
    {
        await book.SetAsync("A", "value of A", default);
        await book.SetAsync("B", "value of B", default);
        var old = await File.ReadAllTextAsync(KeyPath);

        Assert.That(await book.RotateKeyAsync(default), Is.EqualTo(2));

        Assert.That(await book.FindAsync("A", default), Is.EqualTo("value of A"));
        Assert.That((await book.ListAsync(default)).Select(one => one.Version), Is.All.EqualTo(1));
        Assert.That(Directory.GetFiles(folder.Home, "secrets.key*"), Is.EqualTo(new[] { KeyPath }));
        await File.WriteAllTextAsync(KeyPath, old);
        Assert.That(FailureOf(() => book.FindAsync("B", default)).Code, Is.EqualTo("ORC5262"));
    }

    [TestCase("", "value", "ORC5267")]
    [TestCase("../key", "value", "ORC5267")]
    [TestCase("1A", "value", "ORC5267")]
    [TestCase("env", "value", "ORC5267")]
    [TestCase("TOKEN", "", "ORC5268")]
    [TestCase("TOKEN", "a\0b", "ORC5268")]
    public void AMistakeHasItsCode(string name, string value, string code) => Assert.That(FailureOf(() => book.SetAsync(name, value, default)).Code, Is.EqualTo(code));

    [Test]
    public void AValueThatIsTooLongIsRefused() => Assert.That(FailureOf(() => book.SetAsync("TOKEN", new string('x', 65537), default)).Code, Is.EqualTo("ORC5268"));

    private static Failure FailureOf(Func<Task> act) => Assert.ThrowsAsync<ActivityException>(() => act())!.Failure;
}
