using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Json;

namespace Orchestrator.Dsl.Reading;

/// <summary>Makes a retry policy of its JSON. In <c>on</c> a text is a failure code, and an object a rule for failures of one kind.</summary>
internal static class RetryBinder
{
    private static readonly string[] Conditions = ["code", "kind", "retryable"];

    public static RetryPolicy? Bind(ObjectReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var usual = RetryPolicy.None;
        var attempts = reader.Integer("attempts");
        var losses = reader.Integer("losses", minimum: 0, maximum: 100);
        var (codes, rules) = BindOn(reader);
        var policy = new RetryPolicy
        {
            Attempts = attempts ?? 1,
            Backoff = reader.Word("backoff", usual.Backoff, Words.Kebab<BackoffKind>()),
            Delay = reader.Duration("delay") ?? usual.Delay,
            Max = reader.Duration("max") ?? usual.Max,
            Jitter = reader.Word("jitter", usual.Jitter, Words.Kebab<Jitter>()),
            On = codes,
            Rules = rules,
            Except = [.. reader.Texts("except")],
            Losses = losses ?? usual.Losses,
        };
        reader.End();
        if (attempts is null && reader.Value.Find("losses") is null && !(reader.Value.Find("on")?.Value is JsonArraySyntax { Items: var items } && items.Any(item => item is JsonObjectSyntax)))
        {
            reader.Require("attempts", "Add \"attempts\": how often the task is tried in all, the first time included.");
        }

        return policy;
    }

    private static (ImmutableArray<string> Codes, ImmutableArray<RetryRule> Rules) BindOn(ObjectReader reader)
    {
        var codes = ImmutableArray.CreateBuilder<string>();
        var rules = ImmutableArray.CreateBuilder<RetryRule>();
        foreach (var (index, item) in (reader.List("on", "a list of failure codes and rules")?.Items ?? []).Index())
        {
            switch (item)
            {
                case JsonTextSyntax { IsBroken: false } text:
                    codes.Add(text.Value);
                    break;
                case JsonObjectSyntax members:
                    var rule = BindRule(reader.Item("on", index, members, "a rule of \"on\""));
                    // A condition that could not be read has been reported; without it the rule would mean something else.
                    if (rule is not { Code: null, Kind: null, Retryable: null } || Conditions.All(name => members.Find(name) is null))
                    {
                        rules.Add(rule);
                    }

                    break;
                default:
                    reader.WrongItem("on", index, item, "a failure code or a rule { \"kind\": \"timeout\", \"attempts\": 2 }");
                    break;
            }
        }

        return (codes.ToImmutable(), rules.ToImmutable());
    }

    private static RetryRule BindRule(ObjectReader reader)
    {
        var rule = new RetryRule
        {
            Code = reader.Text("code"),
            Kind = reader.Word("kind", FailureKind.Unknown, Words.Kebab<FailureKind>()) is not FailureKind.Unknown and var kind ? kind : null,
            Retryable = reader.OptionalBoolean("retryable"),
            Attempts = reader.Integer("attempts", minimum: 0, maximum: 100),
            Backoff = reader.Word("backoff", BackoffKind.Unknown, Words.Kebab<BackoffKind>()) is not BackoffKind.Unknown and var backoff ? backoff : null,
            Delay = reader.Duration("delay"),
            Max = reader.Duration("max"),
        };
        reader.End();
        return rule;
    }
}
