namespace Orchestrator.Core.Schedules;

/// <summary>Says at which times of a day something is due, in the local time of a place.</summary>
public interface ITimesOfDay
{
    /// <summary>The times in rising order, each once; from 0:00 inclusive to 24:00 exclusive, counted on a clock that is not set that day.</summary>
    IEnumerable<TimeSpan> On(DateOnly day);
}
