using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks that secrets stand alone, have a name, and stand only where they stay references.</summary>
internal static class SecretChecks
{
    public static void Check(CheckContext context, string path, ExpressionSyntax syntax, int offset, (int Offset, int Length) place, bool allowed)
    {
        var span = context.Map.TextIn(path, offset + place.Offset, place.Length);
        var written = syntax.Text.Substring(place.Offset, place.Length);
        if (!allowed)
        {
            context.Add(DiagnosticCatalog.SecretWouldLeak.At(
                span,
                "would be stored",
                $"{written} stands where its value would be stored with the run",
                "Give it to an input that takes secrets, such as \"environment\" or \"secretFiles\" of exec.command."));
        }
        else if (place.Length != syntax.Text.Trim().Length)
        {
            context.Add(DiagnosticCatalog.SecretComputed.At(
                span, "not alone", $"{written} is part of a larger expression", $"Write ${{{written}}} alone; texts before and after it may stand outside: \"Bearer ${{{written}}}\"."));
        }
        else if (!SecretReferences.TryRead(written, out _))
        {
            AddUnreadable(context, span, written);
        }
    }

    private static void AddUnreadable(CheckContext context, SourceSpan span, string written)
    {
        var steps = written.Split('.');
        if (steps is [_, var source, _] && !SecretRef.Sources.Contains(source))
        {
            context.Add(DiagnosticCatalog.UnknownSecretSource.At(
                span,
                "unknown source",
                $"\"{source}\" is not a source of secrets",
                NearNames.Question(source, SecretRef.Sources) ?? $"Write secrets.{steps[2]}, or name the source: {Reading.Words.Or(SecretRef.Sources)}.",
                NearNames.FindAll(source, SecretRef.Sources)));
            return;
        }

        context.Add(DiagnosticCatalog.BadSecretName.At(
            span,
            "names no secret",
            $"{written} does not name a secret",
            steps is [_, var word] && SecretRef.Sources.Contains(word) ? $"\"{word}\" is a source: secrets.{word}.NAME." : "Write secrets.NAME or secrets.SOURCE.NAME."));
    }
}
