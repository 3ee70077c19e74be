using System.Buffers;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Workers;

/// <summary>The JSON of messages, in the dialect of <see cref="OrcJson"/>.</summary>
/// <remarks>
/// Written out by hand, since the serializer first builds a description of each type that a message consists of, and compiles it: half of what a starting worker did. What is
/// seldom there (failures, results of items) is left to the serializer. A test holds both to the same text.
/// </remarks>
internal static class WorkerCodec
{
    // Inputs may be as deep as OrcJson lets them be, and stand some levels deep in their message.
    private const int MaxDepth = 80;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>How a message is written.</summary>
    public static JsonWriterOptions Writing { get; } = new() { Encoder = OrcJson.Options.Encoder, SkipValidation = true, MaxDepth = MaxDepth };

    public static void Write(Utf8JsonWriter writer, WorkerMessage message)
    {
        writer.WriteStartObject();
        switch (message)
        {
            case HelloMessage hello:
                writer.WriteString("is", "hello");
                writer.WriteNumber("version", hello.Version);
                writer.WriteNumber("worker", hello.Worker);
                writer.WriteString("token", hello.Token);
                break;
            case ExecuteMessage execute:
                writer.WriteString("is", "execute");
                WriteExecute(writer, execute);
                break;
            case CancelMessage cancel:
                writer.WriteString("is", "cancel");
                writer.WriteString("attempt", cancel.Attempt.Value);
                break;
            case LogMessage log:
                writer.WriteString("is", "log");
                writer.WriteString("severity", WordOf(log.Severity));
                writer.WriteString("message", log.Message);
                break;
            case ProgressMessage progress:
                writer.WriteString("is", "progress");
                WriteProgress(writer, progress);
                break;
            case FactMessage fact:
                writer.WriteString("is", "fact");
                writer.WriteString("kind", fact.Kind);
                writer.WritePropertyName("value");
                fact.Value.WriteTo(writer);
                break;
            case EndedMessage ended:
                writer.WriteString("is", "ended");
                WriteEnded(writer, ended);
                break;
            case PingMessage or PongMessage or StartedMessage:
                writer.WriteString("is", message is PingMessage ? "ping" : message is PongMessage ? "pong" : "started");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(message), message, "is no message of the protocol");
        }

