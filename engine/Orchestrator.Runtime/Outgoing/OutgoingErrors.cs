using System.Net;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Runtime.Outgoing;

/// <summary>What is said of requests that do not go out, ORC632x. An address may hold a secret, so none of them repeats more of it than its host.</summary>
internal static class OutgoingErrors
{
    public static ActivityException NotAllowed(string host, IPAddress? address, string? kind) => address is null
        ? new("ORC6320", $"the name {host} leads to no address", help: "Check the address.")
        : new(
            "ORC6320",
            address.ToString() == host ? $"{host} is not an address of the open internet ({kind})" : $"{host} leads to {address}, which is not an address of the open internet ({kind})",
            why: "whoever may write an address could otherwise reach what only this machine's network can",
            help: $"If it is meant, allow such addresses for this home: orc settings set {SettingNames.HttpPrivateNetworks} on");

    public static ActivityException NotAnAddress() => new(
        "ORC6321", "the address of a request is none that can be asked", why: "it has to begin with http:// or https:// and a host, without a user or a password in it", help: "Correct the address; secrets belong into headers.");
}
