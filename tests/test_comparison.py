"""Comparing models: the tests against published examples, the bootstrap against simulated models that do not differ."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, chi2

from stance.training.evaluation.comparison import compare, difference, holm, mcnemar, report
from stance.training.evaluation.scored import ScoredHead
from stance.training.evaluation.scores import score_head
from stance.training.metrics import classification_scores

LABELS = ("confirming", "warning", "denying", "unknown")


def models(
    rng: np.random.Generator, articles: int, quality: dict[str, float]
) -> tuple[list[str], dict[str, list[str]], list[int]]:
    """Truth, predictions and articles of models to each of which some articles are easy, Beta(2, 0.5), and some hard."""
    groups = np.repeat(np.arange(articles), 1 + rng.poisson(4, articles))
    truth = rng.choice(4, len(groups), p=(0.3, 0.1, 0.15, 0.45))
    guesses = {}
    for name, share in quality.items():
        right = rng.random(len(groups)) < rng.beta(2, 0.5, articles)[groups] * share
        guess = np.where(right, truth, (truth + rng.integers(1, 4, len(groups))) % 4)
        guesses[name] = [LABELS[i] for i in guess]
    return [LABELS[i] for i in truth], guesses, groups.tolist()


# --- McNemar's test -------------------------------------------------------------------------------------------------


def test_mcnemar_of_the_presidential_approval_ratings_of_agresti_1990():
    """Page 350: 150 approved at first only, 86 later only; 17.3559 and p 3.099e-05, both without the correction undone here."""
    test = mcnemar(150, 86)
    uncorrected = ((test.statistic * 236) ** 0.5 + 1) ** 2 / 236
    assert uncorrected == pytest.approx(17.3559, abs=1e-4)
    assert chi2.sf(uncorrected, 1) == pytest.approx(3.099e-05, abs=1e-8)
    assert test.p == chi2.sf(63**2 / 236, 1) > 3.099e-05


def test_mcnemar_with_continuity_correction_as_mlxtend_documents_it():
    """Scenario B of its user guide (Raschka 2018): 25 and 15 discordant rows."""
    test = mcnemar(25, 15)
    assert (test.statistic, test.p) == pytest.approx((2.025, 0.154728923485))


def test_mcnemar_exact_as_mlxtend_documents_it():
    """Scenario A: 11 and 1."""
    test = mcnemar(11, 1)
    assert test.statistic is None
    assert test.p == pytest.approx(0.00634765625)


@pytest.mark.parametrize(("first", "second"), [(0, 6), (3, 9), (12, 12), (20, 4)])
def test_exact_mcnemar_is_twice_the_binomial_s_tail(first, second):
    assert mcnemar(first, second).p == pytest.approx(min(1, 2 * binom.cdf(min(first, second), first + second, 0.5)))
    assert mcnemar(first, second).p == mcnemar(second, first).p


def test_mcnemar_without_a_difference():
    assert mcnemar(0, 0).p == 1
    assert (mcnemar(30, 30).statistic, mcnemar(30, 30).p) == (0, 1)


def test_chi_squared_begins_near_where_the_exact_test_ends():
    exact, approximate = mcnemar(17, 7), mcnemar(18, 7)
    assert exact.statistic is None and approximate.statistic is not None
    assert approximate.p == pytest.approx(2 * binom.cdf(7, 25, 0.5), abs=0.005)


# --- Holm's correction ----------------------------------------------------------------------------------------------


def test_holm_as_pingouin_documents_it():
    assert holm([0.50, 0.003, 0.32, 0.054, 0.0003]) == pytest.approx([0.64, 0.012, 0.64, 0.162, 0.0015])


def test_holm_keeps_the_order_and_stays_a_probability():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([0.2]) == [0.2]


# --- the paired bootstrap -------------------------------------------------------------------------------------------


def test_p_and_interval_of_a_difference_agree():
    for shift in np.linspace(-3.5, 3.5, 29):
        found = difference(shift, np.random.default_rng(1).normal(shift, 1, 4000))
        if abs(found.p - 0.05) > 0.001:
            assert (found.p < 0.05) == (found.interval[0] > 0 or found.interval[1] < 0)


def test_p_of_a_difference_is_that_of_the_normal_and_never_zero():
    drawn = np.random.default_rng(2).normal(2.0, 1, 100_000)
    assert difference(2.0, drawn).p == pytest.approx(0.0455, abs=0.003)
    assert difference(-2.0, -drawn).p == difference(2.0, drawn).p
    assert difference(9.0, np.full(1999, 9.0)).p == 2 / 2000


def test_a_model_does_not_differ_from_itself():
    truth, guesses, groups = models(np.random.default_rng(0), 30, {"a": 0.9})
    (pair,) = compare(truth, {"a": guesses["a"], "b": guesses["a"]}, LABELS, groups).pairs
    assert (pair.macro_f1.value, pair.macro_f1.interval, pair.macro_f1.p, pair.mcnemar.p) == (0, (0, 0), 1, 1)


def test_each_model_s_score_and_interval_are_those_of_its_own_evaluation():
    truth, guesses, groups = models(np.random.default_rng(1), 40, {"a": 0.9, "b": 0.6})
    comparison = compare(truth, guesses, LABELS, groups)
    assert (comparison.rows, comparison.articles) == (len(truth), 40)
    for model in comparison.models:
        t, g = ([LABELS.index(x) for x in y] for y in (truth, guesses[model.name]))
        scores = classification_scores(t, g, LABELS)
        assert (model.macro_f1, model.accuracy) == pytest.approx((scores["macro_f1"], scores["accuracy"]))
        alone = score_head(ScoredHead(tuple(LABELS), np.array(t), np.array(g)), groups).macro_f1
        assert model.interval == (alone.low, alone.high)


def test_pairs_are_narrower_than_models_apart_and_find_the_better_one():
    truth, guesses, groups = models(np.random.default_rng(2), 120, {"good": 1.0, "worse": 0.8})
    comparison = compare(truth, guesses, LABELS, groups)
    (pair,) = comparison.pairs
    good, worse = comparison.models
    assert (pair.first, pair.second) == ("good", "worse")
    assert pair.macro_f1.value == pytest.approx(good.macro_f1 - worse.macro_f1)
    assert pair.macro_f1.p < 0.01 and pair.mcnemar.p < 0.01
    low, high = pair.macro_f1.interval
    assert 0 < low < pair.macro_f1.value < high
    assert high - low < (good.interval[1] - worse.interval[0]) - (good.interval[0] - worse.interval[1])


def test_the_first_and_the_second_change_places():
    truth, guesses, groups = models(np.random.default_rng(3), 60, {"a": 0.9, "b": 0.8})
    (pair,) = compare(truth, guesses, LABELS, groups).pairs
    (turned,) = compare(truth, dict(reversed(guesses.items())), LABELS, groups).pairs
    assert turned.macro_f1.value == pytest.approx(-pair.macro_f1.value)
    assert turned.macro_f1.interval == pytest.approx((-pair.macro_f1.interval[1], -pair.macro_f1.interval[0]))
    assert turned.macro_f1.p == pair.macro_f1.p
    assert (turned.mcnemar.only_first, turned.mcnemar.only_second) == (pair.mcnemar.only_second, pair.mcnemar.only_first)


def test_models_that_are_as_good_differ_in_one_of_twenty_comparisons():
    """400 seeded ones. McNemar's test, which takes the mentions of an article for independent, finds too many."""
    rng, by_articles, by_rows = np.random.default_rng(4), 0, 0
    for trial in range(400):
        truth, guesses, groups = models(rng, 80, {"a": 0.9, "b": 0.9})
        (pair,) = compare(truth, guesses, LABELS, groups, samples=400, seed=trial).pairs
        by_articles += pair.macro_f1.p < 0.05
        by_rows += pair.mcnemar.p < 0.05
    assert 0.02 <= by_articles / 400 <= 0.08 < by_rows / 400


