using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Lanes;

namespace Orchestrator.Runtime.Secrets;

/// <summary>
/// Stands before a lane: gives an attempt the secrets that its definition names, and covers them in everything that the attempt leaves: log, progress, outputs, facts,
/// failure. An attempt without secrets passes straight through.
/// </summary>
internal sealed class SecretLane<TLane>(TLane inner, SecretVault vault) : ILane
    where TLane : ILane
{
    public Lane Kind => inner.Kind;

    public void Foresee() => inner.Foresee();

    public Task<AttemptResult> RunAsync(AttemptRequest request, IAttemptObserver observer, CancellationToken stop, CancellationToken kill) =>
        request.Secrets.Count == 0 ? inner.RunAsync(request, observer, stop, kill) : RunWithSecretsAsync(request, observer, stop, kill);

    private async Task<AttemptResult> RunWithSecretsAsync(AttemptRequest request, IAttemptObserver observer, CancellationToken stop, CancellationToken kill)
    {
        RevealedSecrets revealed;
        try
        {
            revealed = await vault.RevealAsync(request.Secrets, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new AttemptResult.Cancelled();
        }

        var mask = new SecretMask(revealed.Values.Values);
        request.Log.Hide(mask);
        return Mask(await inner.RunAsync(request with { Revealed = revealed }, new MaskedObserver(observer, mask), stop, kill), mask);
    }

    private static AttemptResult Mask(AttemptResult result, SecretMask mask)
    {
        AttemptResult masked = result switch
        {
            AttemptResult.Succeeded succeeded => new AttemptResult.Succeeded(succeeded.Outputs.ToDictionary(output => output.Key, output => mask.Apply(output.Value))),
            AttemptResult.Failed failed => new AttemptResult.Failed(mask.Apply(failed.Failure)),
            _ => result,
        };
        return masked with { Facts = [.. result.Facts.Select(fact => fact with { Value = mask.Apply(fact.Value) })] };
    }

    private sealed class MaskedObserver(IAttemptObserver observer, SecretMask mask) : IAttemptObserver
    {
        public void OnProgress(double? fraction, string? message) => observer.OnProgress(fraction, mask.ApplyTo(message));

        public void OnHeartbeat() => observer.OnHeartbeat();
    }
}
