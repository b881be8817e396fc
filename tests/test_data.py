"""The labelled text: the articles in the markup, and labels by reference joined to a corpus."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.checkpoint import default_folder
from stance.labels import SENTIMENTS, STANCES
from stance.training.corpora.reader import SOURCES, MissingCorpus, read_corpus
from stance.training.corpora.repair import repair
from stance.training.labelled import check
from stance.training.labelled.corpus import (
    ARTICLES,
    DATA,
    DEV_SUBJECTS,
    LABELS,
    TEST_SUBJECTS,
    Document,
    articles,
    join,
    read_references,
    splits,
)
from stance.training.labelled.sources import GOLD, held_out, load

MARKED = re.compile(r"\{\{([^={}|]+)(?:=([^{}|]*))?\|(\w+)\|(\w+)(?:\|([^{}|]*))?\}\}")
REFERENCES = sorted([*DATA.glob("*.jsonl"), LABELS])


@pytest.fixture(scope="module")
def written() -> list[Document]:
    return articles()


# --- the written articles -------------------------------------------------------------------------------------------


def test_written_articles_meet_the_demands(capsys):
    check.run([])
    printed = capsys.readouterr().out
    assert re.search(r"^mentions +\d{4,} of", printed, re.M)
    assert all(re.search(rf"^{part} +\d+ articles", printed, re.M) for part in ("train", "dev", "test"))


def test_too_small_a_collection_is_refused_with_what_is_asked(monkeypatch, tmp_path):
    line = "{{Ann|denying|neutral|shrugged}} shrugged.\n"
    (tmp_path / "ferries.txt").write_text(f"# article: a\n# region: Asia\n# style: wire\n{line}", encoding="utf-8")
    monkeypatch.setattr(check, "ARTICLES", tmp_path)
    with pytest.raises(ValueError) as caught:
        check.run([])
    told = str(caught.value).splitlines()
    assert "articles is 1, at least 150 is asked" in told
    assert "warning is 0, at least 0.15 is asked" in told
    assert "the cue 'shrugged' is 100.0% of mentions, at most 3% is asked" in told


def test_no_subject_is_on_two_sides(written):
    parts = splits(written)
    sides = Counter(subject for part in parts.values() for subject in {d.subject for d in part})
    assert parts["train"] and max(sides.values()) == 1
    assert {d.subject for d in parts["dev"]} == set(DEV_SUBJECTS)
    assert {d.subject for d in parts["test"]} == set(TEST_SUBJECTS)
    assert sorted(d.id for part in parts.values() for d in part) == sorted(d.id for d in written)


def test_offsets_of_written_articles_cut_what_was_marked(written):
    marked = Counter()
    for path in ARTICLES.glob("*.txt"):
        for text, actor, stance, sentiment, cue in MARKED.findall(path.read_text(encoding="utf-8")):
            words = cue.partition("/")[0].strip()
            marked[path.stem, text.strip(), actor.strip() or text.strip(), stance, sentiment, words] += 1
    cut = Counter(
        (d.subject, d.text[m.start : m.end], m.actor, m.stance, m.sentiment, d.text[slice(*m.cue or (0, 0))])
        for d in written
        for _, m in d.mentions()
    )
    assert cut == marked


def test_written_mentions_and_cues_lie_in_their_sentence(written):
    for d in written:
        for index, m in d.mentions():
            a, b = d.sentences[index]
            assert a <= m.start < m.end <= b
            assert m.cue is None or a <= m.cue[0] < m.cue[1] <= b


def test_written_sentences_are_the_lines_of_the_file(written):
    first = next(d for d in written if d.subject == "sport")
    lines = (ARTICLES / "sport.txt").read_text(encoding="utf-8").partition(f"# article: {first.id}\n")[2].splitlines()
    body = [line for line in lines if not line.startswith("# ")]
    plain = [MARKED.sub(lambda m: m[1].strip(), line) for line in body if line]
    assert [first.text[a:b] for a, b in first.sentences] == plain[: len(first.sentences)]


def test_an_empty_line_parts_paragraphs_and_a_space_sentences(tmp_path):
    header = "# article: a\n# region: Asia\n# style: wire\n"
    (tmp_path / "ferries.txt").write_text(f"{header}Ferries stop\n\nIt rained.\nGulls slept.\n", encoding="utf-8")
    (d,) = articles(tmp_path)
    assert d.text == "Ferries stop\n\nIt rained. Gulls slept."


# --- the shipped references -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", REFERENCES, ids=lambda p: p.name)
def test_shipped_references_are_sane_and_hold_no_text(path):
    rows = read_references(path)
    assert rows
    for row in rows:
        where = f"{path.name} {row['id']}"
        assert row.keys() <= {"id", "place", "corpus", "article", "start", "end", "drawn_as", "mentions"}, where
        length = row["end"] - row["start"]
        assert row["start"] >= 0 and length > 0, where
        for m in row["mentions"]:
            assert m.keys() == {"start", "end", "actor", "stance", "sentiment", "cue"}, where
            assert 0 <= m["start"] < m["end"] <= length, where
            assert m["cue"] is None or 0 <= m["cue"][0] < m["cue"][1] <= length, where
            assert m["actor"] and m["stance"] in STANCES and m["sentiment"] in SENTIMENTS, where


def test_every_position_in_the_development_gold_has_its_cue():
    mentions = [m for row in read_references(GOLD) for m in row["mentions"]]
    assert not [m for m in mentions if m["stance"] != "unknown" and not m["cue"]]


@pytest.mark.parametrize("path", REFERENCES, ids=lambda p: p.name)
def test_shipped_references_name_each_sentence_once(path):
    rows = read_references(path)
    assert max(Counter(r["id"] for r in rows).values()) == 1
    assert max(Counter((r["corpus"], r["article"], r["start"]) for r in rows).values()) == 1


@pytest.mark.parametrize("path", REFERENCES, ids=lambda p: p.name)
def test_an_actor_of_a_shipped_sentence_has_one_position(path):
    for row in read_references(path):
        positions = {(m["actor"], m["stance"], m["sentiment"]) for m in row["mentions"]}
        assert len(positions) == len({actor for actor, *_ in positions}), f"{path.name} {row['id']}"


def test_no_article_of_the_development_gold_is_trained_on():
    gold = {(r["corpus"], r["article"]) for r in read_references(GOLD)}
    assert {corpus for corpus, _ in gold} == {"polnear_dev", "persent"}
    for path in REFERENCES:
        if not path.name.startswith("dev_gold"):
            rows = read_references(path)
            assert not gold & {(r["corpus"], r["article"]) for r in rows}
            assert "polnear_dev" not in {r["corpus"] for r in rows}


def test_the_sentiment_of_persent_leaves_out_the_development_gold(tmp_path):
    gold = next(r["article"] for r in read_references(GOLD) if r["corpus"] == "persent")
    paragraph = {"text": "Ilse Brandt won the race.", "mentions": [[0, 11]], "sentiment": "positive"}
    with gzip.open(tmp_path / "persent.jsonl.gz", "wt", encoding="utf-8") as f:
        for name in ("invented", gold):
            f.write(json.dumps({"id": name, "paragraphs": [paragraph]}) + "\n")
    assert [d.id for d in load("persent_sentiment", tmp_path)] == ["invented"]


# --- a text made readable -------------------------------------------------------------------------------------------


def broken(word: str) -> str:
    return word.encode("utf-8").decode("latin-1")


LETTERS, GAPS = st.text("abcéßλ—’😀", min_size=1, max_size=6), st.sampled_from([" ", "  ", " \t ", "\n"])
WORDS = st.lists(st.tuples(LETTERS, GAPS), min_size=1)


def test_repair_mends_letters_and_runs_of_spaces():
    assert repair(f"The {broken('café')} was  shut \t today{broken('—')}again").text == "The café was shut today—again"


def test_repair_leaves_a_sound_text_alone():
    text = "Señor Ruiz said “no”.\nA\ttab, an  … and Â are fine"
    assert repair(text).text == text.replace("  ", " ")


@settings(max_examples=200, deadline=None, database=None)
@given(WORDS)
def test_words_keep_their_text_through_a_repair(words):
    text, places = "", []
    for word, gap in words:
        places.append((len(text), len(text) + len(broken(word)), word))
        text += broken(word) + gap
    repaired = repair(text)
    assert [repaired.text[repaired.position(a) : repaired.position(b)] for a, b, _ in places] == [w for *_, w in places]
    moved = [repaired.position(i) for i in range(len(text) + 1)]
    assert moved == sorted(moved) and moved[-1] == len(repaired.text)


@settings(max_examples=200, deadline=None, database=None)
@given(WORDS)
def test_each_repaired_character_is_found_in_the_original(words):
    repaired = repair("".join(broken(word) + gap for word, gap in words))
    places = range(len(repaired.text) + 1)
    assert [repaired.position(repaired.original(p)) for p in places] == list(places)


def test_original_inverts_position_beside_a_repair():
    repaired = repair(f"she  left {broken('Malmö')} early")
    places = [0, 1, 3, *range(6, 14), *range(17, 23)]
    assert [repaired.original(repaired.position(p)) for p in places] == places


@pytest.mark.parametrize(("text", "place"), [("she  left", 5), (f"{broken('Malmö')} today", 6)])
def test_original_inverts_position_at_the_end_of_a_repair(text, place):
    repaired = repair(text)
    assert repaired.original(repaired.position(place)) == place


# --- references joined to a corpus ----------------------------------------------------------------------------------

TEXT = f"The ferry was late.  Captain Moreau  denied {broken('“everything”')}. Two gulls watched. Nobody else came."


def corpus(folder: Path, *articles: tuple[str, str]) -> Path:
    with gzip.open(folder / "polnear_train.jsonl.gz", "wt", encoding="utf-8") as f:
        for name, text in articles or [("quay", TEXT)]:
            f.write(json.dumps({"id": name, "text": text, "attributions": []}) + "\n")
    return folder


def reference(first: str, last: str, *mentions: tuple, article: str = "quay", text: str = TEXT) -> dict:
    """A label from ``first`` to the end of ``last`` of the original text; mentions are (words, stance, cue)."""
    start, end = text.index(first), text.index(last) + len(last)
    sentence = text[start:end]

    def place(words: str) -> list[int]:
        return [sentence.index(words), sentence.index(words) + len(words)]

    return {
        "id": "r1",
        "place": "labels.jsonl:3",
        "corpus": "polnear",
        "article": article,
        "start": start,
        "end": end,
        "mentions": [
            {
                "start": place(words)[0],
                "end": place(words)[1],
                "actor": words,
                "stance": stance,
                "sentiment": "neutral",
                "cue": place(cue) if cue else None,
            }
            for words, stance, cue in mentions
        ],
    }


MOREAU = reference("Captain", "”".encode().decode("latin-1") + ".", ("Moreau", "denying", "denied"))


def test_join_cuts_mentions_and_cues_out_of_the_repaired_text(tmp_path):
    (d,) = join([MOREAU], corpus(tmp_path))
    assert d.text == "The ferry was late. Captain Moreau denied “everything”. Two gulls watched. Nobody else came."
    ((index, mention),) = d.mentions()
    assert d.text[slice(*d.sentences[index])] == "Captain Moreau denied “everything”."
    assert d.text[mention.start : mention.end] == "Moreau" and d.text[slice(*mention.cue)] == "denied"
    assert (mention.actor, mention.stance, mention.sentiment) == ("Moreau", "denying", "neutral")


def test_join_keeps_the_sentences_around_as_context(tmp_path):
    (d,) = join([MOREAU], corpus(tmp_path))
    assert [d.text[a:b] for a, b in d.sentences] == [
        "The ferry was late.",
        "Captain Moreau denied “everything”.",
        "Two gulls watched.",
        "Nobody else came.",
    ]
    assert list(d.labelled) == [1]


def test_join_gathers_the_labels_of_an_article(tmp_path):
    gulls = reference("Two", "watched.", ("Two gulls", "unknown", None))
    quay, pier = join([gulls, MOREAU, dict(MOREAU, article="pier")], corpus(tmp_path, ("pier", TEXT), ("quay", TEXT)))
    assert (quay.id, pier.id, quay.source) == ("quay", "pier", "polnear")
    assert [quay.text[m.start : m.end] for _, m in quay.mentions()] == ["Moreau", "Two gulls"]
    assert list(quay.labelled) == [1, 2] and list(pier.labelled) == [1]


def test_labelled_sentence_stays_as_it_was_labelled(tmp_path):
    (d,) = join([reference("gulls", "Nobody", ("gulls", "unknown", None))], corpus(tmp_path))
    (index,) = d.labelled
    assert d.text[slice(*d.sentences[index])] == "gulls watched. Nobody"
    assert [d.text[a:b].strip() for a, b in d.sentences[index - 1 :]] == ["Two", "gulls watched. Nobody", "else came."]
    assert all(b <= c for (_, b), (c, _) in zip(d.sentences, d.sentences[1:]))


def test_missing_corpus_is_one_line_with_the_file_and_its_origin(tmp_path):
    with pytest.raises(MissingCorpus) as caught:
        join([MOREAU], tmp_path)
    told = str(caught.value)
    assert "\n" not in told and told.startswith(f"{tmp_path / 'polnear_train.jsonl.gz'} is missing")
    assert "github.com/networkdynamics/PolNeAR" in told


def test_article_that_the_corpus_does_not_hold(tmp_path):
    with pytest.raises(ValueError, match="^labels.jsonl:3: polnear has no article 'jetty'; take it from PolNeAR"):
        join([dict(MOREAU, article="jetty")], corpus(tmp_path))


def with_mention(**changed) -> dict:
    return dict(MOREAU, mentions=[dict(MOREAU["mentions"][0], **changed)])


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(with_mention(start=-6, end=-1), id="mention before its sentence"),
        pytest.param(with_mention(start=60, end=66), id="mention after its sentence"),
        pytest.param(with_mention(start=9, end=8), id="mention turned round"),
        pytest.param(dict(MOREAU, start=1000, end=1036), id="sentence past the text"),
        pytest.param(dict(MOREAU, end=len(TEXT) + 500), id="sentence that ends past the text"),
        pytest.param(with_mention(cue=[900, 906]), id="cue past the text"),
        pytest.param(with_mention(cue=[50, 56]), id="cue past its sentence"),
    ],
)
def test_label_outside_the_text(tmp_path, row):
    with pytest.raises(ValueError, match="^labels.jsonl:3: .*the text is not the one that was labelled"):
        join([row], corpus(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jsonl", b'{"corpus": "persent"}\n', "a.jsonl:1: no 'article'"),
        ("a.jsonl", b'{"corpus": "x", "article": "1", "start": 0, "end": 1, "mentions": []}\n', "a.jsonl:1: no corpus 'x'"),
        ("a.jsonl", b"[1]\n", "a.jsonl:1: "),
        ("a.jsonl", b"\n{bad\n", "a.jsonl:2: broken JSON"),
        ("a.jsonl", b"", "a.jsonl: no labels in it"),
        ("a.jsonl.gz", b"no gzip", "a.jsonl.gz:1: broken JSON"),
        ("a.jsonl.gz", gzip.compress(GOLD.read_bytes())[:-30], "the gzip data is cut off here"),
        ("a.jsonl", b"\xff\xfe", "a.jsonl:1: holds bytes that are not UTF-8"),
    ],
)
def test_bad_references_name_the_file_and_the_line(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError) as caught:
        read_references(tmp_path / name)
    assert told in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"start": "0"}, 'start is "0"; it must be a whole number'),
        ({"start": True}, "start is true; it must be a whole number"),
        ({"corpus": ["polnear"]}, 'corpus is ["polnear"]; it must be text'),
        ({"mentions": 5}, "mentions is 5; it must be a list"),
        ({"mentions": ["Moreau"]}, 'mentions[0] is "Moreau"; it must be an object with start, end'),
        ({"mentions": [{"start": 0, "end": 1}]}, "no 'actor' in mentions[0]; give it start, end, actor"),
        ({"mentions": [dict(MOREAU["mentions"][0], stance=3)]}, "mentions[0].stance is 3; it must be text or null"),
        ({"mentions": [dict(MOREAU["mentions"][0], cue=[1])]}, "mentions[0].cue is [1]; it must be a list of 2"),
    ],
)
def test_a_reference_of_wrong_types_is_told_by_line_and_field(tmp_path, changed, told):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(MOREAU) + "\n\n" + json.dumps(MOREAU | changed) + "\n", encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        read_references(path)
    assert str(caught.value).startswith(f"{path}:3: {told}")


@pytest.mark.parametrize(
    ("name", "row", "told"),
    [
        ("persent", {"id": 5, "paragraphs": []}, "id is 5; it must be text"),
        ("persent", {"id": "5", "paragraphs": [{"text": "Gulls."}]}, "no 'mentions' in paragraphs[0]"),
        ("gap", {"id": "5", "text": "She.", "pronoun": [0, "3"], "names": []}, 'pronoun[1] is "3"; it must be a whole number'),
    ],
)
def test_a_corpus_of_another_form_is_told_by_line_with_the_remedy(corpora, name, row, told):
    folder = corpora(SOURCES[name].file.removesuffix(".jsonl.gz"), [row])
    with pytest.raises(ValueError) as caught:
        list(read_corpus(folder, name))
    message = str(caught.value)
    assert message.startswith(f"{folder / SOURCES[name].file}:1: {told}")
    assert message.endswith(f"make the file again: python -m stance.training.corpora.convert CLONES {folder}")


def test_corpora_that_are_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(MissingCorpus, match="file: no folder; give that of the public corpora"):
        join([MOREAU], tmp_path / "file")
    with pytest.raises(MissingCorpus, match="nowhere: no such folder; give that of the public corpora"):
        join([MOREAU], tmp_path / "nowhere")


def test_targets_of_one_article_of_newsmtsc_are_on_one_side():
    names = [f"allsides_{n}_7_3_{target}_0_5" for n in range(300) for target in ("Ann", "Bo", "Li")]
    sides = [held_out(Document(name, "newsmtsc", "", [])) for name in names]
    assert any(sides) and all(len(set(sides[k : k + 3])) == 1 for k in range(0, len(sides), 3))


def test_the_shipped_graphs_tell_nothing_of_the_machine_that_made_them():
    for graph in ("encoder.onnx", "heads.onnx"):
        content = (default_folder() / graph).read_bytes()
        assert b"site-packages" not in content and b'.py",' not in content
