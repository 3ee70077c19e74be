# Writes metrics.json beside itself: inputs and what scikit-learn and SciPy say about them.
# Made with: python3 make.py   (Debian packages python3-sklearn 1.2.1, python3-scipy 1.10.1)
import json
import pathlib
import warnings

import numpy as np
from scipy import stats
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")
rng = np.random.default_rng(20240229)
cases = {"binary": [], "multi": [], "regression": [], "bootstrap": []}

for n, ties, share in [(40, False, 0.3), (200, True, 0.15), (501, True, 0.5)]:
    y = (rng.random(n) < share).astype(int)
    y[:2] = [0, 1]
    p = 1 / (1 + np.exp(-(1.5 * (2 * y - 1) * rng.random(n) + rng.normal(0, 1.2, n) - 0.5)))
    p = np.round(p, 1 if ties else 6)
    w = np.round(rng.random(n) * 3, 3)
    called = (p >= 0.5).astype(int)
    clipped = np.clip(p, 1e-15, 1 - 1e-15)
    happened, predicted = calibration_curve(y, p, n_bins=10)
    fpr, tpr, _ = m.roc_curve(y, p, drop_intermediate=False)
    cases["binary"].append({
        "y": y.tolist(), "p": p.tolist(), "w": w.tolist(),
        "auc": m.roc_auc_score(y, p), "aucWeighted": m.roc_auc_score(y, p, sample_weight=w),
        "prAuc": m.average_precision_score(y, p), "prAucWeighted": m.average_precision_score(y, p, sample_weight=w),
        "logLoss": m.log_loss(y, clipped, eps=1e-15), "logLossWeighted": m.log_loss(y, clipped, eps=1e-15, sample_weight=w),
        "brier": m.brier_score_loss(y, p), "accuracy": m.accuracy_score(y, called),
        "precision": m.precision_score(y, called, zero_division=0), "recall": m.recall_score(y, called), "f1": m.f1_score(y, called),
        "confusion": m.confusion_matrix(y, called).tolist(),
        "rocPoints": [[float(a), float(b)] for a, b in zip(fpr, tpr)],
        "calibrationHappened": happened.tolist(), "calibrationPredicted": predicted.tolist(),
    })

for n, k in [(60, 3), (300, 5)]:
    y = rng.integers(0, k, n)
    y[:k] = range(k)
    raw = rng.normal(0, 1, (n, k)) + 1.1 * np.eye(k)[y]
    p = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    called = p.argmax(axis=1)
    cases["multi"].append({
        "y": y.tolist(), "p": p.tolist(), "k": k,
        "auc": m.roc_auc_score(y, p, multi_class="ovr", average="macro"), "logLoss": m.log_loss(y, p),
        "prAuc": float(np.mean([m.average_precision_score((y == j).astype(int), p[:, j]) for j in range(k)])),
        "brier": float(np.mean(((p - np.eye(k)[y]) ** 2).sum(axis=1))), "accuracy": m.accuracy_score(y, called),
        "macroPrecision": m.precision_score(y, called, average="macro", zero_division=0),
        "macroRecall": m.recall_score(y, called, average="macro"), "macroF1": m.f1_score(y, called, average="macro"),
        "weightedF1": m.f1_score(y, called, average="weighted"), "confusion": m.confusion_matrix(y, called).tolist(),
    })

for n, offset in [(30, 0.0), (251, 1e6)]:
    y = np.round(rng.normal(offset + 10, 4, n), 4)
    p = np.round(y + rng.normal(0.3, 2, n), 4)
    w = np.round(rng.random(n) * 3, 3)
    cases["regression"].append({
        "y": y.tolist(), "p": p.tolist(), "w": w.tolist(),
        "rmse": float(np.sqrt(m.mean_squared_error(y, p))), "rmseWeighted": float(np.sqrt(m.mean_squared_error(y, p, sample_weight=w))),
        "mae": m.mean_absolute_error(y, p), "medianAe": m.median_absolute_error(y, p), "r2": m.r2_score(y, p),
        "r2Weighted": m.r2_score(y, p, sample_weight=w), "mape": m.mean_absolute_percentage_error(y, p),
    })

# Intervals differ by the random resamples; with 200,000 of them both sides are at the limit to about 1 % of a standard error.
for x in [rng.exponential(2.0, 60), rng.normal(5, 2, 45), rng.lognormal(0, 0.8, 80)]:
    x = np.round(x, 6)
    entry = {"x": x.tolist()}
    for method in ["percentile", "BCa"]:
        r = stats.bootstrap((x,), np.mean, n_resamples=200_000, method=method, confidence_level=0.95, batch=1000, random_state=1)
        entry[method.lower()] = [r.confidence_interval.low, r.confidence_interval.high, float(r.standard_error)]
    cases["bootstrap"].append(entry)

pathlib.Path(__file__).with_name("metrics.json").write_text(json.dumps(cases) + "\n")
