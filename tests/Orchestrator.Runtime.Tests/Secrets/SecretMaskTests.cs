using System.Text;
using System.Text.Json;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Runtime.Tests.Secrets;

[TestFixture]
public sealed class SecretMaskTests
{
    private const string Secret = "k9+/Tr\"ub&4dor ä";

    private readonly SecretMask mask = new([Secret]);

    [Test]
    public void Apply_TheSecretInAnyForm_IsCovered()
    {
        var bytes = Encoding.UTF8.GetBytes(Secret);
        string[] forms =
        [
            Secret, Uri.EscapeDataString(Secret), JsonSerializer.Serialize(Secret)[1..^1], Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes), Convert.ToBase64String(bytes),
        ];
        foreach (var form in forms)
        {
            Assert.That(mask.Apply($"before {form} after"), Does.StartWith("before ***").And.EndWith(" after").And.Not.Contain(form), form);
        }
    }

    [Test]
    public void Apply_Base64WithOtherTextAround_LeavesNothingThatDecodesToTheSecret([Range(0, 8)] int before, [Range(0, 3)] int after)
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('x', before) + "correct horse battery" + new string('y', after)));

        var covered = new SecretMask(["correct horse battery"]).Apply(encoded);

        // A character or two at the edges belong to neighbours too and stay.
        Assert.That(covered, Does.Contain("***"));
        Assert.That(covered.Replace("***", "", StringComparison.Ordinal), Has.Length.LessThanOrEqualTo(encoded.Length - 26));
    }

    [Test]
    public void Apply_ALineOfASecretWithSeveral_IsCovered()
    {
        var key = new SecretMask(["-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----"]);

        Assert.That(key.Apply("kqhkiG9w0BAQEF"), Is.EqualTo("***"));
    }

    [Test]
    public void Apply_ASecretCutAtTheEndOfALongLine_IsCovered()
    {
        var line = new string('.', 5000);

        Assert.That(new SecretMask(["correct horse"]).Apply(line + "correct ho"), Is.EqualTo(line + "***"));
        Assert.That(new SecretMask(["correct horse"]).Apply("rect horse" + line), Is.EqualTo("***" + line));
    }

    [Test]
    public void Apply_Json_CoversTextsNamesAndNumbers()
    {
        var value = JsonElement.Parse("""{ "a": ["x 12345678 y"], "12345678": 1, "n": 12345678, "ok": true, "null": null }""");

        Assert.That(new SecretMask(["12345678"]).Apply(value).GetRawText(), Is.EqualTo("""{"a":["x *** y"],"***":1,"n":"***","ok":true,"null":null}"""));
    }

    [Test]
    public void Apply_JsonThatSpellsTheSecretWithEscapes_IsCovered()
    {
        var value = JsonElement.Parse("""["\u0068unter2!"]""");

        Assert.That(new SecretMask(["hunter2!"]).Apply(value).GetRawText(), Is.EqualTo("""["***"]"""));
    }

    [Test]
    public void Apply_WithoutTheSecret_ChangesNothing() => Assert.That(mask.Apply("nothing to see"), Is.EqualTo("nothing to see"));
}
