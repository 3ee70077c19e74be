using System.Globalization;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Server.Problems;

/// <summary>What the server says to requests that it does not do, by code: 6000 to 6199.</summary>
internal static class ServerErrors
{
    public static ProblemException Internal(string trace) => new(Of(500, "ORC6001", "the server could not do this, and it is not the request's fault") with
    {
        Why = "something happened that nobody foresaw", Help = $"The server's log has the details under this trace: {trace}. If it happens again, report it with them.", Trace = trace,
    });

    public static ProblemException Draining() => new(Of(503, "ORC6002", "the server is stopping and takes no more changes") with
    {
        Why = "what it accepted now would wait for the next start", Help = "Ask again in a few seconds, or another server on the same database.", RetryAfter = 5,
    });

    public static ProblemException NoSuchAddress(string path) => new(Of(404, "ORC6003", $"there is nothing at {Shorten(path)}") with { Help = "/api/v1/openapi.json has every address, and /docs shows them." });

    public static ProblemException WrongMethod(string method, string path, IEnumerable<string> allowed) => new(Of(405, "ORC6004", $"{Shorten(method)} is nothing that {Shorten(path)} does") with
    {
        Help = $"It does {string.Join(", ", allowed)}.",
    });

    public static ProblemException WrongMediaType(string? given, string wanted) => new(Of(415, "ORC6005", given is null ? "the request has no Content-Type" : $"the body is {Shorten(given)}") with { Help = $"Send {wanted}." });

    public static ProblemException BodyTooLarge(long limit) => new(Of(413, "ORC6006", string.Create(CultureInfo.InvariantCulture, $"the body is larger than {limit} bytes")) with
    {
        Why = "each request has a limit, so that none can take the server's memory",
    });

    public static ProblemException WrongBody(string problem, string? help = null) => new(Of(400, "ORC6007", $"the body is not what this address takes: {Shorten(problem, 300)}") with
    {
        Help = help ?? "/docs shows the body with an example.",
    });

    public static ProblemException WrongParameter(string name, string? value, string wanted) => new(Of(400, "ORC6008", $"the parameter \"{Shorten(name)}\" is \"{Shorten(value ?? "")}\"") with { Help = $"It should be {wanted}." });

    public static ProblemException UnknownParameter(string name, IEnumerable<string> known) => new(Of(400, "ORC6009", $"there is no parameter \"{Shorten(name)}\" here") with
    {
        Why = "a filter that nobody reads would answer something else than was asked", Help = NearNames.Question(Shorten(name), [.. known]) ?? (known.Any() ? $"The parameters are {string.Join(", ", known)}." : "This address has none."),
    });

    public static ProblemException WrongCursor() => new(Of(400, "ORC6010", "\"cursor\" is not one that this address gave") with { Help = "Take \"next\" from the page before as it is, with the same filters." });

    public static ProblemException OtherVersion(string what, string now) => new(Of(412, "ORC6011", $"{what} has changed: it is {now} now") with
    {
        Why = "If-Match asks to change it only as it was when it was looked at", Help = "Look again, and ask with the ETag that you get.",
    });

    public static ProblemException WrongEntityTag() => new(Of(400, "ORC6012", "If-Match is not an ETag that this address gave") with { Help = "Take the ETag of the answer that you looked at, with its quotes: \"r12\"." });

    public static ProblemException TooManyRequests(int seconds) => new(Of(429, "ORC6013", "more requests came from you than the server takes") with
    {
        Why = "one caller must not keep the others out", Help = "Wait as long as Retry-After says.", RetryAfter = seconds,
    });

    public static ProblemException TooManyStarts() => new(Of(429, "ORC6017", "more runs are being started than the server keeps up with; this one was not") with
    {
        Why = "a line that only grows would answer everybody late", Help = "Wait as long as Retry-After says and send it again; with an Idempotency-Key nothing can start twice.", RetryAfter = 1,
    });

