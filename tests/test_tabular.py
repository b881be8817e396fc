"""Users' tables -> documents: columns, offsets, contexts, label sets, and what is left out and why."""

from __future__ import annotations

import csv
import json

import pytest

from stance.training.labelled import sources
from stance.training.labelled.tabular import Columns, label_order


@pytest.fixture
def table(tmp_path):
    def write(rows: list[dict], name: str = "data.csv"):
        path = tmp_path / name
        if name.endswith(".jsonl"):
            path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
        else:
            with open(path, "w", encoding="utf-8", newline="") as f:
                writer = csv.DictWriter(f, list(rows[0]), delimiter="\t" if name.endswith(".tsv") else ",")
                writer.writeheader()
                writer.writerows(rows)
        return path

    return write


def mentions(found) -> list[tuple]:
    return [(d.text[m.start : m.end], m.actor, m.stance, m.sentiment) for d in found.documents for _, m in d.mentions()]


def reasons(found) -> dict[int, str]:
    return {o.number: o.reason for o in found.left_out}


def test_rows_of_one_sentence_are_one_document_and_other_columns_are_kept(table):
    text = "Moscow denied the report, Oslo said."
    path = table(
        [
            {"Sentence": text, "Target": "Moscow", "Stance": "deny", "outlet": "A"},
            {"Sentence": text, "Target": "Oslo", "Stance": "support", "outlet": "B"},
        ]
    )
    found = sources.read_labelled([path], None)
    assert len(found.documents) == 1
    assert mentions(found) == [("Moscow", "Moscow", "deny", None), ("Oslo", "Oslo", "support", None)]
    (document,) = found.documents
    assert [m.attributes for _, m in document.mentions()] == [{"outlet": "A"}, {"outlet": "B"}]
    assert not document.labelled[0].complete and not any(m.cue_known for _, m in document.mentions())


@pytest.mark.parametrize("name", ["data.csv", "data.tsv", "data.jsonl"])
def test_offsets_context_and_given_columns(table, name):
    rows = [
        {"zin": "He denied it.", "wie": "Samarin", "van": 0, "tot": 2, "ervoor": "Samarin spoke. ", "oordeel": "nee", "n": 1},
        {"zin": "He left.", "wie": "Samarin", "van": 0, "tot": 2, "ervoor": "Samarin spoke.", "oordeel": "ja", "n": 2},
    ]
    columns = Columns(sentence="zin", actor="wie", start="van", end="tot", before="ervoor", stance="oordeel")
    found = sources.read_labelled([table(rows, name)], None, columns)
    assert mentions(found) == [("He", "Samarin", "nee", None), ("He", "Samarin", "ja", None)]
    first = found.documents[0]
    assert [first.text[a:b] for a, b in first.sentences] == ["Samarin spoke.", "He denied it."]
    assert list(first.labelled) == [1]


def test_whole_articles_with_offsets_or_with_their_sentence(table):
    body = "The dam held. " + "Nothing was lost there. " * 30 + "Bo Li warned of floods. He left."
    at = body.index("Bo Li")
    rows = [
        {"article_id": "x", "text": body, "sentence": "", "actor": "Bo Li", "start": at, "end": at + 5, "stance": "warns"},
        {"article_id": "x", "text": body, "sentence": "He left.", "actor": "Bo Li", "start": 0, "end": 2, "stance": "none"},
        {"article_id": "x", "text": body, "sentence": "", "actor": "Bo Li", "start": "", "end": "", "stance": "none"},
    ]
    found = sources.read_labelled([table(rows)], None)
    (document,) = found.documents
    assert document.id == "x" and document.text == body and len(document.sentences) == 33
    assert mentions(found) == [("Bo Li", "Bo Li", "warns", None), ("He", "Bo Li", "none", None)]
    assert "33 sentences" in reasons(found)[4]


def test_scored_rows_can_be_corrected_and_learnt_from(table, classifier):
    """What ``stance`` writes is a labelled table."""
    article = classifier.analyze("Oslo was calm. Moscow denied the report. Bo Li warned of floods.", "a")
    found = sources.read_labelled([table(list(article.rows()), "scored.jsonl")], None)
    assert not found.left_out
    assert [(m[0], m[2]) for m in mentions(found)] == [(p.mention, p.stance) for p in article.predictions]
    cues = [d.text[m.cue[0] : m.cue[1]] for d in found.documents for _, m in d.mentions() if m.cue]
    assert "denied" in cues


