using System.Net;

namespace Orchestrator.Server.Access;

/// <summary>The page behind a sign-in link. It asks for a press of a button: programs that look at links before people do must not use them up.</summary>
internal static class SignInPage
{
    public const string Policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

    public static string Ask(string token) => Page(
        "Sign in", $"""<form method="post" action="/sign-in"><input type="hidden" name="token" value="{WebUtility.HtmlEncode(token)}"><p>This link signs you in once, in this browser.</p><button type="submit">Sign in</button></form>""");

    public static string Tell(string message) => Page("Sign in", $"<p>{WebUtility.HtmlEncode(message)}</p>");

    private static string Page(string title, string body) =>
        $$"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>{{title}} · Orchestrator</title>
        <style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 20vh auto; padding: 0 1rem } button { font: inherit; padding: .4rem 1.2rem }</style>
        </head><body><h1>Orchestrator</h1>{{body}}</body></html>
        """;
}
