"""Agreement of annotators, against published worked examples and scikit-learn."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from stance.training.labelled import agreement
from stance.training.labelled.agreement import (
    annotated_mentions,
    cohen_kappa,
    disagreements,
    fleiss_kappa,
    krippendorff_alpha,
    labelled_by_both,
    report,
    same_mentions,
)
from stance.training.labelled.corpus import read_references
from stance.training.labelled.sources import DATA

# --- Krippendorff's alpha, from his Computing Krippendorff's Alpha-Reliability (2011) ---------------------------------


def units_of(*annotators: str) -> list[tuple[str | None, ...]]:
    """Annotators' labels, a character a unit (a dot: none), as units."""
    return [tuple(None if x == "." else x for x in unit) for unit in zip(*annotators, strict=True)]


def test_alpha_of_two_observers_and_binary_data():
    """Section A: ten units, alpha 0.095."""
    assert krippendorff_alpha(units_of("0100000010", "1110010000")) == pytest.approx(0.095, abs=0.0005)


def test_alpha_of_two_observers_and_nominal_data():
    """Section B: twelve units, alpha 0.692."""
    assert krippendorff_alpha(units_of("aabbdcccedda", "babbbccceddd")) == pytest.approx(0.692, abs=0.0005)


OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def test_alpha_of_four_observers_with_missing_data():
    """Section C: twelve units, alpha 0.743."""
    assert krippendorff_alpha(units_of(*OBSERVERS)) == pytest.approx(0.743, abs=0.0005)


def test_a_unit_with_one_label_counts_as_nothing():
    assert krippendorff_alpha(units_of(*OBSERVERS)[:11]) == krippendorff_alpha(units_of(*OBSERVERS))


def test_the_order_of_annotators_does_not_matter_to_alpha():
    assert krippendorff_alpha(units_of(*OBSERVERS[::-1])) == pytest.approx(krippendorff_alpha(units_of(*OBSERVERS)))


def test_alpha_at_its_ends():
    assert krippendorff_alpha([("a", "a"), ("b", "b")]) == 1
    assert krippendorff_alpha([("a", "b"), ("b", "a")]) < 0
    assert krippendorff_alpha([("a", "a"), ("a", "a")]) == 1
    assert np.isnan(krippendorff_alpha([("a", None)])) and np.isnan(krippendorff_alpha([]))


# --- kappa ------------------------------------------------------------------------------------------------------------


def test_fleiss_kappa_of_the_psychiatric_diagnoses_of_fleiss_1971():
    """Thirty patients, six psychiatrists, five diagnoses: kappa 0.430. Labels in the order of the R package irr."""
    patients = """444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445
                  333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"""
    assert fleiss_kappa(patients.split()) == pytest.approx(0.4302445, abs=1e-7)


def test_fleiss_kappa_needs_a_label_from_all():
    with pytest.raises(ValueError, match="the same number"):
        fleiss_kappa([("a", "b"), ("a", None)])
    with pytest.raises(ValueError, match="two or more"):
        fleiss_kappa([("a", None), (None, "b")])
    assert np.isnan(fleiss_kappa([("a", "a"), ("a", "a")]))


def test_cohen_kappa_of_the_example_of_artstein_and_poesio_2008():
    """Table 1: 20 and 50 the same, 20 and 10 not; kappa 0.348."""
    pairs = [("s", "s")] * 20 + [("s", "i")] * 20 + [("i", "s")] * 10 + [("i", "i")] * 50
    assert cohen_kappa(pairs) == pytest.approx(0.348, abs=0.0005)


def test_cohen_kappa_is_scikit_learn_s():
    first, second = np.random.default_rng(0).choice(list("abc"), (2, 90), p=(0.6, 0.3, 0.1)).tolist()
    assert cohen_kappa(list(zip(first, second, strict=True))) == pytest.approx(cohen_kappa_score(first, second))
    assert np.isnan(cohen_kappa([("a", "a")])) and np.isnan(cohen_kappa([]))


def test_only_what_both_labelled_counts_for_a_pair():
    units = units_of("ab.a", "aa.b", "..bb")
    assert labelled_by_both(units, 0, 1) == [("a", "a"), ("b", "a"), ("a", "b")]
    assert labelled_by_both(units, 1, 2) == [("b", "b")]


# --- mentions side by side --------------------------------------------------------------------------------------------


def mention(start: int, end: int, stance: str = "unknown", sentiment: str = "neutral") -> dict:
    return {"start": start, "end": end, "actor": f"actor {start}", "stance": stance, "sentiment": sentiment, "cue": None}


def sentence(start: int, *mentions: dict, article: str = "one") -> dict:
    return {"corpus": "persent", "article": article, "start": start, "end": start + 50, "mentions": list(mentions)}


def spans(found: list[tuple]) -> list[tuple]:
    return [tuple(m and (m["start"], m["end"]) for m in marks) for marks in found]


def test_the_larger_overlap_goes_first():
    found = same_mentions([[mention(0, 10)], [mention(8, 20), mention(0, 6)]])
    assert sorted(spans(found), key=str) == [((0, 10), (0, 6)), (None, (8, 20))]


def test_mentions_that_share_no_character_are_two():
    assert spans(same_mentions([[mention(0, 5)], [mention(5, 9)]])) == [((0, 5), None), (None, (5, 9))]