    public static ProblemException OtherHost(string host) => new(Of(421, "ORC6014", $"this server does not answer for the host \"{Shorten(host)}\"") with
    {
        Why = "a page elsewhere could make its own name point here and read what only you may see",
        Help = "Use one of the addresses that the server printed when it started, or allow this name: orc serve --allow-host NAME.",
    });

    public static ProblemException OtherOrigin(string origin) => new(Of(403, "ORC6015", $"a page of {Shorten(origin)} may not change anything here") with
    {
        Why = "your browser would send your sign-in along with whatever that page asks", Help = "Use the server's own pages, or an API key outside the browser.",
    });

    public static ProblemException NoCsrf() => new(Of(403, "ORC6016", "the header X-Orc-Csrf is missing or not the one of this session") with
    {
        Why = "a page elsewhere can make a browser send the cookie, but cannot know this header", Help = "GET /api/v1/session has its value.",
    });

    public static ProblemException NotSignedIn() => new(Of(401, "ORC6020", "nobody is signed in") with
    {
        Help = "Send an API key as \"Authorization: Bearer orc_…\" (orc keys create), or sign in with a link (orc keys sign-in).",
    });

    public static ProblemException UnknownKey() => new(Of(401, "ORC6021", "this API key is not known, has expired or was revoked") with { Help = "orc keys list shows them; orc keys create makes a new one." });

