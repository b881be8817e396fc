"""The authors' files -> the corpora, on invented files in their form, read back as training reads them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stance.training.corpora.convert import convert, gum_document
from stance.training.corpora.reader import SOURCES, read_corpus

NEWSMTSC = "NewsMTSC/NewsSentiment/controller_data/datasets/NewsMTSC-dataset"
CONLLU = """# newpar
1\tMs.\t_\t_\t_\t_\t_\t_\t_\tEntity=(1-person
2\tPohl\t_\t_\t_\t_\t_\t_\t_\tEntity=1)
3-4\tdidn't\t_\t_\t_\t_\t_\t_\t_\t_
3\tdid\t_\t_\t_\t_\t_\t_\t_\t_
4\tn't\t_\t_\t_\t_\t_\t_\t_\t_
5\tsail\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
6\t.\t_\t_\t_\t_\t_\t_\t_\t_

1\tShe\t_\t_\t_\t_\t_\t_\t_\tEntity=(1-person)
2\tslept\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
3\t.\t_\t_\t_\t_\t_\t_\t_\t_
"""


@pytest.fixture
def clones(tmp_path) -> Path:
    root = tmp_path / "clones"
    for split in ("train", "dev"):
        folder = root / "PolNeAR/data" / split
        put(folder / "text/quay.txt", "Li denied it.\r\nAll slept.\n")
        marks = "T1\tSource 0 2\tLi\nT2\tCue 3 9\tdenied\nT3\tContent 10 12\tit\nE1\tAttribution:T2 Source:T1 Cue:T2 Content:T3\n"
        put(folder / "attributions/quay_1.ann", marks)
    header = "DOCUMENT_INDEX,TITLE,TARGET_ENTITY,DOCUMENT,MASKED_DOCUMENT,TRUE_SENTIMENT,"
    header += ",".join(f"Paragraph{i}" for i in range(16))
    row = '7,A vote,Ann Li,"Ann Li won.\nGulls slept.","[TGT] won.\nGulls slept.",Positive,Positive,Neutral' + "," * 14
    held_out = row.replace("7,", "3991,", 1)
    for name in ("dev", "random_test", "fixed_test"):
        put(root / f"PerSenT/{name}.csv", f"{header}\n{row}\n{held_out}\n")
    columns = "ID\tText\tPronoun\tPronoun-offset\tA\tA-offset\tA-coref\tB\tB-offset\tB-coref\tURL\n"
    for name in ("development", "validation"):
        put(
            root / f"gap-coreference/gap-{name}.tsv",
            columns + "p\tAnn met Bea; she slept.\tshe\t13\tAnn\t0\tFALSE\tBea\t8\tTRUE\tu\n",
        )
    put(root / "gum/dep/GUM_news_quay.conllu", CONLLU)
    put(root / "gum/dep/GUM_fiction_quay.conllu", CONLLU)
    target = {"from": 0, "to": 2, "polarity": 6.0, "mention": "Li"}
    for name in ("train", "devtest_mt"):
        row = {"primary_gid": "g", "sentence_normalized": "Li won\u2028again.", "targets": [target]}
        put(root / f"{NEWSMTSC}/{name}.jsonl", json.dumps(row, ensure_ascii=False) + "\n")
    return root


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def test_every_corpus_is_read_back_with_its_offsets_in_place(clones, tmp_path):
    assert convert(clones, tmp_path / "out") == 0
    rows = {name: list(read_corpus(tmp_path / "out", name)) for name in SOURCES}
    text = rows["polnear"][0]["text"]
    roles = rows["polnear"][0]["attributions"][0]
    cut = {role: [text[a:b] for a, b in spans] for role, spans in roles.items()}
    assert cut == {"source": ["Li"], "cue": ["denied"], "content": ["it"]}
    assert [row["id"] for row in rows["persent"]] == ["7"] * 3, "an article that holds a held-out sentence is left out"
    assert rows["persent"][0]["paragraphs"] == [
        {"text": "Ann Li won.", "mentions": [[0, 6]], "sentiment": "positive"},
        {"text": "Gulls slept.", "mentions": [], "sentiment": "neutral"},
    ]
    (passage,) = rows["gap"]
    names = {passage["text"][slice(*n["span"])]: n["same"] for n in passage["names"]}
    assert passage["text"][slice(*passage["pronoun"])] == "she" and names == {"Ann": False, "Bea": True}
    assert [row["id"] for row in rows["gum"]] == ["GUM_news_quay"], "a genre under another licence is left out"
    assert [row["sentence_normalized"] for row in rows["newsmtsc"]] == ["Li won\u2028again."]


def test_gum_is_joined_from_its_tokens(clones):
    row = gum_document(clones / "gum/dep/GUM_news_quay.conllu")
    assert row["text"] == "Ms. Pohl didn't sail. She slept."
    assert [row["text"][a:b] for a, b in row["sentences"]] == ["Ms. Pohl didn't sail.", "She slept."]
    assert [[row["text"][a:b] for a, b in e["mentions"]] for e in row["entities"]] == [["Ms. Pohl", "She"]]


def test_a_clone_that_is_missing_or_of_another_form_costs_its_corpus_alone(clones, tmp_path, capsys):
    put(clones / "PerSenT/random_test.csv", "A,B\n1,2\n")
    (clones / f"{NEWSMTSC}/train.jsonl").unlink()
    assert convert(clones, tmp_path / "out") == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2 and "no field 'DOCUMENT_INDEX'; persent.jsonl.gz is left out: clone PerSenT" in told[0]
    assert "train.jsonl: missing; newsmtsc_train.jsonl.gz is left out: clone NewsMTSC" in told[1]
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {SOURCES[name].file for name in SOURCES if name not in ("persent", "newsmtsc")}