def test_more_than_two_models_are_corrected():
    truth, guesses, groups = models(np.random.default_rng(5), 80, {"a": 1.0, "b": 0.9, "c": 0.6})
    pairs = compare(truth, guesses, LABELS, groups).pairs
    assert [(p.first, p.second) for p in pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [p.macro_f1_p_holm for p in pairs] == holm([p.macro_f1.p for p in pairs])
    assert [p.mcnemar_p_holm for p in pairs] == holm([p.mcnemar.p for p in pairs])
    against = compare(truth, guesses, LABELS, groups, reference="b").pairs
    assert [(p.first, p.second) for p in against] == [("b", "a"), ("b", "c")]


def test_what_cannot_be_compared_is_refused():
    truth, guesses, groups = models(np.random.default_rng(6), 5, {"a": 1.0, "b": 0.9})
    with pytest.raises(ValueError, match="two models"):
        compare(truth, {"a": guesses["a"]}, LABELS, groups)
    with pytest.raises(ValueError, match="b has 1 predictions"):
        compare(truth, {**guesses, "b": ["unknown"]}, LABELS, groups)
    with pytest.raises(ValueError, match="'c'.*a, b"):
        compare(truth, guesses, LABELS, groups, reference="c")


def test_report_is_two_tables():
    truth, guesses, groups = models(np.random.default_rng(7), 60, {"a": 1.0, "b": 0.9, "c": 0.2})
    lines = report(compare(truth, guesses, LABELS, groups)).splitlines()
    assert lines[0].startswith(f"{len(truth)} rows of 60 articles")
    tables = [[x for x in lines[2:7]], lines[lines.index("", 2) + 1 :]]
    assert [len(t) for t in tables] == [5, 5]
    for table in tables:
        assert len({line.count("|") for line in table}) == 1
    assert "McNemar's p (Holm)" in tables[1][0] and "< 0.001" not in tables[1][0]
    assert tables[1][3].startswith("| a | c | +0.")


def test_report_of_one_pair_has_nothing_corrected():
    truth, guesses, groups = models(np.random.default_rng(8), 60, {"a": 1.0, "b": 0.9})
    assert "Holm" not in report(compare(truth, guesses, LABELS, groups))
