using System.Net;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Access;

/// <summary>Signing in with a link, the cookie that comes of it, and what pages of others cannot do with it.</summary>
public sealed class SignInTests
{
    private ServedHome served = null!;
    private ApiClient browser = null!;

    [SetUp]
    public async Task StartAsync()
    {
        served = await ServedHome.StartAsync();
        browser = served.Client(null);
    }

    [TearDown]
    public async Task EndAsync()
    {
        browser.Dispose();
        await served.DisposeAsync();
    }

    [Test]
    public async Task TheLinkOfTheFirstStartSignsTheOwnerInOnce()
    {
        var link = new Uri(served.Server.SignInLink!);
        var page = await browser.GetAsync(link.PathAndQuery);
        Assert.That((page.Status, page.ContentHeaders.ContentType?.MediaType), Is.EqualTo((HttpStatusCode.OK, "text/html")));

        var cookie = await SignInAsync(link);

        var session = (await browser.GetAsync("session", ("Cookie", cookie))).Json;
        Assert.That((session.GetProperty("name").GetString(), session.GetProperty("via").GetString(), session.GetProperty("roles").ToString()), Is.EqualTo(("owner", "user", """[{"project":"*","role":"admin"}]""")));
        var again = await PostTokenAsync(link);
        Assert.That((again.Status, again.Text), Is.EqualTo((HttpStatusCode.Forbidden, again.Text)));
        Assert.That(again.Text, Does.Contain("ORC6023"));
    }

    [Test]
    public async Task TheNextStartPrintsNoLinkOnceSomebodyHasSignedIn()
    {
        var first = served.Server.SignInLink;
        await served.StopAsync();
        await served.StartServerAsync();
        Assert.That(served.Server.SignInLink, Is.Not.Null.And.Not.EqualTo(first), "nobody has signed in yet");
        browser = served.Client(null);
        await SignInAsync(new Uri(served.Server.SignInLink!));

        await served.StopAsync();
        await served.StartServerAsync();

        Assert.That(served.Server.SignInLink, Is.Null);
    }

    [Test]
    public async Task TheCookieIsForThisServersPagesAlone()
    {
        var answer = await PostTokenAsync(new Uri(served.Server.SignInLink!));

        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        Assert.That(cookie, Does.Contain("httponly").IgnoreCase.And.Contain("samesite=strict").IgnoreCase.And.Contain("path=/").IgnoreCase);
        Assert.That((answer.Status, answer.Headers.Location?.ToString()), Is.EqualTo((HttpStatusCode.SeeOther, "/")));
    }

    [Test]
    public async Task ChangesNeedTheHeaderOfTheSession()
    {
        var cookie = await SignInAsync(new Uri(served.Server.SignInLink!));
        var csrf = (await browser.GetAsync("session", ("Cookie", cookie))).Json.GetProperty("csrf").GetString()!;
        var key = new { name = "ci", roles = new[] { "viewer" } };

        Assert.That((await browser.PostAsync("keys", key, ("Cookie", cookie))).Code, Is.EqualTo("ORC6016"));
        Assert.That((await browser.PostAsync("keys", key, ("Cookie", cookie), ("X-Orc-Csrf", csrf + "x"))).Code, Is.EqualTo("ORC6016"));
        Assert.That((await browser.PostAsync("keys", key, ("Cookie", cookie), ("X-Orc-Csrf", csrf))).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await browser.GetAsync("keys", ("Cookie", cookie))).Status, Is.EqualTo(HttpStatusCode.OK), "looking needs none");
    }

    [Test]
    public async Task SigningOutEndsTheSession()
    {
        var cookie = await SignInAsync(new Uri(served.Server.SignInLink!));
        var csrf = (await browser.GetAsync("session", ("Cookie", cookie))).Json.GetProperty("csrf").GetString()!;

        Assert.That((await browser.DeleteAsync("session", ("Cookie", cookie), ("X-Orc-Csrf", csrf))).Status, Is.EqualTo(HttpStatusCode.NoContent));

        Assert.That((await browser.GetAsync("session", ("Cookie", cookie))).Code, Is.EqualTo("ORC6020"));
    }

    [TestCase("Origin", "http://evil.example")]
    [TestCase("Origin", "null")]
    [TestCase("Sec-Fetch-Site", "cross-site")]
    public async Task PagesOfOthersChangeNothing(string header, string value) =>
        Assert.That((await served.Owner.PostAsync("keys", new { name = "ci", roles = new[] { "viewer" } }, (header, value))).Code, Is.EqualTo("ORC6015"));

    [Test]
    public async Task TheServersOwnPagesDo() => Assert.That((await served.Owner.PostAsync("keys", new { name = "ci", roles = new[] { "viewer" } }, ("Origin", served.Url))).Status, Is.EqualTo(HttpStatusCode.Created));

    [TestCase("evil.example")]
    [TestCase("evil.example:80")]
    [TestCase("127.0.0.1.evil.example")]
    public async Task ANameThatSomebodyPointedHereIsNotServed(string host)
    {
        foreach (var path in new[] { "runs", "/healthz", "/sign-in?token=x" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path.StartsWith('/') ? path : $"/api/v1/{path}");
            request.Headers.Host = host;
            using var response = await served.Owner.Http.SendAsync(request);

            Assert.That((int)response.StatusCode, Is.EqualTo(421), path);
        }
    }

    [Test]
    public async Task ANameThatIsAllowedIsServed()
    {
        await served.StopAsync();
        await served.StartServerAsync((_, options) => options with { AllowedHosts = ["orc.example.org"] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/runs");
        request.Headers.Host = "orc.example.org";

        using var response = await served.Owner.Http.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task WhatALinkHoldsComesBackAsText() =>
        Assert.That((await browser.GetAsync("/sign-in?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")).Text, Does.Not.Contain("<script").And.Contain("&quot;&gt;&lt;script&gt;"));

    [Test]
    public async Task WhoTriesAndTriesIsMadeToWait()
    {
        var wrong = served.Client("orc_nobody_nothing");
        var codes = new List<string?>();
        for (var i = 0; i < 61; i++)
        {
            codes.Add((await wrong.GetAsync("runs")).Code);
        }

        Assert.That(codes.Take(60), Is.All.EqualTo("ORC6021"));
        Assert.That(codes[60], Is.EqualTo("ORC6013"));
    }

    private async Task<string> SignInAsync(Uri link) => (await PostTokenAsync(link)).Headers.GetValues("Set-Cookie").Single().Split(';')[0];

    private Task<ApiAnswer> PostTokenAsync(Uri link) =>
        browser.SendAsync(HttpMethod.Post, "/sign-in", new FormUrlEncodedContent([KeyValuePair.Create("token", link.Query["?token=".Length..])]));
}
