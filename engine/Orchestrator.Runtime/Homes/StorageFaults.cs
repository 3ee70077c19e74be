namespace Orchestrator.Runtime.Homes;

/// <summary>What the operating system meant by an <see cref="IOException"/>.</summary>
internal static class StorageFaults
{
    // On Unix .NET puts the bare errno into HResult, on Windows the Win32 code into its low half.
    private const int NoSpaceUnix = 28, QuotaLinux = 122, QuotaMac = 69, NoSpaceWindows = 0x70, HandleDiskFullWindows = 0x27;

    public static bool IsFull(Exception error) => error is IOException io
        && (OperatingSystem.IsWindows()
            ? (io.HResult & 0xFFFF) is NoSpaceWindows or HandleDiskFullWindows
            : io.HResult is NoSpaceUnix || io.HResult == (OperatingSystem.IsMacOS() ? QuotaMac : QuotaLinux));

    /// <summary>True for what a person must repair on the storage: full, read-only, no permission, not there.</summary>
    public static bool IsStorage(Exception error) => error is IOException or UnauthorizedAccessException;
}
