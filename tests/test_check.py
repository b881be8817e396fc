"""stance check: mistakes that were put into labelled text are found."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from stance.training.evaluation.rows import rows_of
from stance.training.labelled import check
from stance.training.labelled.check import Problem, contradictions, duplicates, few_rows, near_duplicates, suspected, two_labels
from stance.training.labelled.corpus import articles

HEADER = "article,sentence,actor,stance\n"


def table(path, *lines: str):
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def kinds(problems) -> list[str]:
    return [p.kind for p in problems]


def test_a_sentence_of_two_splits_is_found_whatever_its_case_and_quotes(tmp_path):
    train = table(
        tmp_path / "train.csv", "a1,Moscow denied the report on Monday.,Moscow,no", "a2,Oslo agreed to it at last.,Oslo,yes"
    )
    test = table(tmp_path / "test.csv", "b1,MOSCOW denied  the report on Monday,MOSCOW,no", "b2,Rome agreed to that.,Rome,yes")
    found = check.check([train, test], label_errors=False)
    (problem,) = [p for p in found.problems if "duplicate" in p.kind]
    assert problem.kind == "duplicate across splits" and "train.csv" in problem.what and "test.csv" in problem.what
    assert found.certain


def test_a_column_says_where_a_row_belongs(tmp_path):
    path = tmp_path / "one.csv"
    lines = ["a1,Moscow denied the report on Monday.,Moscow,no,train", "a2,Moscow denied the report on Monday.,Moscow,no,test"]
    path.write_text("article,sentence,actor,stance,split\n" + "\n".join(lines), encoding="utf-8")
    assert "duplicate across splits" in kinds(check.check([path], label_errors=False).problems)


def test_nearly_the_same_sentence_is_found_and_another_is_not(tmp_path):
    long = "The minister said on {} that the harbour would be closed for repairs until the end of the long winter season."
    path = table(
        tmp_path / "x.csv",
        f"a1,{long.format('Monday')},The minister,yes",
        f"a2,{long.format('Friday')},The minister,yes",
        "a3,The minister said on Monday that no harbour had ever been closed for so long a time in winter.,The minister,no",
    )
    rows = rows_of(check.check([path], label_errors=False).documents)
    (found,) = near_duplicates(rows, ["x"] * 3)
    assert found.kind == "near-duplicate across articles" and "Monday" in found.what and "Friday" in found.sentence
    assert kinds(near_duplicates(rows, ["train", "test", "test"])) == ["near-duplicate across splits"]


def test_two_labels_of_the_same_words_contradict(tmp_path):
    path = table(tmp_path / "x.csv", "a1,Oslo shrugged at the news.,Oslo,yes", "a2,Oslo shrugged at the news.,Oslo,no")
    rows = rows_of(check.check([path], label_errors=False).documents)
    (found,) = contradictions(rows)
    assert found.what == "stance no, but yes in a1"
    assert not list(two_labels(rows))


def test_unusable_rows_are_named_with_file_and_row(tmp_path):
    path = table(
        tmp_path / "x.csv", "a1,Oslo agreed.,Oslo,yes", "a2,,Oslo,yes", "a3,Rome agreed.,Paris,yes", "a4,Bonn agreed.,Bonn,"
    )
    found = check.check([path], label_errors=False)
    left = [p for p in found.problems if p.kind == "row left out"]
    assert [p.where.rsplit(" ", 1)[1] for p in left] == ["3", "4", "5"]
    assert "no sentence" in left[0].what and "Paris" in left[1].what and "no label" in left[2].what
    assert kinds(few_rows(found.rows)) == ["few rows of a label"]


def test_labels_that_were_turned_are_among_the_suspects(tmp_path):
    rng = np.random.default_rng(0)
    verbs = {"yes": ["agreed to", "praised", "backed", "welcomed"], "no": ["rejected", "denied", "opposed", "refused"]}
    lines, turned = [], set()
    for i in range(240):
        label = "yes" if i % 2 else "no"
        sentence = f"Actor{i} {rng.choice(verbs[label])} the plan for city {rng.integers(60)}."
        if i % 24 == 0:
            label, _ = ("yes" if label == "no" else "no"), turned.add(f"Actor{i}")
        lines.append(f"a{i // 3},{sentence},Actor{i},{label}")
    rows = rows_of(check.check([table(tmp_path / "x.csv", *lines)], label_errors=False).documents)
    found = suspected(rows)
    # A method of statistics: most of the ten, and hardly another of the 230.
    assert len({p.actor for p in found} & turned) >= 7 and len({p.actor for p in found} - turned) <= 5
    assert [p.suspicion for p in found] == sorted((p.suspicion for p in found), reverse=True)


def test_the_written_articles_are_clean_and_of_three_splits():
    checked = check.check_articles()
    assert not checked.certain and set(checked.split) == {"train", "dev", "test"}
    assert len(checked.documents) == len(articles())


def test_problems_go_into_a_table_that_no_spreadsheet_runs(tmp_path):
    check.write_problems([Problem("contradiction", "a", "=cmd()", "@x", "-1+1", 0.5)], tmp_path / "p.csv")
    (row,) = csv.DictReader((tmp_path / "p.csv").open(encoding="utf-8"))
    assert (row["what"], row["actor"], row["sentence"], row["suspicion"]) == ("'=cmd()", "'@x", "'-1+1", "0.5")


@pytest.mark.parametrize(("split", "kind"), [(["x", "x"], "articles"), (["x", "y"], "splits")])
def test_the_same_sentence_in_two_articles_is_a_duplicate(tmp_path, split, kind):
    path = table(tmp_path / "x.csv", "a1,Oslo shrugged at the news.,Oslo,yes", "a2,Oslo shrugged at the news.,Oslo,yes")
    rows = rows_of(check.check([path], label_errors=False).documents)
    assert kinds(duplicates(rows, split)) == [f"duplicate across {kind}"]