def test_what_cannot_be_used_is_left_out_with_its_row_and_reason(table):
    rows = [
        {"sentence": "Oslo agreed.", "actor": "Oslo", "stance": "yes", "start": ""},
        {"sentence": "Oslo agreed.", "actor": "Rome", "stance": "yes", "start": ""},
        {"sentence": "Oslo agreed.", "actor": "Oslo", "stance": "no", "start": ""},
        {"sentence": "Oslo agreed.", "actor": "Oslo", "stance": "yes", "start": ""},
        {"sentence": "", "actor": "Oslo", "stance": "yes", "start": ""},
        {"sentence": "Bern agreed.", "actor": "Bern", "stance": "", "start": ""},
        {"sentence": "Bern agreed.", "actor": "", "stance": "no", "start": ""},
        {"sentence": "Bern agreed.", "actor": "Bern", "stance": "NO", "start": "first"},
        {"sentence": "Kyiv did not.", "actor": "Kyiv", "stance": "no", "start": ""},
    ]
    for r in rows:
        r["end"] = ""
    found = sources.read_labelled([table(rows)], None)
    assert mentions(found) == [("Oslo", "Oslo", "yes", None), ("Kyiv", "Kyiv", "no", None)]
    told = reasons(found)
    assert "not in the sentence" in told[3] and "row 2 says 'yes'" in told[4] and "same as row 2" in told[5]
    assert told[6] == "no sentence" and told[7] == "no label" and told[8] == "no actor" and "whole numbers" in told[9]
    assert found.rows == 9
    assert any("'NO' (1) read as 'no'" in note for note in found.notes)


def test_a_broken_line_costs_no_other(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text('{"sentence": "Oslo agreed.", "actor": "Oslo", "stance": "yes"}\n{"sentence": \n')
    found = sources.read_labelled([path], None)
    assert len(mentions(found)) == 1 and list(reasons(found)) == [2]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (Columns(sentence="zin"), "no column 'zin'; it has words, actor, verdict"),
        (Columns(), "no column with the sentence; it has words, actor, verdict; name it with --sentence-column"),
        (Columns(sentence="words"), "no column with a label; it has words, actor, verdict; name it with --stance-column"),
        (Columns(sentence="words", stance="verdict", actor="who"), "no column 'who'"),
    ],
)
def test_a_wrong_column_is_one_line_that_names_those_there_are(table, columns, told):
    path = table([{"words": "Oslo agreed.", "actor": "Oslo", "verdict": "yes"}])
    with pytest.raises(ValueError) as caught:
        sources.read_labelled([path], None, columns)
    assert told in str(caught.value) and "data.csv" in str(caught.value) and "\n" not in str(caught.value)


def test_a_column_of_text_is_no_column_of_labels(table):
    path = table([{"sentence": f"Oslo agreed {i}.", "actor": "Oslo", "label": f"note {i}"} for i in range(60)])
    with pytest.raises(ValueError, match="'label' has 60 different values"):
        sources.read_labelled([path], None)


def test_a_label_column_of_sentiments_is_the_sentiment(table):
    path = table([{"sentence": "Oslo won.", "actor": "Oslo", "label": x} for x in ("positive",)])
    assert mentions(sources.read_labelled([path], None)) == [("Oslo", "Oslo", None, "positive")]


def test_labels_that_are_not_among_the_given_ones_are_left_out(table):
    path = table([{"sentence": f"{a} spoke.", "actor": a, "stance": s} for a, s in (("Oslo", "1"), ("Bern", "2"), ("Rome", "7"))])
    found = sources.read_labelled([path], None, labels={"stance": ["1", "2"]})
    assert [m[2] for m in mentions(found)] == ["1", "2"] and "none of the labels (1, 2)" in reasons(found)[4]


def test_a_dataset_saved_to_disk_names_its_classes(tmp_path):
    import datasets

    features = datasets.Features(
        {"text": datasets.Value("string"), "target": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes"])}
    )
    rows = {"text": ["Oslo agreed.", "Rome did not."], "target": ["Oslo", "Rome"], "label": [1, 0]}
    made = datasets.DatasetDict(train=datasets.Dataset.from_dict(rows, features))
    made["validation"] = made["train"].select([0])
    made.save_to_disk(tmp_path / "saved")
    assert [m[2] for m in mentions(sources.read_labelled([tmp_path / "saved"], None))] == ["yes", "no"]
    assert len(mentions(sources.read_labelled([f"{tmp_path / 'saved'}:validation"], None))) == 1
    with pytest.raises(ValueError, match="no split 'test'; it has train, validation"):
        sources.read_labelled([f"{tmp_path / 'saved'}:test"], None)


def test_a_hub_name_is_loaded_as_a_data_set(monkeypatch):
    import datasets

    made = datasets.Dataset.from_dict({"sentence": ["Oslo agreed."], "actor": ["Oslo"], "stance": ["yes"]})
    monkeypatch.setattr(datasets, "load_dataset", lambda name: datasets.DatasetDict(train=made) if name == "a/b" else 1 / 0)
    assert mentions(sources.read_labelled(["a/b"], None)) == [("Oslo", "Oslo", "yes", None)]
    with pytest.raises(ValueError, match="the data set c/d cannot be read"):
        sources.read_labelled(["c/d"], None)


def test_the_projects_labels_keep_their_order():
    assert label_order("stance", ["query", "unknown", "confirming"]) == ("confirming", "unknown", "query")
