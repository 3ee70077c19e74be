using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Storage.Copying;

/// <summary>A sum over rows that does not depend on their order: each row's SHA-256, added up modulo 2^128. Databases sort text in ways of their own; a sum need not ask them.</summary>
internal sealed class RowsChecksum
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private UInt128 sum;

    public long Rows { get; private set; }

    public string Checksum => sum.ToString("x32", CultureInfo.InvariantCulture);

    public void Add(object?[] row)
    {
        Span<byte> number = stackalloc byte[8];
        foreach (var value in row)
        {
            switch (value)
            {
                case null or DBNull:
                    hash.AppendData("n"u8);
                    break;
                case long whole:
                    BinaryPrimitives.WriteInt64LittleEndian(number, whole);
                    hash.AppendData("i"u8);
                    hash.AppendData(number);
                    break;
                case double real:
                    BinaryPrimitives.WriteDoubleLittleEndian(number, real);
                    hash.AppendData("r"u8);
                    hash.AppendData(number);
                    break;
                case string text:
                    AddBytes("t"u8, Encoding.UTF8.GetBytes(text));
                    break;
                case byte[] bytes:
                    AddBytes("b"u8, bytes);
                    break;
                default:
                    throw new InvalidOperationException($"a column held a {value.GetType()}");
            }
        }

        Span<byte> digest = stackalloc byte[32];
        hash.GetHashAndReset(digest);
        sum += BinaryPrimitives.ReadUInt128LittleEndian(digest);
        Rows++;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rows} {Checksum}");

    private void AddBytes(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        hash.AppendData(kind);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
