using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Core.Activities;

namespace Orchestrator.Cli.Remote;

/// <summary>What commands say when they cannot do their work through a server, by code: 5990 to 5997, 6088, 6089, 6091, 6092. What the server itself says has the server's codes.</summary>
internal static class RemoteErrors
{
    public static WrongRequestException NotThroughServer(string command, string why, NamedServer server) => new(
        "ORC5990", $"orc {command} does nothing through a server, and {server.Source} names one: {server.Text}", why: $"it {why}",
        help: server.IsOption ? "Leave out --server." : "Say --local to mean the home on this machine, or unset ORC_SERVER.");

    public static WrongRequestException WrongUrl(NamedServer server, string problem) => new(
        "ORC5991", $"{server.Source} is \"{Terminal.Plain.Of(server.Text, 200)}\", {problem}", help: "Write the address that the server printed when it started: http://127.0.0.1:8080, or https://orc.example.org.");

    public static WrongRequestException InTheClear(Uri url) => new(
        "ORC5992", $"the API key would go to {url.Authority} in the clear", why: "whoever is between this machine and the server could read it and use it",
        help: $"Use https:// (a proxy in front of the server), or a tunnel: ssh -L 8080:localhost:{url.Port} {url.Host}, and --server http://127.0.0.1:8080. In a network where nobody listens: ORC_ALLOW_HTTP=1.");

    public static WrongRequestException KeyFile(string path, string problem) => new(
        "ORC5993", $"the API key cannot be read from {path}: {problem}", why: "ORC_API_KEY is the key, and ORC_API_KEY_FILE the file that has it", help: "A key is one line, and nothing else; or unset the variable.");

    public static WrongRequestException NoKey(string server) => new(
        "ORC5993", $"there is no API key for {server}", why: "nothing of a server is open to those who do not say who they are",
        help: "On the server's machine: orc keys create NAME --role operator. Then set ORC_API_KEY to the key, or ORC_API_KEY_FILE to a file that has it (arguments can be seen by other users of a machine, so there is no option for it).");

    public static WrongRequestException TwoPlaces(string other) => new(
        "ORC6088", $"--server and {other} together", why: other == "--local" ? "one says to use a server, the other not to" : "a server has a database of its own", help: "Leave out one of them.");

    public static ActivityException Silent(string server) => Broken("ORC6089", $"the server of this home, {server}, is there and does not answer", "its process may be stopped, or the machine too busy", "Look at its log, or say --local to work on the home itself: that is safe while it runs.");

    public static ActivityException Unreachable(string server, string problem) => Broken(
        "ORC5994", $"the server {server} cannot be reached: {problem}", null, "Check the address, and that the server runs (curl URL/healthz). Without --server and ORC_SERVER commands work on the home of this machine.");

    public static ActivityException NoServer(string server, string problem) => Broken(
        "ORC5995", $"what answers at {server} is no orc server: {problem}", null, "Give the address that the server printed when it started, with the port, and without a path.");

    /// <param name="server">The server.</param>
    /// <param name="what">What was followed.</param>
    /// <param name="problem">What happened.</param>
    /// <param name="waited">How long it was tried to come back.</param>
    /// <param name="help">How to go on.</param>
    public static ActivityException Lost(string server, string what, string problem, TimeSpan waited, string help) => Broken(
        "ORC5996", string.Create(CultureInfo.InvariantCulture, $"the server {server} went away while {what} was followed, and has not come back within {waited.TotalSeconds:0} s: {problem}"),
        "what was accepted is stored: nothing that was finished is lost", help);

    public static ActivityException Unsure(string server, string problem) => Broken(
        "ORC5997", $"the connection to {server} broke before it answered: {problem}", "whether it did what was asked is not known", "Look before asking again: orc runs, orc show RUN, orc why RUN.");

    public static ActivityException TooBusy(string server, TimeSpan waited, Failure last) => Broken(
        "ORC6092", string.Create(CultureInfo.InvariantCulture, $"the server {server} has not taken the request within {waited.TotalSeconds:0} s: {last.Code}: {last.Message}"), last.Why, "Ask again later.");

    public static ActivityException OtherVersion(string server, string what) => Broken("ORC6091", $"the server {server} {what}", "it is of another version", "Use an orc of the server's version.");

    private static ActivityException Broken(string code, string message, string? why, string help) => new(new Failure { Code = code, Kind = FailureKind.Infrastructure, Message = message, Why = why, Help = help });
}
