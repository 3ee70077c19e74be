using Orchestrator.Core.Definitions;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>Words for <see cref="Overlap"/> that people know from elsewhere. No members of the enumeration: what is stored and written has one word for each meaning.</summary>
public static class OverlapWords
{
    extension(Overlap)
    {
        /// <inheritdoc cref="Overlap.QueueAll"/>
        public static Overlap Queue => Overlap.QueueAll;

        /// <inheritdoc cref="Overlap.CancelOther"/>
        public static Overlap CancelOldest => Overlap.CancelOther;
    }
}