        writer.WriteEndObject();
    }

    /// <exception cref="JsonException">Not a message of this protocol.</exception>
    public static WorkerMessage Read(ReadOnlySpan<byte> json)
    {
        var members = new Members(JsonElement.Parse(json, Strict));
        try
        {
            WorkerMessage message = members.Text("is") switch
            {
                "hello" => new HelloMessage { Version = members.Integer("version"), Worker = members.Integer("worker"), Token = members.Text("token") },
                "execute" => ReadExecute(members),
                "cancel" => new CancelMessage { Attempt = new AttemptId(members.Text("attempt")) },
                "ping" => new PingMessage(),
                "pong" => new PongMessage(),
                "started" => new StartedMessage(),
                "log" => new LogMessage { Severity = SeverityOf(members.Text("severity")), Message = members.Text("message") },
                "progress" => new ProgressMessage { Fraction = members.Find("fraction")?.GetDouble(), Message = members.FindText("message") },
                "fact" => new FactMessage { Kind = members.Text("kind"), Value = members.Get("value") },
                "ended" => new EndedMessage { Outputs = members.FindMap("outputs"), Failure = members.Find<Failure>("failure"), ResidentBytes = members.Get("residentBytes").GetInt64() },
                var other => throw new JsonException($"there is no message \"{other}\""),
            };
            return members.AllRead(message);
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or FormatException)
        {
            throw new JsonException("a member is not of its type", wrong);
        }
    }

    private static void WriteExecute(Utf8JsonWriter writer, ExecuteMessage execute)
    {
        writer.WriteStartObject("attempt");
        writer.WriteString("id", execute.Attempt.Id.Value);
        writer.WriteString("run", execute.Attempt.Run.Value);
        writer.WriteString("pipeline", execute.Attempt.Pipeline);
        writer.WriteString("definition", execute.Attempt.Definition.Value);
        writer.WriteString("task", execute.Attempt.Task.Value);
        if (execute.Attempt.MapIndex is { } index)
        {
            writer.WriteNumber("mapIndex", index);
        }

        writer.WriteNumber("number", execute.Attempt.Number);
        if (execute.Attempt.GitCommit is { } commit)
        {
            writer.WriteString("gitCommit", commit);
        }

        writer.WriteEndObject();
        writer.WriteString("uses", execute.Uses);
        if (execute.Class is { } name)
        {
            writer.WriteString("class", name);
        }

        WriteMap(writer, "inputs", execute.Inputs);
        writer.WriteString("baseDirectory", execute.BaseDirectory);
        writer.WriteString("workingDirectory", execute.WorkingDirectory);
        writer.WriteStartArray("items");
        foreach (var item in execute.Items)
        {
            JsonSerializer.Serialize(writer, item, OrcJson.Options);
        }

        writer.WriteEndArray();
        writer.WriteNumber("maxOutputBytes", execute.MaxOutputBytes);
        writer.WriteStartObject("secrets");
        foreach (var (secret, value) in execute.Secrets)
        {
            writer.WriteString(secret, value);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("missingSecrets");
        foreach (var (secret, failure) in execute.MissingSecrets)
        {
            writer.WritePropertyName(secret);
            JsonSerializer.Serialize(writer, failure, OrcJson.Options);
        }

        writer.WriteEndObject();
    }

    private static ExecuteMessage ReadExecute(Members members)
    {
        return new ExecuteMessage
        {
            Attempt = ReadAttempt(new Members(members.Get("attempt"))),
            Uses = members.Text("uses"),
            Class = members.FindText("class"),
            Inputs = members.FindMap("inputs") ?? throw Members.Missing("inputs"),
            BaseDirectory = members.Text("baseDirectory"),
            WorkingDirectory = members.Text("workingDirectory"),
            Items = members.Get("items") is var items && items.GetArrayLength() == 0 ? [] : OrcJson.FromElement<IReadOnlyList<ItemResult>>(items),
            MaxOutputBytes = members.Integer("maxOutputBytes"),
            Secrets = Dictionary(members.Get("secrets"), value => value.GetString() ?? ""),
            MissingSecrets = Dictionary(members.Get("missingSecrets"), OrcJson.FromElement<Failure>),
        };
    }

    private static AttemptInfo ReadAttempt(Members members) => members.AllRead(new AttemptInfo
    {
        Id = new AttemptId(members.Text("id")),
        Run = new RunId(members.Text("run")),
        Pipeline = members.Text("pipeline"),
        Definition = new DefinitionHash(members.Text("definition")),
        Task = new TaskName(members.Text("task")),
        MapIndex = members.Find("mapIndex")?.GetInt32(),
        Number = members.Integer("number"),
        GitCommit = members.FindText("gitCommit"),
    });

    private static void WriteProgress(Utf8JsonWriter writer, ProgressMessage progress)
    {
        if (progress.Fraction is { } fraction)
        {
            writer.WriteNumber("fraction", fraction);
        }

        if (progress.Message is { } message)
        {
            writer.WriteString("message", message);
        }
    }

    private static void WriteEnded(Utf8JsonWriter writer, EndedMessage ended)
    {
        if (ended.Outputs is { } outputs)
        {
            WriteMap(writer, "outputs", outputs);
        }

        if (ended.Failure is { } failure)
        {
            writer.WritePropertyName("failure");
            JsonSerializer.Serialize(writer, failure, OrcJson.Options);
        }

        writer.WriteNumber("residentBytes", ended.ResidentBytes);
    }

    private static void WriteMap(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, JsonElement> values)
    {
        writer.WriteStartObject(name);
        foreach (var (key, value) in values)
        {
            writer.WritePropertyName(key);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static Dictionary<string, T> Dictionary<T>(JsonElement element, Func<JsonElement, T> read)
    {
        var made = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            made.Add(member.Name, read(member.Value));
        }

        return made;
    }

    private static string WordOf(LogSeverity severity) => severity switch
    {
        LogSeverity.Debug => "debug",
        LogSeverity.Info => "info",
        LogSeverity.Warning => "warning",
        LogSeverity.Error => "error",
        _ => "unknown",
    };

    private static LogSeverity SeverityOf(string word) => word switch
    {
        "debug" => LogSeverity.Debug,
        "info" => LogSeverity.Info,
        "warning" => LogSeverity.Warning,
        "error" => LogSeverity.Error,
        "unknown" => LogSeverity.Unknown,
        _ => throw new JsonException($"there is no severity \"{word}\""),
    };

    /// <summary>The members of an object, which knows how many of them have been asked for.</summary>
    private sealed class Members(JsonElement of)
    {
        private int read;

        /// <summary>What was made of the members, if there are no others.</summary>
        public T AllRead<T>(T made) where T : notnull =>
            read == of.GetPropertyCount() ? made : throw new JsonException($"members that {made.GetType().Name} does not have");

        public static JsonException Missing(string name) => new($"a message without \"{name}\"");

        public JsonElement? Find(string name)
        {
            if (of.ValueKind != JsonValueKind.Object)
            {
                throw new JsonException("a message that is not an object");
            }

            if (!of.TryGetProperty(name, out var found))
            {
                return null;
            }

            read++;
            return found;
        }

        public JsonElement Get(string name) => Find(name) ?? throw Missing(name);

        public string Text(string name) => Get(name).GetString() ?? throw Missing(name);

        public string? FindText(string name) => Find(name)?.GetString();

        public int Integer(string name) => Get(name).GetInt32();

        public Dictionary<string, JsonElement>? FindMap(string name) => Find(name) is { } map ? Dictionary(map, value => value) : null;

        public T? Find<T>(string name) where T : class => Find(name) is { } found ? OrcJson.FromElement<T>(found) : null;
    }
}
