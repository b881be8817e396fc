"""``stance evaluate`` and ``stance compare``: how good a model is, how sure that is, where it fails, and against what.

    from stance.training import evaluation

    found = evaluation.evaluate("my-model", ["labelled.csv"])
    found.sets[0].first.heads["stance"].macro_f1                    # value, low, high
    evaluation.write(found, Path("scores"))                         # metrics.json, report.html, ...
    evaluation.evaluate("scores/predictions.parquet")               # again, without the model
    evaluation.compare(["my-model", "default", "baseline:tfidf"], ["labelled.csv"])

Labelled documents -> rows (``rows``) -> a system's predictions (``systems``) -> a table (``scored``) -> ``scores``.
"""

from stance.training.evaluation.comparison import Comparison, align, compare_scored
from stance.training.evaluation.crossvalidation import CrossValidation, cross_validate
from stance.training.evaluation.errors import Error, ranked_errors
from stance.training.evaluation.output import head_metrics, metrics, write
from stance.training.evaluation.rows import LabelledRow, rows_of
from stance.training.evaluation.run import (
    Evaluation,
    SetEvaluation,
    compare,
    evaluate,
    evaluate_classifier,
    evaluate_scored,
    evaluate_sets,
)
from stance.training.evaluation.scored import ScoredMentions, read_predictions, write_predictions
from stance.training.evaluation.scores import Estimate, HeadScores, score
from stance.training.evaluation.systems import Baseline, Model, Stored, TrainingData, open_system

__all__ = [
    "Baseline",
    "Comparison",
    "CrossValidation",
    "Error",
    "Estimate",
    "Evaluation",
    "HeadScores",
    "LabelledRow",
    "Model",
    "ScoredMentions",
    "SetEvaluation",
    "Stored",
    "TrainingData",
    "align",
    "compare",
    "compare_scored",
    "cross_validate",
    "ranked_errors",
    "evaluate",
    "evaluate_classifier",
    "evaluate_scored",
    "evaluate_sets",
    "head_metrics",
    "metrics",
    "open_system",
    "read_predictions",
    "rows_of",
    "score",
    "write",
    "write_predictions",
]
