using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Training.Sweeps.Tpe;

/// <summary>
/// One dimension of a search space as samplers see it: a number line from <see cref="Low"/> to <see cref="High"/> (logarithms for log kinds), on a grid
/// when <see cref="Step"/> is above 0; or the index of a choice.
/// </summary>
internal sealed class Dimension
{
    private readonly SearchParameter parameter;
    private readonly string[] choices;

    public Dimension(SearchParameter parameter)
    {
        this.parameter = parameter;
        choices = [.. (parameter.Values ?? []).Select(value => value.GetRawText())];
        if (IsChoice)
        {
            return;
        }

        var low = parameter.Low ?? 0;
        var high = parameter.High ?? 0;
        Step = parameter.IsLog ? 0 : parameter.Step ?? (parameter.IsInteger ? 1 : 0);
        (Low, High) = parameter.Kind switch
        {
            SearchKind.LogUniform => (Math.Log(low), Math.Log(high)),
            // Half a unit wider, so that after rounding the ends are as likely as their neighbours.
            SearchKind.LogInteger => (Math.Log(low - 0.5), Math.Log(high + 0.5)),
            _ when Step > 0 => (low, low + Math.Floor((high - low) / Step + 1e-9) * Step),
            _ => (low, high),
        };
    }

    public string Name => parameter.Name;

    public bool IsChoice => parameter.Kind == SearchKind.Choice;

    /// <summary>How many values a choice has.</summary>
    public int ChoiceCount => choices.Length;

    public double Low { get; }

    public double High { get; }

    /// <summary>Distance of the grid; 0: no grid.</summary>
    public double Step { get; }

    /// <summary>The line's length, with the half step at both ends that a grid's outer cells stick out.</summary>
    public double Width => High - Low + Step;

    /// <summary>Brings a drawn coordinate to the one that its value has: on the grid, rounded as the value is, inside the range.</summary>
    public double Snap(double coordinate)
    {
        if (IsChoice)
        {
            return coordinate;
        }

        return Step > 0
            ? Math.Clamp(Low + Math.Round((coordinate - Low) / Step) * Step, Low, High)
            : ToCoordinate(ToNumber(Math.Clamp(coordinate, Low, High)));
    }

    /// <summary>The value at a coordinate, as it goes into the trial's inputs.</summary>
    public JsonElement ToValue(double coordinate)
    {
        if (IsChoice)
        {
            return parameter.Values is { } values ? values[(int)coordinate] : default;
        }

        var number = ToNumber(coordinate);
        return parameter.IsInteger ? OrcJson.ToElement((long)number) : OrcJson.ToElement(number);
    }

    /// <summary>The coordinate of a value; null when the value is none of this dimension.</summary>
    public double? FindCoordinate(JsonElement value)
    {
        if (IsChoice)
        {
            var index = Array.IndexOf(choices, value.GetRawText());
            return index < 0 ? null : index;
        }

        return value.ValueKind == JsonValueKind.Number ? ToCoordinate(value.GetDouble()) : null;
    }

    private double ToNumber(double coordinate)
    {
        var number = parameter.IsLog ? Math.Exp(coordinate) : coordinate;
        number = parameter.IsInteger
            ? Math.Round(number)
            // Six digits are more than any hyper-parameter needs, and a value that people can read and type again.
            : double.Parse(number.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Math.Clamp(number, parameter.Low ?? number, parameter.High ?? number);
    }

    private double ToCoordinate(double number) => parameter.IsLog ? Math.Log(number) : number;
}
