using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Bench;

// orc-bench [--workload NAME | --growth | --kill] [--scale X] [--repeat N] [--folder DIR] [--json]
var json = args.Contains("--json");
var scale = double.Parse(Option("--scale") ?? "1", CultureInfo.InvariantCulture);
var repeat = int.Parse(Option("--repeat") ?? "3", CultureInfo.InvariantCulture);
var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

if (Option("--kill-chain") is { } chain)
{
    return await KillChain.WorkAsync(chain);
}

if (args.Contains("--kill"))
{
    var kill = await InFolderAsync(folder => KillChain.TakeAsync(folder, Self));
    Console.WriteLine(json ? JsonSerializer.Serialize(kill, options) : kill);
    return 0;
}

if (Option("--workload") is { } name)
{
    if (Workload.All.FirstOrDefault(one => one.Name == name) is not { } workload)
    {
        Console.Error.WriteLine($"there is no workload \"{name}\"; there are {string.Join(", ", Workload.All.Select(one => one.Name))}");
        return 2;
    }

    Console.WriteLine(JsonSerializer.Serialize(await InFolderAsync(folder => Measurement.TakeAsync(workload, scale, folder)), options));
    return 0;
}

var all = new List<Measurement>();
Say(Measurement.Head);
if (args.Contains("--growth"))
{
    // From 10 tasks to 100,000, each once: what is looked for is a figure that grows with the size.
    foreach (var workload in Workload.All.Where(one => one.Runs == 1 && one.Name != "large"))
    {
        foreach (var size in (int[])[10, 100, 1_000, 10_000, 100_000])
        {
            Keep(await InFreshProcessAsync(workload.Name, workload.ScaleFor(size)));
        }
    }
}
else
{
    // Every measurement in a fresh process; of the repetitions the one in the middle.
    foreach (var workload in Workload.All)
    {
        var taken = new List<Measurement>();
        for (var i = 0; i < repeat; i++)
        {
            taken.Add(await InFreshProcessAsync(workload.Name, scale));
        }

        Keep(taken.OrderBy(one => one.WallS).ElementAt(repeat / 2));
    }
}

if (json)
{
    Console.WriteLine(JsonSerializer.Serialize(all, options));
}

return 0;

void Keep(Measurement taken)
{
    all.Add(taken);
    Say(taken);
}

void Say(object line)
{
    if (!json)
    {
        Console.WriteLine(line);
    }
}

async Task<T> InFolderAsync<T>(Func<string, Task<T>> take)
{
    var folder = Directory.CreateDirectory(Path.Combine(Option("--folder") ?? Path.GetTempPath(), $"orc-bench-{Environment.ProcessId}")).FullName;
    try
    {
        return await take(folder);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

async Task<Measurement> InFreshProcessAsync(string workload, double size)
{
    using var process = Process.Start(Self(["--workload", workload, "--scale", size.ToString(CultureInfo.InvariantCulture), "--folder", Option("--folder") ?? Path.GetTempPath()]))
        ?? throw new InvalidOperationException("cannot start a process");
    var output = await process.StandardOutput.ReadToEndAsync();
    await process.WaitForExitAsync();
    return process.ExitCode == 0 && output.Trim().Split('\n') is [.., var last]
        ? JsonSerializer.Deserialize<Measurement>(last, options) ?? throw new InvalidOperationException("an empty measurement")
        : throw new InvalidOperationException($"workload {workload} ended with {process.ExitCode}");
}

ProcessStartInfo Self(string[] arguments)
{
    var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet") { RedirectStandardOutput = true };
    // Started as `dotnet orc-bench.dll`, the process is dotnet and wants the program's path again.
    string[] own = Path.GetFileNameWithoutExtension(start.FileName) == "dotnet" ? [typeof(Workload).Assembly.Location] : [];
    foreach (var argument in (string[])[.. own, .. arguments])
    {
        start.ArgumentList.Add(argument);
    }

    return start;
}

string? Option(string option) => Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
