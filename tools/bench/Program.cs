using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Bench;

// orc-bench [--workload NAME] [--scale X] [--repeat N] [--folder DIR] [--json]
var json = args.Contains("--json");
var scale = double.Parse(Option("--scale") ?? "1", CultureInfo.InvariantCulture);
var repeat = int.Parse(Option("--repeat") ?? "3", CultureInfo.InvariantCulture);
var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

if (Option("--workload") is { } name)
{
    if (Workload.All.FirstOrDefault(one => one.Name == name) is not { } workload)
    {
        Console.Error.WriteLine($"there is no workload \"{name}\"; there are {string.Join(", ", Workload.All.Select(one => one.Name))}");
        return 2;
    }

    var folder = Directory.CreateDirectory(Path.Combine(Option("--folder") ?? Path.GetTempPath(), $"orc-bench-{Environment.ProcessId}")).FullName;
    try
    {
        var taken = await Measurement.TakeAsync(workload, scale, folder);
        Console.WriteLine(JsonSerializer.Serialize(taken, options));
        return 0;
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

// Every measurement in a fresh process; of the repetitions the one in the middle.
var all = new List<Measurement>();
if (!json)
{
    Console.WriteLine(Measurement.Head);
}

foreach (var workload in Workload.All)
{
    var taken = new List<Measurement>();
    for (var i = 0; i < repeat; i++)
    {
        taken.Add(await InFreshProcessAsync(workload.Name));
    }

    all.Add(taken.OrderBy(one => one.WallS).ElementAt(repeat / 2));
    if (!json)
    {
        Console.WriteLine(all[^1]);
    }
}

if (json)
{
    Console.WriteLine(JsonSerializer.Serialize(all, options));
}

return 0;

async Task<Measurement> InFreshProcessAsync(string workload)
{
    var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet") { RedirectStandardOutput = true };
    // Started as `dotnet orc-bench.dll`, the process is dotnet and wants the program's path again.
    string[] own = Path.GetFileNameWithoutExtension(start.FileName) == "dotnet" ? [typeof(Workload).Assembly.Location] : [];
    foreach (var argument in (string[])[.. own, "--workload", workload, "--scale", scale.ToString(CultureInfo.InvariantCulture), "--folder", Option("--folder") ?? Path.GetTempPath()])
    {
        start.ArgumentList.Add(argument);
    }

    using var process = Process.Start(start) ?? throw new InvalidOperationException("cannot start a process");
    var output = await process.StandardOutput.ReadToEndAsync();
    await process.WaitForExitAsync();
    return process.ExitCode == 0 && output.Trim().Split('\n') is [.., var last]
        ? JsonSerializer.Deserialize<Measurement>(last, options) ?? throw new InvalidOperationException("an empty measurement")
        : throw new InvalidOperationException($"workload {workload} ended with {process.ExitCode}");
}

string? Option(string option) => Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
