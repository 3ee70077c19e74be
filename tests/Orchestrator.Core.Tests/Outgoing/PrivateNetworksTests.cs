using System.Net;
using Orchestrator.Core.Outgoing;

namespace Orchestrator.Core.Tests.Outgoing;

/// <summary>Which addresses only this machine's own network can reach, in whatever form they are written.</summary>
public sealed class PrivateNetworksTests
{
    [TestCase("127.0.0.1", "loopback")]
    [TestCase("127.255.255.254", "loopback")]
    [TestCase("0.0.0.0", "this network")]
    [TestCase("10.0.0.1", "private")]
    [TestCase("172.16.0.1", "private")]
    [TestCase("172.31.255.255", "private")]
    [TestCase("192.168.1.1", "private")]
    [TestCase("100.64.0.1", "shared by a provider's customers")]
    [TestCase("169.254.169.254", "link-local")]
    [TestCase("198.18.0.1", "for measurements")]
    [TestCase("224.0.0.1", "multicast")]
    [TestCase("255.255.255.255", "reserved")]
    [TestCase("::", "this network")]
    [TestCase("::1", "loopback")]
    [TestCase("::127.0.0.1", "loopback")]
    [TestCase("::ffff:10.0.0.1", "private")]
    [TestCase("::ffff:169.254.169.254", "link-local")]
    [TestCase("64:ff9b::7f00:1", "loopback")]
    [TestCase("64:ff9b:1::1", "private")]
    [TestCase("2002:7f00:1::", "loopback")]
    [TestCase("2002:c0a8:101::1", "private")]
    [TestCase("2001:0:4136:e378::1", "reserved")]
    [TestCase("fc00::1", "private")]
    [TestCase("fd12:3456::1", "private")]
    [TestCase("fe80::1", "link-local")]
    [TestCase("fe80::1%3", "link-local")]
    [TestCase("fec0::1", "private")]
    [TestCase("ff02::1", "multicast")]
    public void WhatIsInsideIsSaidToBe(string address, string kind) => Assert.That(PrivateNetworks.KindOf(IPAddress.Parse(address)), Is.EqualTo(kind));

    [TestCase("1.1.1.1")]
    [TestCase("9.255.255.255")]
    [TestCase("11.0.0.0")]
    [TestCase("172.15.255.255")]
    [TestCase("172.32.0.0")]
    [TestCase("100.63.255.255")]
    [TestCase("100.128.0.0")]
    [TestCase("169.253.255.255")]
    [TestCase("192.167.255.255")]
    [TestCase("223.255.255.255")]
    [TestCase("::ffff:1.1.1.1")]
    [TestCase("64:ff9b::101:101")]
    [TestCase("2002:101:101::")]
    [TestCase("2606:4700:4700::1111")]
    [TestCase("2a00:1450:4001::1")]
    public void WhatIsOutsideIsNot(string address) => Assert.That(PrivateNetworks.KindOf(IPAddress.Parse(address)), Is.Null);
}
