"""The markup of the labelled articles: what it means, and what it says about a mistake."""

from pathlib import Path

import pytest

from stance.training.labelled.corpus import articles
from stance.training.labelled.markup import MarkupError, find_cue, parse_articles, parse_sentence

HEADER = "# article: ferry-strike\n# region: Europe\n# style: local\n"


def write(folder: Path, body: str, header: str = HEADER, name: str = "transport.txt") -> Path:
    path = folder / name
    path.write_text(header + body, encoding="utf-8")
    return path


def mistakes(folder: Path, body: str, header: str = HEADER) -> list[str]:
    with pytest.raises(MarkupError) as caught:
        parse_articles(write(folder, body, header))
    return str(caught.value).splitlines()


def test_mention_becomes_offsets_actor_labels_and_cue():
    sentence = parse_sentence("On Monday {{the pilots=Pilots Guild|denying|negative|rejected}} rejected the roster.")
    assert sentence.text == "On Monday the pilots rejected the roster."
    (mention,) = sentence.mentions
    assert sentence.text[mention.start : mention.end] == "the pilots"
    assert (mention.actor, mention.stance, mention.sentiment) == ("Pilots Guild", "denying", "negative")
    assert sentence.text[slice(*mention.cue)] == "rejected"


def test_actor_defaults_to_the_text_of_the_mention():
    sentence = parse_sentence("{{Ilse Brandt|unknown|neutral}} met {{them=Pilots Guild|unknown|neutral}}.")
    assert [m.actor for m in sentence.mentions] == ["Ilse Brandt", "Pilots Guild"]


def test_unknown_may_have_a_cue_and_may_go_without():
    sentence = parse_sentence("{{Orla|unknown|neutral|declined}} declined to name {{Finn|unknown|neutral}}.")
    assert [m.cue and sentence.text[slice(*m.cue)] for m in sentence.mentions] == ["declined", None]


def test_cue_may_lie_inside_a_mention():
    sentence = parse_sentence("{{worried growers=growers|warning|neutral|worried}} met in the barn.")
    assert sentence.mentions[0].cue == (0, 7)


def test_cue_is_the_occurrence_nearest_to_the_mention():
    sentence = parse_sentence("{{Orla|confirming|neutral|said}} said so, {{Finn|confirming|neutral|said}} said it too.")
    assert sentence.text == "Orla said so, Finn said it too."
    assert [m.cue for m in sentence.mentions] == [(5, 9), (19, 23)]


@pytest.mark.parametrize(("cue", "span"), [("no", (10, 12)), ("no/1", (0, 2)), ("no/2", (10, 12)), ("no/3", (18, 20))])
def test_numbered_cue_counts_from_the_first_in_the_sentence(cue, span):
    assert find_cue("no one at no, Ann no", cue, 7, 9) == span


def test_cue_matches_whole_words_only():
    assert find_cue("the notice said no", "no", 0, 3) == (16, 18)
    with pytest.raises(ValueError, match="not in the sentence as whole words; copy it letter by letter"):
        find_cue("the notice was late", "no", 0, 3)


@pytest.mark.parametrize(
    ("cue", "told"),
    [
        ("said/3", "occurrence 3 of 2; count from 1"),
        ("said/0", "occurrence 0 of 2"),
        ("said/last", "'said/last' is not in the sentence"),
    ],
)
def test_numbered_cue_that_is_not_there(cue, told):
    with pytest.raises(ValueError, match=told):
        find_cue("Ann said what Bo said", cue, 0, 3)


def test_numbered_cue_without_words_is_no_cue():
    with pytest.raises(ValueError):
        parse_sentence("{{Ann|confirming|neutral|/1}} sat.")


def test_cue_with_a_slash_of_its_own():
    assert find_cue("Ann signed/sealed it", "signed/sealed", 0, 3) == (4, 17)