def test_three_annotators_mentions_meet_in_one():
    assert spans(same_mentions([[mention(0, 5)], [mention(3, 9)], [mention(6, 9)]])) == [((0, 5), (3, 9), (6, 9))]


def test_an_annotator_s_own_mentions_stay_apart():
    found = same_mentions([[mention(0, 4), mention(5, 9)], [mention(0, 9)], [mention(0, 9)]])
    assert len(found) == 2
    assert sum(marks[1] is not None for marks in found) == 1


def test_only_sentences_that_two_read_count():
    passes = [
        [sentence(0, mention(0, 5)), sentence(100, mention(0, 5))],
        [sentence(0, mention(0, 5)), sentence(200, mention(0, 5))],
        [sentence(0), sentence(300, mention(0, 5))],
    ]
    (found,) = annotated_mentions(passes)
    assert (found.sentence, found.span, found.read) == ((0, 50), (0, 5), (True, True, True))
    assert found.cells() == ["unknown/neutral", "unknown/neutral", "-"]
    assert found.labels("stance") == ["unknown", "unknown", None]


def three_passes() -> list[list[dict]]:
    return [
        [sentence(100, mention(3, 9, "denying"), mention(20, 25)), sentence(0, mention(1, 4))],
        [sentence(100, mention(0, 9, "warning"), mention(20, 25)), sentence(0, mention(1, 4))],
        [sentence(100, mention(3, 12, "denying", "negative"))],
    ]


def test_disagreements_are_different_labels_and_what_one_did_not_mark():
    found = disagreements(annotated_mentions(three_passes()))
    assert [(m.span, m.cells()) for m in found] == [
        ((100, 112), ["denying/neutral", "warning/neutral", "denying/negative"]),
        ((120, 125), ["unknown/neutral", "unknown/neutral", "-"]),
    ]


def write(path, rows: list[dict]):
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return str(path)


def test_command_writes_disagreements_side_by_side(tmp_path, capsys):
    files = [write(tmp_path / f"{name}.jsonl", rows) for name, rows in zip("abc", three_passes(), strict=True)]
    agreement.run([Path(f) for f in files], tmp_path / "found.tsv")
    with (tmp_path / "found.tsv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    assert rows == [
        ["corpus", "article", "sentence_start", "sentence_end", "mention_start", "mention_end", "actor", "a", "b", "c"],
        ["persent", "one", "100", "150", "100", "112", "actor 3", "denying/neutral", "warning/neutral", "denying/negative"],
        ["persent", "one", "100", "150", "120", "125", "actor 20", "unknown/neutral", "unknown/neutral", "-"],
    ]
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == (
        "stance: Krippendorff's alpha 0.571 on 3 mentions that two or more marked, Fleiss' kappa -0.500 on 1 that all marked"
    )
    assert printed[3:5] == ["a and b", "mentions: 3 and 3 marked, 3 by both, F1 1.000"]
    assert printed[8:10] == ["a and c", "mentions: 2 and 1 marked, 1 by both, F1 0.667"]


def test_files_of_the_same_name_are_named_whole(tmp_path):
    paths = [tmp_path / "x" / "pass.jsonl", tmp_path / "y" / "pass.jsonl.gz"]
    assert agreement.annotator_names(paths) == [str(p) for p in paths]
    assert agreement.annotator_names(paths[:1]) == ["pass"]


def test_one_annotator_and_a_missing_file_are_told_in_one_line(tmp_path):
    with pytest.raises(ValueError, match="two annotators"):
        agreement.run([tmp_path / "one.jsonl"])
    with pytest.raises((ValueError, OSError)):
        agreement.run([tmp_path / "one.jsonl", tmp_path / "two.jsonl"])


def test_the_passes_of_the_development_gold_agree():
    passes = [read_references(DATA / f"dev_gold_pass_{name}.jsonl") for name in "ab"]
    found = annotated_mentions(passes)
    stances = [m.labels("stance") for m in found]
    assert min(sum(m.marks[i] is not None for m in found) for i in (0, 1)) >= 600
    assert len(labelled_by_both(stances, 0, 1)) >= 600
    assert krippendorff_alpha(stances) > 0.9
    lines = report(found, ["a", "b"]).splitlines()
    assert [line.split(":")[0] for line in lines] == ["mentions", "stance", "sentiment"]
    assert lines[1].endswith(f"Krippendorff's alpha {krippendorff_alpha(stances):.3f}")


def test_tables_are_put_side_by_side_by_their_sentences(tmp_path, capsys):
    rows = ["Moscow denied it.,Moscow,against", '"=Oslo, at last, liked it.",Oslo,for', "Rome left.,Rome,none"]
    for name, order in (("anna", rows), ("ben", [rows[2], rows[1].replace(",for", ",against"), rows[0]])):
        (tmp_path / f"{name}.csv").write_text("\n".join(["sentence,actor,label", *order]), encoding="utf-8")
    agreement.run([tmp_path / "anna.csv", tmp_path / "ben.csv"], tmp_path / "found.tsv")
    assert "stance: the same label 66.7%" in capsys.readouterr().out
    (row,) = csv.DictReader((tmp_path / "found.tsv").open(encoding="utf-8"), delimiter="\t")
    assert (row["article"], row["anna"], row["ben"]) == ("'=Oslo, at last, liked it.", "for", "against")
