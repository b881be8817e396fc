"""The folder that an evaluation leaves: what it holds is said in ``write``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stance.training import behaviour
from stance.training.evaluation import plots
from stance.training.evaluation.comparison import Comparison
from stance.training.evaluation.crossvalidation import CrossValidation
from stance.training.evaluation.errors import ranked_errors, write_errors
from stance.training.evaluation.markdown import report
from stance.training.evaluation.page import comparison_page, page
from stance.training.evaluation.run import Evaluation, SetEvaluation
from stance.training.evaluation.scored import write_predictions
from stance.training.evaluation.scores import Estimate, HeadScores

# Of metrics.json: raised when a key changes its meaning or goes.
SCHEMA = 1
FILES = ("report.md", "metrics.json", "predictions.parquet", "errors.csv", "plots/")
PLOTS = {
    "confusion": plots.confusion_matrix,
    "reliability": plots.reliability,
    "risk_coverage": plots.risk_coverage,
    "slices": plots.slices,
}


def write(evaluation: Evaluation, folder: Path) -> None:
    """Write into ``folder``, which is made:

    metrics.json         every figure, under stable keys (``metrics``)
    predictions.parquet  every row of every system, to evaluate or compare again without a model
    errors.csv           what the evaluated system has wrong, the surest first
    report.md            the report as text
    report.html          the same as one page, with its plots in it
    plots/               each plot as PNG and SVG
    """
    (folder / "plots").mkdir(parents=True, exist_ok=True)
    (folder / "metrics.json").write_text(json.dumps(metrics(evaluation), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_predictions((x.scored for s in evaluation.sets for x in s.systems), folder / "predictions.parquet")
    write_errors(
        [e for s in evaluation.sets for h in s.first.heads for e in ranked_errors(s.first.scored, h)], folder / "errors.csv"
    )
    (folder / "report.md").write_text(report(evaluation) + "\n", encoding="utf-8")
    drawn = _draw(evaluation, folder / "plots")
    (folder / "report.html").write_text(page(evaluation, drawn), encoding="utf-8")


def _draw(evaluation: Evaluation, folder: Path) -> dict[tuple[str, str, str], str]:
    """(set, head, plot) -> SVG, each written as PNG and SVG too."""
    drawn = {}
    for s in evaluation.sets:
        for head, h in s.first.heads.items():
            figures = {name: draw(h) for name, draw in PLOTS.items()} | {"systems": plots.systems(s, head)}
            for name, figure in figures.items():
                if figure is not None:
                    drawn[s.name, head, name] = plots.save(figure, folder / f"{slug(s.name)}-{head}-{name}")
    return drawn


def slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")[:60] or "set"


def metrics(evaluation: Evaluation) -> dict[str, Any]:
    """The content of metrics.json. An estimate is ``{"value", "low", "high"}``, a 95% interval; undefined is null.

    schema, model, command, samples, seed, training
    sets.NAME.rows, .articles, .notes
    sets.NAME.systems.SYSTEM.HEAD.metrics.{macro_f1, micro_f1, weighted_f1, accuracy, matthews, kappa}
                                 .labels.LABEL.{precision, recall, f1, support}, .label_order, .confusion, .rows, .articles
                                 .calibration.{rows, expected_calibration_error, brier, reliability, risk_coverage}
                                 .slices[].{name, value, rows, articles, accuracy, macro_f1, gap, p_holm}
    sets.NAME.comparisons.HEAD   as ``comparison``
    sets.NAME.found.MATCH.{precision, recall, f1}
    links.SET.SCORE; behaviour.{tests, bias}; crossvalidation.{folds, seeds, heads.HEAD.{macro_f1, accuracy}, runs}
    """
    return _plain(
        {
            "schema": SCHEMA,
            "model": evaluation.model,
            "command": evaluation.command,
            "samples": evaluation.samples,
            "seed": evaluation.seed,
            "training": evaluation.training,
            "sets": {s.name: _set(s) for s in evaluation.sets},
            "links": {
                name: {k: _estimate(v) if isinstance(v, Estimate) else v for k, v in scores.items()}
                for name, scores in evaluation.links.items()
            },
            "behaviour": {
                "tests": [r.to_dict() for r in evaluation.behaviour],
                "bias": [asdict(b) for b in behaviour.bias(evaluation.behaviour)],
            },
            "crossvalidation": _crossvalidation(evaluation.crossvalidation),
        }
    )


def comparison(c: Comparison) -> dict[str, Any]:
    """rows, articles, models[].{name, macro_f1, accuracy}, pairs[].{first, second, macro_f1, p, p_holm, mcnemar}."""
    return {
        "rows": c.rows,
        "articles": c.articles,
        "models": [
            {"name": m.name, "macro_f1": _estimate(Estimate(m.macro_f1, *m.interval)), "accuracy": m.accuracy} for m in c.models
        ],
        "pairs": [
            {
                "first": p.first,
                "second": p.second,
                "macro_f1": _estimate(Estimate(p.macro_f1.value, *p.macro_f1.interval)),
                "p": p.macro_f1.p,
                "p_holm": p.macro_f1_p_holm,
                "mcnemar": {**asdict(p.mcnemar), "p_holm": p.mcnemar_p_holm},
            }
            for p in c.pairs
        ],
    }


def write_comparisons(compared: Mapping[str, Mapping[str, Comparison]], folder: Path, text: str, samples: int, seed: int) -> None:
    """metrics.json (schema, sets.NAME.HEAD as ``comparison``), report.md and report.html of ``stance compare``."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: {head: comparison(c) for head, c in heads.items()} for name, heads in compared.items()}
    data = _plain({"schema": SCHEMA, "sets": found})
    (folder / "metrics.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "report.md").write_text(text + "\n", encoding="utf-8")
    (folder / "report.html").write_text(comparison_page(compared, samples, seed), encoding="utf-8")


def _set(s: SetEvaluation) -> dict[str, Any]:
    return {
        "rows": s.rows,
        "articles": s.articles,
        "notes": list(s.notes),
        "systems": {x.name: {head: head_metrics(h) for head, h in x.heads.items()} for x in s.systems},
        "comparisons": {head: comparison(c) for head, c in s.comparisons.items()},
        "found": {k: {m: _estimate(getattr(f, m)) for m in ("precision", "recall", "f1")} for k, f in s.found.items()},
    }


def head_metrics(h: HeadScores) -> dict[str, Any]:
    """sets.NAME.systems.SYSTEM.HEAD of metrics.json."""
    c = h.calibration
    return {
        "rows": h.rows,
        "articles": h.articles,
        "metrics": {k: _estimate(e) for k, e in h.metrics.items()},
        "labels": {
            label: {k: e if isinstance(e, int) else _estimate(e) for k, e in p.items()} for label, p in h.per_label.items()
        },
        "label_order": list(h.labels),
        "confusion": h.confusion,
        "calibration": c
        and {
            "rows": c.rows,
            "expected_calibration_error": c.expected_error,
            "brier": c.brier and _estimate(c.brier),
            "reliability": [
                {"confidence": x, "accuracy": y, "rows": n, "low": low, "high": high}
                for x, y, n, (low, high) in zip(
                    c.reliability.confidence.tolist(),
                    c.reliability.accuracy.tolist(),
                    c.reliability.rows.tolist(),
                    c.reliability.interval.tolist(),
                    strict=True,
                )
            ],
            "risk_coverage": [{"coverage": v, "risk": r} for v, r in c.risk_coverage],
        },
        "slices": [
            {
                "name": x.name,
                "value": x.value,
                "rows": x.rows,
                "articles": x.articles,
                "accuracy": _estimate(x.accuracy),
                "macro_f1": _estimate(x.macro_f1),
                "gap": _estimate(x.gap),
                "p_holm": x.p,
            }
            for x in h.slices
        ],
    }


def _crossvalidation(c: CrossValidation | None) -> dict[str, Any] | None:
    if c is None:
        return None
    return {
        "folds": c.folds,
        "seeds": c.seeds,
        "heads": {
            head: {
                m: {"over_seeds": asdict(c.over_seeds(head, m)), "over_folds": asdict(c.over_folds(head, m))}
                for m in ("macro_f1", "accuracy")
            }
            for head in c.heads
        },
        "runs": [asdict(r) for r in c.runs],
    }


def _estimate(e: Estimate) -> dict[str, float]:
    return {"value": e.value, "low": e.low, "high": e.high}


def _plain(value: Any) -> Any:
    """JSON has no NaN: what is undefined is null."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and value != value else value