def test_article_keeps_headers_and_paragraphs(tmp_path):
    path = write(tmp_path, "Ferries stop\n\nThe harbour was still.\nGulls slept.\n\nNobody came.\n")
    (article,) = parse_articles(path)
    found = (article.name, article.subject, article.region, article.style)
    assert found == ("ferry-strike", "transport", "Europe", "local")
    texts = [s.text for s in article.sentences]
    assert texts == ["Ferries stop", "The harbour was still.", "Gulls slept.", "Nobody came."]
    assert [s.new_paragraph for s in article.sentences] == [True, True, False, True]


def test_several_articles_in_a_file(tmp_path):
    path = write(tmp_path, "Ferries stop\n\n# article: ferry-deal\n# region: Oceania\n# style: wire\nFerries sail\n")
    found = [(a.name, a.region, [s.text for s in a.sentences]) for a in parse_articles(path)]
    assert found == [("ferry-strike", "Europe", ["Ferries stop"]), ("ferry-deal", "Oceania", ["Ferries sail"])]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "{{Ann|agreeing|neutral|said}} said so.",
            ["no stance 'agreeing'", "write one of confirming, warning, denying, unknown"],
        ),
        ("{{Ann|confirming|glad|said}} said so.", ["no sentiment 'glad'", "write one of negative, neutral, positive"]),
        ("{{Ann|confirming|neutral}} said so.", ["confirming needs the words that say so", "add |cue before the }}"]),
        ("{{Ann|warning|neutral|}} said so.", ["warning needs the words that say so", "add |cue before the }}"]),
        ("{{Ann|denying|neutral|denied}} said no.", ["'denied' is not in the sentence", "copy it letter by letter"]),
        ("{{Ann|confirming|neutral|Said}} said so.", ["'Said' is not in the sentence", "capitals too"]),
        ("{{Ann|confirming|neutral|said/2}} said so.", ["occurrence 2 of 1", "count from 1"]),
        ("{{the aide of {{Ann|unknown|neutral}}=aide|unknown|neutral}} sat.", ["is not a mention", "not nested"]),
        ("{{Ann}} sat.", ["is not a mention", "write {{text=Actor|stance|sentiment|cue}}"]),
        ("{{Ann|unknown|neutral|sat|down}} sat down.", ["is not a mention", "write {{text=Actor|stance|sentiment|cue}}"]),
        ("{{=Ann|unknown|neutral}} sat.", ["has no text", "write {{text=Actor|...}}"]),
        ("Ann sat } down.", ["a stray '}' near 'Ann sat } down.'", "a mention opens with {{ and closes with }}"]),
        ("{{Ann|unknown|neutral} sat.", ["a stray '{'", "closes with }}"]),
        ("Ann | Bo sat.", ["a stray '|'"]),
        ("Ann  sat.", ["spaces doubled", "write single spaces"]),
        ("Ann sat. ", ["at an end of the line", "write single spaces"]),
        (
            "{{Ann|confirming|neutral|said}} said {{she=Ann|unknown|neutral}} would go.",
            ["Ann is confirming/neutral elsewhere in this sentence", "one stance and sentiment"],
        ),
        ("{{Ann|unknown|neutral}} said {{she=Ann|unknown|negative}} would go.", ["Ann is unknown/neutral elsewhere"]),
    ],
)
def test_mistake_in_a_sentence_names_its_line_and_the_way_out(tmp_path, line, told):
    (mistake,) = mistakes(tmp_path, f"A headline\n\n{line}\nA last line.\n")
    assert mistake.startswith(f"{tmp_path / 'transport.txt'}:6: ")
    for words in told:
        assert words in mistake


def test_an_actor_may_change_position_in_the_next_sentence(tmp_path):
    path = write(tmp_path, "{{Ann|confirming|neutral|agreed}} agreed.\n{{Ann|denying|neutral|refused}} refused.\n")
    assert [m.stance for s in parse_articles(path)[0].sentences for m in s.mentions] == ["confirming", "denying"]


