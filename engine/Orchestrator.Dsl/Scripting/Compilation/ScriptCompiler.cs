using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Orchestrator.Dsl.Diagnostics;
using Diagnostic = Orchestrator.Dsl.Diagnostics.Diagnostic;

namespace Orchestrator.Dsl.Scripting.Compilation;

/// <summary>The C# compiler, set up for scripts. Loading it costs a second; whoever has a compiled script stays away from this class.</summary>
internal sealed class ScriptCompiler(ScriptReferences references)
{
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    /// <summary>Compiles a script, or says what is wrong with it.</summary>
    /// <param name="source">The script.</param>
    /// <param name="inScope">The class whose members the script calls by bare name.</param>
    /// <param name="cancellation">Stops the compiler.</param>
    public (CompiledScript? Script, ImmutableArray<Diagnostic> Findings) Compile(ScriptSource source, Type inScope, CancellationToken cancellation)
    {
        var path = source.Name.StartsWith('<') ? source.Name : Path.GetFullPath(source.Name);
        var tree = CSharpSyntaxTree.ParseText(source.Text, ParseOptions, path, Encoding.UTF8, cancellation);
        if (RefuseDirectives(source, tree) is { IsEmpty: false } refused)
        {
            return (null, refused);
        }

        var compilation = CSharpCompilation.CreateScriptCompilation(
            $"script-{source.Hash[..16]}",
            tree,
            references.Metadata,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                scriptClassName: CompiledScript.ClassName,
                usings: references.Imports,
                // Without it a function that throws is inlined and the exception seems to come from elsewhere; heavy work belongs in activities anyway.
                optimizationLevel: OptimizationLevel.Debug,
                nullableContextOptions: NullableContextOptions.Annotations,
                concurrentBuild: true,
                deterministic: true),
            returnType: typeof(object),
            globalsType: inScope);
        var model = compilation.GetSemanticModel(tree);
        var guarded = new DepthGuards(model, path).Guarded(cancellation);
        using var assembly = new MemoryStream();
        using var symbols = new MemoryStream();
        if (guarded != tree && !Emit(compilation.ReplaceSyntaxTree(tree, guarded), assembly, symbols, cancellation).Success)
        {
            // Nearly always the script is wrong itself, and says so below at its own places.
            assembly.SetLength(0);
            symbols.SetLength(0);
        }

        if (assembly.Length == 0 && Emit(compilation, assembly, symbols, cancellation) is { Success: false } failed)
        {
            return (null, new CompileErrorTranslator(source.Source, model, references, inScope).Translate(failed.Diagnostics));
        }

        var map = new ScriptAnalyzer(model).Analyze(cancellation);
        return (new CompiledScript(assembly.ToArray(), symbols.ToArray(), map), []);
    }

    private static EmitResult Emit(CSharpCompilation compilation, MemoryStream assembly, MemoryStream symbols, CancellationToken cancellation) =>
        compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb), cancellationToken: cancellation);

    private static ImmutableArray<Diagnostic> RefuseDirectives(ScriptSource source, SyntaxTree tree)
    {
        var found = new DiagnosticBag();
        foreach (var trivia in tree.GetRoot().DescendantTrivia().Where(trivia => trivia.IsDirective))
        {
            switch (trivia.GetStructure())
            {
                case ReferenceDirectiveTriviaSyntax reference:
                    found.Add(ScriptErrors.ReferenceDirective(source.Source.Span(reference.HashToken.SpanStart, reference.File.Span.End), reference.File.ValueText));
                    break;
                case LoadDirectiveTriviaSyntax load:
                    found.Add(ScriptErrors.LoadDirective(source.Source.Span(load.HashToken.SpanStart, load.File.Span.End), load.File.ValueText));
                    break;
                default:
                    break;
            }
        }

        return found.ToSorted();
    }
}
