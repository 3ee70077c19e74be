using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Server.Access;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Access;

/// <summary>Tokens of an identity provider that runs on this machine.</summary>
public sealed class OidcTests
{
    private WebApplication provider = null!;
    private RsaSecurityKey key = null!;
    private string issuer = null!;
    private ServedHome served = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        key = new RsaSecurityKey(RSA.Create(2048)) { KeyId = "k1" };
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        provider = builder.Build();
        provider.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer, jwks_uri = $"{issuer}/keys" }));
        provider.MapGet("/keys", () => Results.Json(new { keys = new[] { PublicKey() } }));
        await provider.StartAsync();
        issuer = provider.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        served = await ServedHome.StartAsync((_, options) => options with { Oidc = new OidcOptions { Authority = issuer, Audience = "orc" } });
    }

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        await served.DisposeAsync();
        await provider.DisposeAsync();
    }

    [Test]
    public async Task ATokenIsTakenWithItsNameAndRoles()
    {
        var session = (await served.Client(Token(roles: ["orc:sales:author", "orc:viewer", "something-else", "orc:wizard"])).GetAsync("session")).Json;

        Assert.That(session.ToString(), Is.EqualTo("""{"name":"ada","via":"token","roles":[{"project":"sales","role":"author"},{"project":"*","role":"viewer"}]}"""));
    }

    [Test]
    public async Task ATokenWithoutRolesMayNothing() => Assert.That((await served.Client(Token(roles: [])).GetAsync("runs")).Code, Is.EqualTo("ORC6022"));

    private static IEnumerable<TestCaseData> WrongTokens()
    {
        yield return new TestCaseData((OidcTests tests) => tests.Token(audience: "another")).SetName("ATokenForAnotherAudienceIsRefused");
        yield return new TestCaseData((OidcTests tests) => tests.Token(from: "http://evil.example")).SetName("ATokenOfAnotherIssuerIsRefused");
        yield return new TestCaseData((OidcTests tests) => tests.Token(expires: DateTime.UtcNow.AddMinutes(-5))).SetName("ATokenThatHasExpiredIsRefused");
        yield return new TestCaseData((OidcTests tests) => tests.Token(with: new RsaSecurityKey(RSA.Create(2048)) { KeyId = "k1" })).SetName("ATokenThatSomebodyElseSignedIsRefused");
        yield return new TestCaseData((OidcTests tests) => tests.Token()[..^4] + "AAAA").SetName("ATokenThatWasChangedIsRefused");
        yield return new TestCaseData((OidcTests _) => Unsigned()).SetName("ATokenWithoutSignatureIsRefused");
        yield return new TestCaseData((OidcTests _) => "nonsense").SetName("WhatIsNoTokenIsRefused");
    }

    [TestCaseSource(nameof(WrongTokens))]
    public async Task AWrongTokenIsRefused(Func<OidcTests, string> token)
    {
        var answer = await served.Client(token(this)).GetAsync("session");

        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.Unauthorized, "ORC6025")), answer.Text);
    }

    [Test]
    public async Task ATokenThatMayAdministerRegistersScripts()
    {
        using var body = new StringContent("return Pipeline(\"oidc\", \"x\");", System.Text.Encoding.UTF8, "text/x-csharp");
        Assert.That((await served.Client(Token(roles: ["orc:author"])).SendAsync(HttpMethod.Post, "pipelines/validate", body)).Code, Is.EqualTo("ORC6024"));
        using var again = new StringContent("return Pipeline(\"oidc\", \"x\");", System.Text.Encoding.UTF8, "text/x-csharp");
        Assert.That((await served.Client(Token(roles: ["orc:admin"])).SendAsync(HttpMethod.Post, "pipelines/validate", again)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    private string Token(string[]? roles = null, string audience = "orc", string? from = null, DateTime? expires = null, RsaSecurityKey? with = null) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = from ?? issuer,
        Audience = audience,
        Expires = expires ?? DateTime.UtcNow.AddMinutes(5),
        Claims = new Dictionary<string, object> { ["sub"] = "42", ["preferred_username"] = "ada", ["roles"] = roles ?? ["orc:viewer"] },
        SigningCredentials = new SigningCredentials(with ?? key, SecurityAlgorithms.RsaSha256),
    });

    private static string Unsigned()
    {
        static string Part(string json) => Base64UrlEncoder.Encode(json);
        return $"{Part("""{"alg":"none","typ":"JWT"}""")}.{Part("""{"sub":"42","aud":"orc","roles":["orc:admin"],"exp":99999999999}""")}.";
    }

    private object PublicKey()
    {
        var parameters = key.Rsa.ExportParameters(includePrivateParameters: false);
        return new { kty = "RSA", use = "sig", alg = "RS256", kid = key.KeyId, n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) };
    }
}