@pytest.mark.parametrize(
    ("header", "line", "told"),
    [
        ("", 1, ["a sentence before the first '# article:' line", "add the header"]),
        ("# article: ferry\n# style: wire\n", 3, ["no '# region:' line", "add it above its first sentence"]),
        ("# region: Europe\n# style: wire\n", 3, ["no '# article:' line", "add it above its first sentence"]),
        (
            "# article: ferry\n# region: Atlantis\n# style: wire\n",
            2,
            ["no region 'Atlantis'", "write one of Africa, Asia, Europe"],
        ),
        ("# article: ferry\n# region: Europe\n# style: sonnet\n", 3, ["no style 'sonnet'", "write one of wire, tabloid"]),
        (
            "# article: Ferry Strike\n# region: Europe\n# style: wire\n",
            1,
            ["'Ferry Strike' is no article name", "write lower case"],
        ),
        (
            "# article: ferry\n# author: Bo\n# region: Europe\n# style: wire\n",
            2,
            ["'# author: Bo' is no header", "write '# article:'"],
        ),
        ("# article: ferry\n# region: Europe\n# region: Asia\n# style: wire\n", 3, ["'# region:' twice", "keep one"]),
    ],
)
def test_mistake_in_a_header_names_its_line_and_the_way_out(tmp_path, header, line, told):
    found = mistakes(tmp_path, "Ferries stop\n", header)
    assert found[0].startswith(f"{tmp_path / 'transport.txt'}:{line}: ")
    for words in told:
        assert words in found[0]


def test_header_without_a_sentence(tmp_path):
    (mistake,) = mistakes(tmp_path, "Ferries stop\n\n# article: ferry-deal\n# region: Asia\n# style: wire\n")
    assert mistake.endswith(":8: an article without a sentence; write it or remove its header")


def test_file_that_is_not_utf8(tmp_path):
    path = tmp_path / "transport.txt"
    path.write_bytes(HEADER.encode() + "Fähren".encode("latin-1"))
    with pytest.raises(MarkupError, match=r"transport\.txt: not UTF-8 at byte \d+; save the file as UTF-8"):
        parse_articles(path)


def test_every_mistake_of_a_file_is_listed(tmp_path):
    header = HEADER.replace("Europe", "Atlantis")
    found = mistakes(tmp_path, "{{Ann|agreeing|neutral}} sat.\nAll well.\nAnn } sat.\n", header)
    assert [m.removeprefix(f"{tmp_path / 'transport.txt'}:").split(":")[0] for m in found] == ["2", "4", "6"]


def test_every_mistake_of_a_folder_is_listed(tmp_path):
    write(tmp_path, "Ann } sat.\n", name="a.txt")
    write(tmp_path, "Bo { sat.\n", HEADER.replace("ferry-strike", "ferry-deal"), name="b.txt")
    with pytest.raises(MarkupError) as caught:
        articles(tmp_path)
    places = [line.split(": ")[0] for line in str(caught.value).splitlines()]
    assert places == [f"{tmp_path / 'a.txt'}:4", f"{tmp_path / 'b.txt'}:4"]


@pytest.mark.parametrize("second", ["a.txt", "b.txt"])
def test_article_name_used_twice(tmp_path, second):
    write(tmp_path, "Ferries stop\n", name="a.txt")
    with open(tmp_path / second, "a", encoding="utf-8") as f:
        f.write(f"\n{HEADER}Ferries stop again\n")
    with pytest.raises(MarkupError, match="'ferry-strike' is used at .*a.txt:1 too; give it another"):
        articles(tmp_path)


def test_article_name_used_twice_says_where(tmp_path):
    write(tmp_path, "Ferries stop\n", name="a.txt")
    write(tmp_path, "Ferries stop again\n", name="b.txt")
    with pytest.raises(MarkupError) as caught:
        articles(tmp_path)
    assert f"{tmp_path / 'b.txt'}:1" in str(caught.value)
