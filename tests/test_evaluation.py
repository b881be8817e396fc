"""Evaluation as a user gets it: stored predictions, slices, comparison, cross-validation, the folder, and the commands."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, matthews_corrcoef, precision_recall_fscore_support

from stance.training import evaluation
from stance.training.evaluation import command, crossvalidation, spans
from stance.training.evaluation.errors import ranked_errors
from stance.training.evaluation.scored import TEXT_COLUMNS, ScoredMentions, head_of
from stance.training.evaluation.scores import score
from stance.training.evaluation.slices import Seen, grouped, slices_of
from stance.training.evaluation.systems import folds, names_a_system
from stance.training.labelled.corpus import ARTICLES, Document, LabelledMention, LabelledSentence, articles

LABELS = ("for", "against", "none")


def scored(
    model: str = "a", rows: int = 400, right: float = 0.7, seed: int = 0, slices: dict | None = None, articles: int = 50
) -> ScoredMentions:
    """A model that is right so often. The true labels are the same for every model and seed."""
    truths, rng = np.random.default_rng(7), np.random.default_rng(seed)
    truth = truths.choice(3, rows, p=[0.5, 0.3, 0.2])
    guess = np.where(rng.random(rows) < right, truth, rng.integers(3, size=rows))
    table = rng.dirichlet(np.ones(3), rows) + 1.2 * np.eye(3)[guess]
    table /= table.sum(1, keepdims=True)
    text = {c: [None] * rows for c in TEXT_COLUMNS}
    text |= {
        "article_id": [f"article {i % articles}" for i in range(rows)],
        "sentence": [f"=Sentence <b>{i}</b> | of *text*" for i in range(rows)],
        "actor": [f"actor {i % 9}" for i in range(rows)],
        "mention": [f"actor {i % 9}" for i in range(rows)],
        "mention_start": [0] * rows,
        "sentence_start": [0] * rows,
    }
    given = [dict(zip(LABELS, row.tolist(), strict=True)) for row in table]
    head = head_of(LABELS, [LABELS[t] for t in truth], [LABELS[g] for g in guess], given)
    return ScoredMentions(model, "made up", text, {"stance": head}, slices or {})


# --- scores ---------------------------------------------------------------------------------------------------------


def test_every_score_of_an_evaluation_is_scikit_learn_s():
    table = scored()
    head = table.heads["stance"]
    h = score(table, samples=200)["stance"]
    found = {k: e.value for k, e in h.metrics.items()}
    for average in ("macro", "micro", "weighted"):
        assert found[f"{average}_f1"] == pytest.approx(f1_score(head.truth, head.guess, average=average))
    assert found["accuracy"] == pytest.approx(accuracy_score(head.truth, head.guess))
    assert found["matthews"] == pytest.approx(matthews_corrcoef(head.truth, head.guess))
    assert found["kappa"] == pytest.approx(cohen_kappa_score(head.truth, head.guess))
    each = precision_recall_fscore_support(head.truth, head.guess, labels=[0, 1, 2])
    for i, label in enumerate(LABELS):
        p = h.per_label[label]
        assert [p["precision"].value, p["recall"].value, p["f1"].value, p["support"]] == pytest.approx([x[i] for x in each])
    assert all(e.low <= e.value <= e.high for e in h.metrics.values())


def test_a_label_that_the_model_lacks_is_wrong_and_not_left_out():
    head = head_of(("for",), ["for", "against", "for", None], ["for", "for", None, "for"])
    table = ScoredMentions("m", "s", {**{c: [None] * 4 for c in TEXT_COLUMNS}, "sentence": [""] * 4}, {"stance": head})
    h = score(table, samples=100)["stance"]
    assert (h.rows, h.metrics["accuracy"].value) == (3, pytest.approx(1 / 3))
    # What got no label is a miss of its own label, and a false alarm of none.
    assert h.per_label["for"]["precision"].value == 0.5 and h.per_label["for"]["recall"].value == 0.5
    assert h.per_label["against"]["recall"].value == 0


def test_a_slice_has_the_scores_of_its_rows_and_a_bad_one_is_marked():
    base = scored(rows=1200, articles=150)
    head = base.heads["stance"]
    hard = ["hard" if i % 4 == 0 else "easy" for i in range(1200)]
    guess = np.where(np.array(hard) == "hard", (head.truth + (np.arange(1200) % 8 < 4)) % 3, head.truth)
    table = scored(rows=1200, articles=150, slices={"kind": hard, "lot": ["x" if i % 3 else "y" for i in range(1200)]})
    table.heads["stance"].guess[:] = guess
    found = {(s.name, s.value): s for s in score(table, samples=500)["stance"].slices}
    rows = np.array(hard) == "hard"
    assert found["kind", "hard"].accuracy.value == pytest.approx((guess == head.truth)[rows].mean())
    assert found["kind", "hard"].macro_f1.value == pytest.approx(f1_score(head.truth[rows], guess[rows], average="macro"))
    assert found["kind", "hard"].gap.value == pytest.approx((guess == head.truth)[rows].mean() - 1)
    assert [k for k, s in found.items() if s.clearly_worse] == [("kind", "hard")]


def test_slices_of_no_difference_are_rarely_marked():
    """At most one evaluation in twenty may mark a slice where all slices are alike."""
    marked = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        columns = {f"column {k}": rng.choice(["a", "b", "c"], 300).tolist() for k in range(5)}
        table = scored(rows=300, seed=seed, slices=columns)
        marked += any(s.p < 0.05 for s in score(table, samples=200, seed=seed)["stance"].slices)
    assert marked <= 8


def test_a_user_s_column_of_numbers_is_cut_in_quarters_and_of_many_words_the_rest_is_put_together():
    assert grouped([str(y) for y in (1990, 1991)] * 3) == ["1990", "1991"] * 3
    assert sorted(set(grouped([str(i) for i in range(100)]))) == ["0 to 24.75", "24.75 to 49.5", "49.5 to 74.25", "74.25 to 99"]
    words = grouped([f"w{i}" for i in range(30)] + ["often"] * 5 + [None])
    assert {"often", "(others)", None} <= set(words) and len(set(words)) == 13


def document(text: str, *mentions: tuple, id: str = "one", cue: str = "") -> Document:
    found = []
    for words, actor, stance, *rest in mentions:
        at = text.index(words)
        place = (text.index(cue), text.index(cue) + len(cue)) if cue else None
        found.append(LabelledMention(at, at + len(words), actor, stance, None, place, rest[0] if rest else {}))
    return Document(id, "table", text, [(0, len(text))], {0: LabelledSentence(0, len(text), found)})


def test_what_a_mention_is_sliced_by():
    d = document(
        "Yesterday the Kremlin did not deny it, and Jan Holm said I knew.",
        ("the Kremlin", "Kremlin", "unknown", {"outlet": "Post"}),
        ("Jan Holm", "Jan Holm", "confirming", {"outlet": "Times"}),
        ("I", "Jan Holm", "confirming", {"outlet": "Times"}),
        cue="said",
    )
    other = document("Holm denied.", ("Holm", "Jan Holm", "denying", {"outlet": "Post"}), id="two", cue="denied")
    seen = Seen.of([other], "other")
    found = slices_of(evaluation.rows_of([d, other]), seen)
    assert found["mention"] == ["name", "name", "pronoun", "short name"]
    assert found["actors in the sentence"] == ["2", "2", "2", "1"]
    assert found["speaker and cue"] == ["before the cue", "before the cue", "after the cue", "before the cue"]
    assert found["place in the sentence"] == ["middle", "middle", "middle", "start"]
    assert found["negation in the sentence"] == ["yes", "yes", "yes", "no"]
    assert found["actor in training"] == ["unseen", "seen", "seen", "seen"]
    assert found["cue in training"] == ["unseen", "unseen", "unseen", "seen"]
    assert found["sentence in training"] == ["unseen"] * 3 + ["seen"]
    assert found["outlet"] == ["Post", "Times", "Times", "Post"]
    assert "subject" not in found  # neither document has one


def test_errors_come_with_the_surest_first():
    table = scored()
    found = ranked_errors(table, "stance")
    sure = [e.confidence for e in found]
    assert sure == sorted(sure, reverse=True) and all(e.truth != e.guess for e in found)
    assert len(found) == int((table.heads["stance"].truth != table.heads["stance"].guess).sum())


# --- finding mentions -----------------------------------------------------------------------------------------------


class Found:
    """A prediction of ``analyze``."""

    def __init__(self, start, end, stance="unknown", sentiment=None):
        self.mention_start, self.mention_end, self.stance, self.sentiment = start, end, stance, sentiment


def test_found_mentions_on_a_worked_example():
    text = "Ann denied it. Ben and Cy left."
    d = document(text, ("Ann", "Ann", "denying"), ("Ben", "Ben", "unknown"), ("Cy", "Cy", "unknown"))
    got = [Found(0, 3, "denying"), Found(15, 22, "unknown"), Found(24, 26, "warning"), Found(26, 31, "unknown")]
    counts = spans.article_counts(d, got)
    assert counts[spans.EXACT] == (1, 3, 4)
    assert counts[spans.OVERLAPPING] == (3, 3, 4)
    assert counts[spans.WITH_STANCE] == (2, 3, 4)
    # Of the one mention with a position, found; the false mention has none, so nothing false holds one.
    assert counts[spans.POSITION] == (1, 1, 1)


# --- stored predictions ---------------------------------------------------------------------------------------------


def test_stored_predictions_give_the_same_scores_again(tmp_path):
    sets = [scored("a", slices={"outlet": ["x", "y"] * 200}), scored("b", seed=2, right=0.5)]
    evaluation.write_predictions(sets, tmp_path / "p.parquet")
    first = evaluation.Evaluation("a", [evaluation.evaluate_scored(sets, samples=300)], samples=300)
    again = evaluation.evaluate(str(tmp_path / "p.parquet"), samples=300)
    one, two = evaluation.metrics(first), evaluation.metrics(again)
    assert json.dumps(one["sets"]["made up"]["comparisons"]) == json.dumps(two["sets"]["made up"]["comparisons"])
    a, b = (x["sets"]["made up"]["systems"]["a"]["stance"] for x in (one, two))
    assert (a["metrics"], a["confusion"], a["slices"]) == (b["metrics"], b["confusion"], b["slices"])
    assert a["calibration"]["brier"]["value"] == pytest.approx(b["calibration"]["brier"]["value"], abs=1e-5)


def test_sets_whose_articles_are_numbers_and_words_are_written_read_and_written_again(tmp_path):
    one, two = scored(), scored()
    one.text["article_id"][:] = [str(i % 50) for i in range(400)]
    sets = [one, ScoredMentions("a", "other", two.text, two.heads)]
    evaluation.write_predictions(sets, tmp_path / "p.parquet")
    again = evaluation.read_predictions(tmp_path / "p.parquet")
    evaluation.write_predictions(again, tmp_path / "q.parquet")
    assert [s.text["article_id"][1] for s in evaluation.read_predictions(tmp_path / "q.parquet")] == ["1", "article 1"]
    assert len(evaluation.align([one, again[0]])[0]) == 400


def test_a_table_of_one_s_own_needs_no_more_than_two_columns(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("true_stance,stance\nfor,for\nagainst,for\nfor,\n,for\n", encoding="utf-8")
    h = evaluation.evaluate(str(path), samples=100).sets[0].first.heads["stance"]
    assert (h.rows, h.articles, h.metrics["accuracy"].value, h.calibration) == (3, 3, pytest.approx(1 / 3), None)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("stance\nfor\n", "it needs the columns true_stance and stance"),
        ("true_stance,stance,p_for\nfor,for,high\n", "'high' stands where a number has to be"),
        ("true_stance,stance\n", "no predictions|no rows"),
    ],
)
def test_predictions_that_cannot_be_used_are_told_in_one_line(tmp_path, content, told):
    (tmp_path / "mine.csv").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=told) as caught:
        evaluation.evaluate(str(tmp_path / "mine.csv"))
    assert "\n" not in str(caught.value) and "mine.csv" in str(caught.value)


# --- comparison -----------------------------------------------------------------------------------------------------


def test_predictions_of_two_files_are_compared_on_the_rows_that_both_have(tmp_path):
    better, worse = scored("better", right=0.9), scored("worse", right=0.5, seed=3)
    evaluation.write_predictions([better], tmp_path / "one.parquet")
    evaluation.write_predictions([worse.take(list(range(399, 49, -1)))], tmp_path / "two.parquet")  # fewer, in another order
    compared = evaluation.compare([str(tmp_path / "one.parquet"), str(tmp_path / "two.parquet")], samples=300)
    ((heads),) = compared.values()
    (pair,) = heads["stance"].pairs
    assert heads["stance"].rows == 350 and pair.macro_f1.value > 0.2 and pair.macro_f1.p < 0.05 and pair.mcnemar.p < 0.05
    t, g = (x[50:] for x in (better.heads["stance"].truth, worse.heads["stance"].guess))
    assert heads["stance"].models[1].macro_f1 == pytest.approx(f1_score(t, g, average="macro"))


def test_the_comparison_is_a_page_too(tmp_path, capsys):
    names = ("<b>one</b>", "two", "three")
    for k, name in enumerate(names):
        evaluation.write_predictions([scored(name, right=(0.9, 0.5, 0.88)[k], seed=k)], tmp_path / f"{k}.parquet")
    command.compare([str(tmp_path / f"{k}.parquet") for k in range(3)], None, tmp_path / "out", [], None, 300, 0, 1)
    assert "report.html" in capsys.readouterr().out
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<b>one" not in page and "&lt;b&gt;one&lt;/b&gt; has the best macro-F1" in page
    assert "better than two by more than chance" in page and "Against three the difference may be chance" in page
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", page)


def test_predictions_without_rows_together_or_with_other_labels_are_refused(tmp_path):
    one, two = scored("a"), scored("b")
    two.text["sentence"][:] = [f"another {i}" for i in range(400)]
    with pytest.raises(ValueError, match="no row together"):
        evaluation.align([one, two])
    two = scored("b")
    two.heads["stance"].truth[0] = (two.heads["stance"].truth[0] + 1) % 3
    with pytest.raises(ValueError, match="other true labels of stance"):
        evaluation.align([scored("a"), two])


def test_models_and_data_are_told_apart(tmp_path):
    (tmp_path / "data.csv").write_text("sentence,actor,stance\nx,y,z\n", encoding="utf-8")
    (tmp_path / "stored.csv").write_text("true_stance,stance\nz,z\n", encoding="utf-8")
    named = ("default", "baseline:tfidf", "owner/name", tmp_path / "data.csv", tmp_path / "stored.csv")
    assert [names_a_system(str(p)) for p in named] == [True, True, True, False, True]
    assert not names_a_system(str(ARTICLES))


# --- cross-validation -----------------------------------------------------------------------------------------------


def test_folds_hold_whole_articles_and_about_as_many_rows():
    rng = np.random.default_rng(0)
    groups = [f"a{g}" for g in rng.integers(40, size=500)]
    found = folds(groups, 5, seed=3)
    assert sorted(i for fold in found for i in fold) == list(range(500))
    assert all(len({k for k, fold in enumerate(found) if any(groups[i] == g for i in fold)}) == 1 for g in set(groups))
    assert max(map(len, found)) - min(map(len, found)) < 25
    assert found != folds(groups, 5, seed=4)


def toy_documents(articles: int = 12) -> list[Document]:
    lines = {"against": "{} rejected the plan of the city.", "for": "{} praised the plan of the city."}
    return [
        document(line.format(f"Actor{i}"), (f"Actor{i}", f"Actor{i}", label), id=f"{i}-{label}")
        for i in range(articles)
        for label, line in lines.items()
    ]


def test_cross_validation_answers_each_row_once_without_its_article():
    asked: list[str] = []

    def fit(documents, seed):
        taught = {d.id for d in documents}

        def answer(name, here):
            assert not taught & {d.id for d in here}
            asked.extend(d.id for d in here)
            return evaluation.Baseline("baseline:tfidf", crossed=False).score(
                name, here, evaluation.TrainingData(documents, "rest")
            )

        return answer

    found = crossvalidation.cross_validate(toy_documents(), fit, "toy", 4, seeds=(1, 2), progress=False)
    assert len(found.runs) == 8 and sorted(asked) == sorted([d.id for d in toy_documents()] * 2)
    assert [len(p) for p in found.pooled] == [24, 24]
    assert found.over_seeds("stance").mean == pytest.approx(1.0)
    with pytest.raises(ValueError, match="two articles"):
        crossvalidation.cross_validate(toy_documents(1)[:1], fit, "toy", progress=False)


def test_a_model_is_trained_for_a_fold_saved_loaded_and_asked(tiny_base):
    documents = articles(ARTICLES / "courts.txt")[:2]
    answer = crossvalidation.finetuned(str(tiny_base), changes={"epochs": 1, "precision": "float32"})(documents[:1], 1)
    found = answer("courts", documents[1:])
    assert len(found) == sum(1 for _ in documents[1].mentions()) and set(found.heads) == {"stance", "sentiment"}
    assert np.allclose(found.heads["stance"].probabilities.sum(1), 1, atol=1e-4)


def test_a_baseline_does_not_learn_from_what_it_is_measured_on():
    documents = toy_documents(4)
    lines = [document(f"Word{i} is here.", (f"Word{i}", "x", "for" if i % 2 else "against"), id=f"n{i}") for i in range(8)]
    leak = evaluation.TrainingData(lines, "the test set itself")
    alone = evaluation.Baseline("baseline:majority").score("s", lines, evaluation.TrainingData([*lines, *documents[:1]], "leak"))
    # All but one of the training documents are evaluated; what is left knows one label, so the set itself is cross-validated.
    assert len(alone.heads["stance"].guess) == 8
    found = evaluation.evaluate_sets([evaluation.Baseline("baseline:majority")], {"s": lines}, leak, samples=100)
    assert any("sentences that the test set itself hold" in note for note in found[0].notes)


# --- the folder -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("scores")
    sets = [scored("a", slices={"outlet": ["<i>x</i>", "y $1"] * 200}), scored("b", seed=2, right=0.5)]
    found = evaluation.Evaluation("<script>a</script>", [evaluation.evaluate_scored(sets, samples=200)], samples=200)
    evaluation.write(found, place)
    return place


def test_the_folder_holds_what_is_promised(folder):
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    plots = {
        f"plots/made-up-stance-{k}.{s}"
        for k in ("confusion", "reliability", "risk_coverage", "slices", "systems")
        for s in ("png", "svg")
    }
    assert names == {"metrics.json", "predictions.parquet", "errors.csv", "report.md", "report.html"} | plots
    found = json.loads((folder / "metrics.json").read_text())
    head = found["sets"]["made up"]["systems"]["a"]["stance"]
    assert found["schema"] == 1 and set(head["metrics"]["macro_f1"]) == {"value", "low", "high"}
    assert [s["value"] for s in head["slices"]] == ["y $1", "<i>x</i>"]
    rows = list(csv.DictReader((folder / "errors.csv").open(encoding="utf-8")))
    assert len(rows) == sum(map(sum, head["confusion"])) - sum(head["confusion"][i][i] for i in range(3))
    assert all(r["sentence"].startswith("'=") for r in rows)


def test_the_page_is_one_file_and_escapes_what_is_not_its_own(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script>a" not in page and "<i>x" not in page and "<b>1" not in page and "&lt;b&gt;" in page
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", page) and "url(http" not in page
    for question in ("How good?", "How sure?", "Where does it fail?", "Against what?"):
        assert question in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for used in re.findall(r"url\(#([^)]+)\)", page):
        assert used in ids


def test_the_report_shows_text_as_it_is(folder):
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert "&lt;i&gt;x&lt;/i&gt;" in text and "\\*text\\*" in text and "\\| of" in text
    assert "where it fails" in text and "against what" in text and "the surest errors" in text


# --- the shipped model and the commands -----------------------------------------------------------------------------


def test_the_shipped_model_on_a_table_beside_the_baselines(classifier, tmp_path):
    path = tmp_path / "mine.csv"
    lines = ["article,sentence,actor,stance,outlet"]
    for i in range(12):
        lines += [
            f"a{i},Ada Holm{i} denied the claim.,Ada Holm{i},denying,Post",
            f"a{i},Jan Berg{i} said it was true.,Jan Berg{i},confirming,Times",
        ]
    path.write_text("\n".join([*lines, "a1,,Nobody,denying,Post"]), encoding="utf-8")
    found = evaluation.evaluate("default", [path], samples=200)
    (s,) = found.sets
    assert [x.name for x in s.systems] == ["stance-default", "baseline:majority", "baseline:lexicon", "baseline:tfidf"]
    assert s.first.heads["stance"].macro_f1.value > 0.9
    assert {x.name for x in s.first.heads["stance"].slices} >= {"outlet", "words in the sentence"} - {"words in the sentence"}
    assert any("1 of 25 rows are left out" in note and "no sentence" in note for note in s.notes)
    assert s.comparisons["stance"].pairs[0].first == "stance-default"


def test_the_command_prints_the_headline_and_writes_the_card(classifier, tmp_path, capsys):
    import shutil

    from stance.training.evaluation import command

    model = tmp_path / "model"
    shutil.copytree(classifier.checkpoint.folder, model)
    (tmp_path / "articles").mkdir()
    text = (ARTICLES / "courts.txt").read_text(encoding="utf-8")
    (tmp_path / "articles" / "a.txt").write_text(
        "# article:" + "# article:".join(text.split("# article:")[1:3]), encoding="utf-8"
    )
    command.evaluate(str(model), [tmp_path / "articles"], None, None, samples=100, card=True, command="stance evaluate model")
    printed = capsys.readouterr().out
    assert (
        "Stance on given mentions, macro-F1:" in printed
        and "in sentences that the project's written articles hold too" in printed
    )
    card = (model / "README.md").read_text(encoding="utf-8")
    assert "Printed by `stance evaluate model`" in card and "| baseline:tfidf |" in card and "\n## Training" in card
    assert re.search(r"^### .*articles$", card, re.M)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["evaluate", "no-such-model"], "no-such-model"),
        (["evaluate", "default", "no-such.csv"], "no-such.csv"),
        (["evaluate", "baseline:none"], "no 'baseline:none'; the baselines are"),
        (["evaluate", "baseline:tfidf", "--folds", "3"], "cross-validation needs DATA"),
        (["evaluate", "baseline:tfidf", "--behaviour"], "cannot be put to behavioural tests"),
        (["compare", "default"], "two models or more"),
        (["agreement", "one.jsonl"], "two annotators or more"),
        (["check", "no-such.csv"], "no-such.csv"),
    ],
)
def test_what_a_user_can_mend_is_one_line(arguments, told, monkeypatch, capsys, tmp_path):
    from stance.cli import app

    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        app(arguments)
    error = capsys.readouterr().err
    assert stopped.value.code == 1 and error.count("\n") == 1 and error.startswith("stance: ") and told in error
