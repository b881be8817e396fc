"""Several models' predictions on the same rows: how far apart they are, and whether by more than chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import binomtest, chi2

from stance.training.evaluation.scored import ScoredMentions
from stance.training.metrics import article_confusions, macro_f1_of_confusion, percentile_interval, resampled_sums

# Fewer rows on which just one of two models is right, and McNemar's chi-squared is no longer close to the binomial.
FEW_DISCORDANT = 25


@dataclass(frozen=True)
class ModelScore:
    """A model's macro-F1 with its 95% interval over articles, and its accuracy."""

    name: str
    macro_f1: float
    interval: tuple[float, float]
    accuracy: float


@dataclass(frozen=True)
class Difference:
    """Macro-F1 of one model minus another's, its 95% interval over articles, and the two-sided p of no difference."""

    value: float
    interval: tuple[float, float]
    p: float


@dataclass(frozen=True)
class McNemar:
    """Rows that only the first and only the second of two models has right; ``statistic`` is None where the test is exact."""

    only_first: int
    only_second: int
    statistic: float | None
    p: float


@dataclass(frozen=True)
class Pair:
    """Two models compared. The p of Holm are corrected for all the pairs of the comparison; of one pair they are the same."""

    first: str
    second: str
    macro_f1: Difference
    mcnemar: McNemar
    macro_f1_p_holm: float
    mcnemar_p_holm: float


@dataclass(frozen=True)
class Comparison:
    rows: int
    articles: int
    models: list[ModelScore]
    pairs: list[Pair]


