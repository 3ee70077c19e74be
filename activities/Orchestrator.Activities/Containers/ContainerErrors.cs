using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Activities.Containers;

/// <summary>What <c>exec.container</c> fails with beyond what programs do, ORC562x.</summary>
internal static class ContainerErrors
{
    public static ActivityException NoEngine(IReadOnlyList<string> names) => new(new Failure
    {
        Code = "ORC5620",
        Kind = FailureKind.Infrastructure,
        Message = $"there is no {string.Join(" and no ", names)} on this machine",
        Why = "containers are run by one of them; it was looked for in the folders of PATH",
        Help = "Install podman (apt-get install podman, dnf install podman) or docker, or run the program without a container with exec.command.",
    });

    public static ActivityException EngineFailed(string engine, string image, ProgramExit exit, IReadOnlyList<string> lastLines) => new(new Failure
    {
        Code = "ORC5621",
        Kind = FailureKind.Infrastructure,
        Message = $"{engine} could not run a container of {image} (exit code {exit.Code})",
        Why = "the container was not started: the image, the registry or the set-up of the machine is at fault, not the program in it",
        Help = "The last lines are its own words. Check the image's name, whether this machine may pull it, and the mounts.",
        Retryable = true,
        Details = lastLines,
    });

    public static ActivityException NothingToRun(string image, ProgramExit exit, IReadOnlyList<string> lastLines) => new(new Failure
    {
        Code = "ORC5622",
        Kind = FailureKind.Work,
        Message = exit.Code == 127 ? $"the image {image} has no such program" : $"the program may not be executed in the image {image}",
        Help = "Write the command as a list whose first item is a program of the image; a text needs /bin/sh in it.",
        Details = lastLines,
    });

    public static ActivityException MountMissing(string from, string path) => new(
        "ORC5623", $"mount \"{from}\" does not exist ({path})", why: "a folder that is not there would be made, empty and owned by root", help: "Correct the path; a relative one starts at the folder of the pipeline's file.");

    public static ActivityException BadMount(string to) => new(
        "ORC5624", $"\"{to}\" is no place in a container", help: "Write a full path without : in it, such as /data, and not /orc, which is the attempt's own folder.");

    public static ActivityException BadMemory(string text) => new("ORC5625", $"\"{text}\" is not a size", help: "Write for example \"512MB\" or \"2GiB\".");

    public static ActivityException BadVariable(string name) => new("ORC5626", $"\"{name}\" cannot be the name of a variable", help: "A name has no = and is not empty.");
}