    public static ProblemException NotAllowed(string who, string permission, string? project) => new(Of(403, "ORC6022", $"{who} may not {permission}{(project is null ? "" : $" in project \"{project}\"")}") with
    {
        Why = "nothing is allowed that no role grants", Help = "An admin of the project can give you a role that does.",
    });

    public static ProblemException LinkUsed() => new(Of(403, "ORC6023", "this sign-in link was used or has expired") with { Why = "a link signs in once", Help = "Make another one on the server: orc keys sign-in." });

    public static ProblemException NoScripts(string who) => new(Of(403, "ORC6024", $"{who} may not register C# scripts") with
    {
        Why = "registering a script runs its code on the server, so it is a permission of its own, which no API key has unless it was granted",
        Help = "Register JSON (orc export writes it), or use a key made with: orc keys create --scripts.",
    });

    public static ProblemException TokenRefused(string why) => new(Of(401, "ORC6025", $"this bearer token is not taken: {Shorten(why, 300)}") with { Help = "Ask the identity provider for a new one, for the audience that this server was started with." });

    public static ProblemException NoSuchPipeline(string name) => new(Of(404, "ORC6030", $"there is no pipeline \"{Shorten(name)}\"") with { Help = "Those that you may see: orc pipelines list, or GET /api/v1/pipelines." });

    public static ProblemException OtherProject(string pipeline) => new(Of(409, "ORC6031", $"the name \"{Shorten(pipeline)}\" belongs to a pipeline of another project") with
    {
        Why = "runs and their rights go by the name", Help = "Give the pipeline another name.",
    });

    public static ProblemException WrongDefinition(string what, IEnumerable<Diagnostic> found) => new(Of(422, "ORC6032", $"{what} has errors") with
    {
        Diagnostics = [.. found.Select(DiagnosticDocument.Of)], Help = "Each finding says what, where, why and how to fix it.",
    });

    public static ProblemException NoSuchVersion(string pipeline, string version) => new(Of(404, "ORC6033", $"pipeline \"{Shorten(pipeline)}\" has no version {Shorten(version)}") with { Help = $"GET /api/v1/pipelines/{Shorten(pipeline)}/versions lists them." });

    public static ProblemException WrongProject(string project) => new(Of(400, "ORC6034", $"\"{Shorten(project)}\" is not the name of a project") with { Help = $"It should be {TaskName.Rule}." });

    public static ProblemException KeyReused(string key) => new(Of(422, "ORC6040", $"the Idempotency-Key \"{Shorten(key)}\" was used for another request") with
    {
        Why = "a key stands for one request, sent again when its answer was lost", Help = "Use a new key for a new request.",
    });

    public static ProblemException WrongKey() => new(Of(400, "ORC6041", "Idempotency-Key should have 1 to 200 visible ASCII characters") with { Help = "A random identifier will do." });

    public static ProblemException WrongValues(string pipeline, IEnumerable<Diagnostic> found) => new(Of(422, "ORC6042", $"the parameters are not those of pipeline \"{pipeline}\", so no run was started") with
    {
        Diagnostics = [.. found.Select(DiagnosticDocument.Of)],
    });

    public static ProblemException NoSuchTrigger(string trigger, string? kind) => new(Of(404, "ORC6043", $"there is no {kind ?? "trigger"} \"{Shorten(trigger)}\"") with
    {
        Help = $"GET /api/v1/{kind ?? "trigger"}s lists those that you may see.",
    });

    public static ProblemException UnknownZone(string zone) => new(Of(422, "ORC6044", $"the server's machine does not know the time zone \"{Shorten(zone)}\"") with
    {
        Why = "its times are those of a clock there", Help = "Install the time zone data of the server's machine (tzdata on Debian and Ubuntu).",
    });

    public static ProblemException NoSuchArtifact(string run) => new(Of(404, "ORC6046", $"run {run} has no such artifact") with { Help = $"GET /api/v1/runs/{run}/artifacts lists them." });

    public static ProblemException NoSuchAttempt(string run, string task) => new(Of(404, "ORC6047", $"task \"{Shorten(task)}\" of run {run} has no such attempt") with { Help = $"GET /api/v1/runs/{run}/attempts lists them." });

    public static ProblemException NoSuchActivity(string type, IEnumerable<string> known) => new(Of(404, "ORC6048", $"there is no activity \"{Shorten(type)}\"") with
    {
        Help = NearNames.Question(Shorten(type), [.. known]) ?? "GET /api/v1/activities lists them.",
    });

    /// <summary>The same for a name that is none and for a signature that is none, so that nobody can find out names.</summary>
    public static ProblemException NoSuchHook() => new(Of(404, "ORC6050", "there is no webhook of this name that takes this request") with
    {
        Why = "a webhook takes what is signed with its secret, and says nothing to others", Help = "Look at the address, the secret, and what the server's log says.",
    });

    public static ProblemException HookOutOfWindow() => new(Of(403, "ORC6051", "the request was signed too long ago, or in the future") with
    {
        Why = "whoever has seen a request could send it again later", Help = "Sign each request when it is sent, and set the clock right.",
    });

    public static ProblemException NoSuchBackfill(string id) => new(Of(404, "ORC6052", $"there is no backfill \"{Shorten(id)}\"") with { Help = "GET /api/v1/backfills lists those that you may see." });

    public static ProblemException WrongDate(string member, string text) => new(Of(400, "ORC6053", $"\"{member}\" is \"{Shorten(text)}\", which is no date or time") with
    {
        Help = $"Write {Core.Schedules.LocalInstants.Rule}.",
    });

    public static ProblemException NotMigrated(string run, IReadOnlyList<Failure> problems) => new(
        Of(422, "ORC6054", $"run {run} was not migrated, for {(problems.Count == 1 ? "one reason" : $"{problems.Count} reasons")}; nothing was changed") with
        {
            Details = [.. problems.Select(problem => $"{problem.Code}: {problem.Message}")], Help = $"What would become of each task: POST /api/v1/runs/{run}/migrate/plan.",
        });

    public static ProblemException NoSuchAlias(string model, string alias) => new(Of(404, "ORC6055", $"model \"{Shorten(model)}\" has no alias \"{Shorten(alias)}\"") with { Help = $"GET /api/v1/models/{Shorten(model)} has its aliases." });

    public static ProblemException NoSuchModelVersion(string model, int version) => new(Of(404, "ORC6056", $"model \"{Shorten(model)}\" has no version {version}") with { Help = $"GET /api/v1/models/{Shorten(model)}/versions lists them." });

    public static ProblemException NotForAnother(string who, string other) => new(Of(403, "ORC6082", $"{who} may not answer in the name of {Shorten(other)}") with
    {
        Why = "what is recorded of an answer is who gave it; only commands on the server's own machine, by whoever owns the home, may name somebody else",
        Help = "Leave out \"by\" (--by), or answer with that one's own key.",
    });

    public static ProblemException NotYourFolder(string who) => new(Of(403, "ORC6083", $"{who} may not say where the server's folder for a run is") with
    {
        Why = "a run reads and writes files there; only commands on the server's own machine, by whoever owns the home, may choose it", Help = "Leave out \"baseDirectory\": paths are then relative to the server's folder of pipelines.",
    });

    public static ProblemException WrongFolder(string folder) => new(Of(422, "ORC6084", $"\"baseDirectory\" is \"{Shorten(folder, 300)}\", and the server has no such folder") with { Help = "Give the full path of a folder that is there." });

    public static ProblemException OneOfTwo(string one, string other) => new(Of(400, "ORC6085", $"the body has {one} and {other}, or neither") with
    {
        Why = "a run has one definition: that of a registered pipeline, or one that comes along", Help = $"Give one of {one} and {other}.",
    });

    public static ProblemException OtherDefinition(string run, string hash) => new(Of(404, "ORC6086", $"run {run} has no definition {Shorten(hash)}") with { Help = "Leave out \"hash\" for the one that it has now." });

    public static ProblemException NoSuchKey(string id) => new(Of(404, "ORC6071", $"there is no API key \"{Shorten(id)}\" that could be revoked") with { Help = "GET /api/v1/keys, or orc keys list, shows them." });

    public static ProblemException NoSuchUser(string name) => new(Of(404, "ORC6072", $"there is no user \"{Shorten(name)}\" who may sign in") with { Help = "PUT /api/v1/users/NAME makes one." });

    public static ActivityException AddressTaken(string urls, string detail) => new(
        "ORC6060", $"the server cannot listen on {urls}: {detail}", help: "Another program has the port: choose another one with --urls, or port 0 for one that is free.");

    public static ActivityException WrongAddress(string url) => new(
        "ORC6061", $"\"{url}\" is not an address to listen on", help: "Write http://HOST:PORT, for example http://127.0.0.1:8080 (port 0: one that is free).");

    public static ActivityException NoSuchFolder(string folder) => new("ORC6062", $"there is no folder {folder} to read pipelines from", help: "Make it, or give another one with --pipelines.");

    public static DiagnosticDocument NameTaken(string file, string pipeline, string other) => new()
    {
        Code = "ORC6063", Severity = "error", Message = $"pipeline \"{pipeline}\" is already that of {other}", Why = "runs, versions and triggers go by the name", Help = "Give one of the two another name.",
        File = file, Line = 1, Column = 1, EndLine = 1, EndColumn = 1, Label = "taken name",
    };

    public static DiagnosticDocument Unreadable(string file, string problem) => new()
    {
        Code = "ORC6064", Severity = "error", Message = $"{file} cannot be read: {problem}", Why = "a pipeline is registered from its file", Help = "Give the server the right to read it.",
        File = file, Line = 1, Column = 1, EndLine = 1, EndColumn = 1, Label = "cannot be read",
    };

    public static ActivityException WrongRole(string text) => new(
        "ORC6070", $"\"{text}\" is no role", help: "Write ROLE or PROJECT:ROLE with one of viewer, operator, author, approver, admin; * is every project, and so is ROLE alone.");

    public static string Shorten(string text, int length = 80)
    {
        // Whatever came from outside goes back without anything that a terminal or a header would take for more than text.
        var plain = new string([.. text.Take(length + 1).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '�' : letter)]);
        return plain.Length <= length ? plain : plain[..(length - 1)] + "…";
    }

    public static ApiProblem Of(int status, string code, string detail) => new() { Status = status, Code = code, Detail = detail, Title = TitleOf(status) };

    private static string TitleOf(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase ? phrase : "Problem";
}
