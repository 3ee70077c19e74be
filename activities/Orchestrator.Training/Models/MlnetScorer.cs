using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Orchestrator.Assets.Models;
using Orchestrator.Training.Features;

namespace Orchestrator.Training.Models;

/// <summary>
/// A model of ML.NET. The chain of getters that ML.NET builds for one row is made once for each thread in use and kept,
/// so a single row costs its trees and no set-up.
/// </summary>
internal sealed class MlnetScorer : VectorScorer
{
    private readonly IRowToRowMapper mapper;
    private readonly ModelSignature signature;
    private readonly ConcurrentBag<Chain> idle = [];

    private MlnetScorer(IRowToRowMapper mapper, ModelSignature signature) => (this.mapper, this.signature) = (mapper, signature);

    /// <param name="model">What ML.NET saved.</param>
    /// <param name="signature">Decides which answers are read.</param>
    public static MlnetScorer Load(byte[] model, ModelSignature signature)
    {
        var ml = new MLContext(0);
        // A saved model names the classes that read it; a process that never trained has not met them yet.
        ml.ComponentCatalog.RegisterAssembly(typeof(LightGbmBinaryTrainer).Assembly, throwOnError: false);
        ml.ComponentCatalog.RegisterAssembly(typeof(FastTreeBinaryTrainer).Assembly, throwOnError: false);
        using var stream = new MemoryStream(model, writable: false);
        var transformer = ml.Model.Load(stream, out var schema);
        return new MlnetScorer(transformer.GetRowToRowMapper(schema), signature);
    }

    public override Predictions Score(RowEncoder encoder, int[]? rows, int count)
    {
        var chain = idle.TryTake(out var free) ? free : new Chain(mapper, encoder.SlotCount, signature);
        try
        {
            return signature.Task == ModelTask.Regression
                ? new Predictions { Values = ScoreAll(chain.ReadValue, chain, encoder, rows, count) }
                : new Predictions { Probabilities = ScoreAll(chain.ReadProbabilities, chain, encoder, rows, count) };
        }
        finally
        {
            idle.Add(chain);
        }
    }

    private static T[] ScoreAll<T>(Func<T> read, Chain chain, RowEncoder encoder, int[]? rows, int count)
    {
        var answers = new T[count];
        for (var i = 0; i < count; i++)
        {
            encoder.Write(rows is null ? i : rows[i], chain.Input.Next());
            answers[i] = read();
        }

        return answers;
    }

    /// <summary>One row under way through the model. Not for two threads at a time.</summary>
    private sealed class Chain
    {
        private readonly ValueGetter<float>? value;
        private readonly ValueGetter<VBuffer<float>>? values;
        private readonly int classCount;
        private VBuffer<float> buffer;

        public Chain(IRowToRowMapper mapper, int slotCount, ModelSignature signature)
        {
            classCount = signature.Classes.Count;
            Input = new InputRow(mapper.InputSchema, slotCount);
            var name = signature is { Task: ModelTask.Classification, Classes.Count: 2 } ? "Probability" : "Score";
            var column = mapper.OutputSchema[name];
            var output = mapper.GetRow(Input, [column]);
            if (column.Type is VectorDataViewType)
            {
                values = output.GetGetter<VBuffer<float>>(output.Schema[name]);
            }
            else
            {
                value = output.GetGetter<float>(output.Schema[name]);
            }
        }

        public InputRow Input { get; }

        public double ReadValue()
        {
            var answer = 0f;
            value?.Invoke(ref answer);
            return answer;
        }

        public double[] ReadProbabilities()
        {
            if (value is not null)
            {
                var positive = Math.Clamp(ReadValue(), 0, 1);
                return [1 - positive, positive];
            }

            values?.Invoke(ref buffer);
            var scores = buffer.DenseValues().Select(score => Math.Max(0, (double)score)).ToArray();
            var sum = scores.Sum();
            // One-versus-all models need not sum to one; one that knows nothing of a row calls all classes equal.
            return Array.ConvertAll(scores, score => sum > 0 ? score / sum : 1.0 / classCount);
        }
    }

    /// <summary>The row that the model reads: one vector, written anew for each row.</summary>
    private sealed class InputRow(DataViewSchema schema, int slotCount) : DataViewRow
    {
        private readonly float[] slots = new float[slotCount];
        private long position = -1;

        public override long Position => position;

        public override long Batch => 0;

        public override DataViewSchema Schema => schema;

        /// <summary>The vector to fill with the next row. Models remember answers by position, so it moves.</summary>
        public Span<float> Next()
        {
            position++;
            return slots;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate getter = (ValueGetter<VBuffer<float>>)((ref VBuffer<float> features) => features = new VBuffer<float>(slots.Length, slots));
            return (ValueGetter<TValue>)getter;
        }
    }
}
