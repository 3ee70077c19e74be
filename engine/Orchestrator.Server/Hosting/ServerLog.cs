using Serilog;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;
using Serilog.Core;
using System.Globalization;

namespace Orchestrator.Server.Hosting;

/// <summary>The server's own log. What attempts say is in their logs, not here.</summary>
internal static class ServerLog
{
    private const string Line = "{Timestamp:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Level:u3} {Message:lj}{NewLine}{Exception}";

    public static Logger Create(ServerOptions options)
    {
        ITextFormatter format = options.LogAsJson ? new RenderedCompactJsonFormatter() : new MessageTemplateTextFormatter(Line, CultureInfo.InvariantCulture);
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            // Says of each request that was refused by its token what was wrong with it, with a stack; the answer says so too.
            .MinimumLevel.Override("Microsoft.AspNetCore.Authentication", LogEventLevel.Error)
            .Enrich.FromLogContext();
        return options.Log is { } writer
            ? configuration.WriteTo.Sink(new WriterSink(writer, format)).CreateLogger()
            : configuration.WriteTo.Console(format, standardErrorFromLevel: LogEventLevel.Verbose).CreateLogger();
    }

    /// <summary>Takes the log into a writer, a line at a time.</summary>
    private sealed class WriterSink(TextWriter writer, ITextFormatter format) : ILogEventSink
    {
        private readonly Lock gate = new();

        public void Emit(LogEvent logEvent)
        {
            lock (gate)
            {
                format.Format(logEvent, writer);
                writer.Flush();
            }
        }
    }
}