def compare(
    truth: Sequence[str],
    guesses: Mapping[str, Sequence[str]],
    labels: Sequence[str],
    groups: Sequence[object],
    reference: str | None = None,
    samples: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Every pair of models, or each model with ``reference``, on rows (N) of ``groups`` (articles).

    ``guesses``: model name -> its labels (N). Raises ``ValueError`` for fewer than two models, a model that misses rows, or a
    reference that is none of them.
    """
    _check(truth, guesses, reference)
    names, at = list(guesses), {label: i for i, label in enumerate(labels)}
    t = [at[x] for x in truth]
    per_article = np.stack([article_confusions(t, [at[x] for x in guesses[n]], groups, len(labels)) for n in names], axis=1)
    scores = dict(zip(names, macro_f1_of_confusion(per_article.sum(0)).tolist(), strict=True))
    drawn = dict(zip(names, macro_f1_of_confusion(resampled_sums(per_article, samples, seed)).T, strict=True))
    right = {n: np.array([x == y for x, y in zip(truth, guesses[n], strict=True)]) for n in names}
    models = [ModelScore(n, scores[n], _low_high(drawn[n]), float(right[n].mean())) for n in names]
    chosen = list(combinations(names, 2)) if reference is None else [(reference, n) for n in names if n != reference]
    differences = [difference(scores[a] - scores[b], drawn[a] - drawn[b]) for a, b in chosen]
    tests = [mcnemar(int((right[a] & ~right[b]).sum()), int((right[b] & ~right[a]).sum())) for a, b in chosen]
    corrected = zip(holm([d.p for d in differences]), holm([m.p for m in tests]), strict=True)
    pairs = [Pair(*two, d, m, *ps) for two, d, m, ps in zip(chosen, differences, tests, corrected, strict=True)]
    return Comparison(len(t), len(per_article), models, pairs)


def compare_scored(
    scored: Sequence[ScoredMentions], head: str, reference: str | None = None, samples: int = 2000, seed: int = 0
) -> Comparison:
    """``compare`` on the labelled rows of a head, of models whose rows are the same (``align``)."""
    heads = {s.model: s.heads[head] for s in scored}
    labels = list(dict.fromkeys(label for h in heads.values() for label in h.labels))
    first = scored[0].heads[head]
    rows = np.flatnonzero(first.known)
    articles = scored[0].articles
    return compare(
        [first.labels[first.truth[i]] for i in rows],
        {name: [h.labels[h.guess[i]] for i in rows] for name, h in heads.items()},
        labels,
        [articles[i] for i in rows],
        reference,
        samples,
        seed,
    )


def align(scored: Sequence[ScoredMentions]) -> list[ScoredMentions]:
    """Each model's predictions on the rows that all of them have, in the first one's order.

    Raises ``ValueError`` where they have no row together, or true labels that differ.
    """
    places = []
    for s in scored:
        # A row may be there twice; the second of one is the second of the other.
        nth: Counter = Counter()
        at = {}
        for i, key in enumerate(s.keys):
            at[key, nth[key]] = i
            nth[key] += 1
        places.append(at)
    shared = [key for key in places[0] if all(key in at for at in places[1:])]
    if not shared:
        raise ValueError(
            f"{scored[0].model} and {scored[1].model} have no row together; give predictions on the same sentences and mentions"
        )
    aligned = [s.take([at[key] for key in shared]) for s, at in zip(scored, places, strict=True)]
    for head, first in aligned[0].heads.items():
        for s in aligned[1:]:
            if head in s.heads and [first.labels[t] if t >= 0 else None for t in first.truth] != [
                s.heads[head].labels[t] if t >= 0 else None for t in s.heads[head].truth
            ]:
                raise ValueError(f"{aligned[0].model} and {s.model} have other true labels of {head} on the same rows")
    return aligned


def _check(truth: Sequence[str], guesses: Mapping[str, Sequence[str]], reference: str | None) -> None:
    if len(guesses) < 2:
        raise ValueError("a comparison needs two models or more")
    for name, guess in guesses.items():
        if len(guess) != len(truth):
            raise ValueError(f"{name} has {len(guess)} predictions for {len(truth)} rows")
    if reference is not None and reference not in guesses:
        raise ValueError(f"no {reference!r} to compare with; the models are {', '.join(guesses)}")


def difference(value: float, drawn: np.ndarray) -> Difference:
    """A difference with its interval and p from what it was in resampled articles (samples).

    p is the least for which the percentile interval of 1 - p holds no difference (Efron and Tibshirani 1993, section 15.4); the
    observed sample counts as one of those drawn, so that p is never 0 (Davison and Hinkley 1997, section 4.2).
    """
    beyond = min((drawn <= 0).sum(), (drawn >= 0).sum())
    return Difference(value, _low_high(drawn), min(1.0, 2 * float(beyond + 1) / (len(drawn) + 1)))


def mcnemar(only_first: int, only_second: int) -> McNemar:
    """McNemar's test (1947) of two models' being right equally often: exact for few discordant rows, else chi-squared.

    The exact test is the binomial one with an even chance for each discordant row; chi-squared has one degree of freedom and
    Edwards' (1948) correction for continuity. Both take rows for independent: where a model has whole articles right or wrong,
    p is too small, and that of the bootstrap over articles is the one to go by.
    """
    discordant = only_first + only_second
    if discordant < FEW_DISCORDANT:
        p = float(binomtest(only_first, discordant).pvalue) if discordant else 1.0
        return McNemar(only_first, only_second, None, p)
    # Corrected towards no difference, not past it.
    statistic = max(abs(only_first - only_second) - 1, 0) ** 2 / discordant
    return McNemar(only_first, only_second, statistic, float(chi2.sf(statistic, 1)))


def holm(p: Sequence[float]) -> list[float]:
    """The p of several tests, adjusted so that all of them together err as often as one (Holm 1979), in the given order."""
    values = np.asarray(p, float)
    order = np.argsort(values, kind="stable")
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1)), 1)
    return adjusted.tolist()


def report(comparison: Comparison) -> str:
    """The comparison as Markdown: a table of models and one of pairs."""
    lines = [
        f"{comparison.rows} rows of {comparison.articles} articles; intervals (95%) and p by bootstrap over articles",
        "",
        "| model | macro-F1 | accuracy |",
        "| --- | --- | --- |",
        *(
            f"| {m.name} | {m.macro_f1:.3f} ({m.interval[0]:.3f} to {m.interval[1]:.3f}) | {m.accuracy:.3f} |"
            for m in comparison.models
        ),
        "",
    ]
    rows = [_cells(pair) for pair in comparison.pairs]
    # Of one pair there is nothing to correct.
    columns = [c for c in rows[0] if len(rows) > 1 or "Holm" not in c]
    lines += ["| " + " | ".join(columns) + " |", "| --- " * len(columns) + "|"]
    lines += ["| " + " | ".join(row[c] for c in columns) + " |" for row in rows]
    return "\n".join(lines)


def _cells(pair: Pair) -> dict[str, str]:
    d, m = pair.macro_f1, pair.mcnemar
    return {
        "first": pair.first,
        "second": pair.second,
        "macro-F1, first minus second": f"{d.value:+.3f} ({d.interval[0]:+.3f} to {d.interval[1]:+.3f})",
        "p": _p(d.p),
        "p (Holm)": _p(pair.macro_f1_p_holm),
        "only the first right": str(m.only_first),
        "only the second right": str(m.only_second),
        "McNemar's p": _p(m.p) + (" (exact)" if m.statistic is None else ""),
        "McNemar's p (Holm)": _p(pair.mcnemar_p_holm),
    }


def _low_high(drawn: np.ndarray) -> tuple[float, float]:
    low, high = percentile_interval(drawn)
    return float(low), float(high)


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
