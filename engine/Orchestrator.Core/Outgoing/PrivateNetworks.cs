using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Core.Outgoing;

/// <summary>Which addresses are nobody's on the open internet: this machine, the network around it, and what is reserved.</summary>
/// <remarks>From the registries of special-purpose addresses of IANA (RFC 6890 and its successors), and 169.254.169.254, the metadata of clouds, which is among the link-local ones.</remarks>
public static class PrivateNetworks
{
    private static readonly (IPNetwork Range, string Kind)[] V4 =
    [
        Of("0.0.0.0/8", "this network"), Of("10.0.0.0/8", "private"), Of("100.64.0.0/10", "shared by a provider's customers"), Of("127.0.0.0/8", "loopback"), Of("169.254.0.0/16", "link-local"),
        Of("172.16.0.0/12", "private"), Of("192.0.0.0/24", "reserved"), Of("192.0.2.0/24", "for documentation"), Of("192.88.99.0/24", "reserved"), Of("192.168.0.0/16", "private"),
        Of("198.18.0.0/15", "for measurements"), Of("198.51.100.0/24", "for documentation"), Of("203.0.113.0/24", "for documentation"), Of("224.0.0.0/4", "multicast"), Of("240.0.0.0/4", "reserved"),
    ];

    private static readonly (IPNetwork Range, string Kind)[] V6 =
    [
        Of("::/128", "this network"), Of("::1/128", "loopback"), Of("64:ff9b:1::/48", "private"), Of("100::/64", "reserved"), Of("2001::/23", "reserved"), Of("2001:db8::/32", "for documentation"),
        Of("3fff::/20", "for documentation"), Of("5f00::/16", "reserved"), Of("fc00::/7", "private"), Of("fe80::/10", "link-local"), Of("fec0::/10", "private"), Of("ff00::/8", "multicast"),
    ];

    /// <summary>Addresses that carry one of version 4: how they begin, and where in them it does. Those that are mapped are looked at before, as what they are.</summary>
    private static readonly (IPNetwork Range, int At)[] Carriers = [(IPNetwork.Parse("::/96"), 12), (IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("2002::/16"), 2)];

    /// <summary>What kind of address it is, in a word or two; null: one of the open internet.</summary>
    public static string? KindOf(IPAddress address)
    {
        // ::ffff:127.0.0.1 is 127.0.0.1, and in none of the ranges below.
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return Find(V4, address);
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return "of another kind of network";
        }

        // The scope of an address is the machine's own matter, and would make it equal to none of the ranges.
        var bytes = address.GetAddressBytes();
        var plain = new IPAddress(bytes);
        return Find(V6, plain) ?? Carriers.Where(one => one.Range.Contains(plain)).Select(one => Find(V4, new IPAddress(bytes.AsSpan(one.At, 4)))).FirstOrDefault(kind => kind is not null);
    }

    private static string? Find((IPNetwork Range, string Kind)[] ranges, IPAddress address) => ranges.Where(one => one.Range.Contains(address)).Select(one => one.Kind).FirstOrDefault();

    private static (IPNetwork Range, string Kind) Of(string range, string kind) => (IPNetwork.Parse(range), kind);
}
