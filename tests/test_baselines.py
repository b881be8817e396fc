"""The baselines, and the lexicon that one of them reads."""

import pytest

from stance.training.corpora.lexicon import find_cues, nearest_cue, stance_of_cue
from stance.training.evaluation.baselines import NAMES, make


def row(sentence: str, mention: str) -> dict:
    start = sentence.index(mention)
    return {"sentence": sentence, "start": start, "end": start + len(mention)}


def lexicon(sentence: str, mention: str) -> str:
    (stance,) = make("baseline:lexicon").fit([], []).predict([row(sentence, mention)])
    return stance


@pytest.mark.parametrize(("mention", "stance"), [("Ilse", "confirming"), ("Finn", "denying"), ("Orla", "warning")])
def test_the_nearest_cue_decides(mention, stance):
    assert lexicon("Ilse said so, Finn denied it, and Orla warned of rain.", mention) == stance


def test_the_cue_after_the_mention_comes_first():
    assert lexicon("It was denied, Finn said.", "Finn") == "confirming"
    assert lexicon("It was denied by Finn yesterday.", "Finn") == "denying"
    assert lexicon("What Orla denied Finn, asked twice, repeated.", "Finn") == "unknown"


@pytest.mark.parametrize(
    "phrase",
    [
        "declined to say",
        "refused to comment",
        "did not immediately respond",
        "would not say",
        "has yet to respond",
        "stopped short of",
        "has not confirmed",
        "could not be reached",
        "asked",
    ],
)
def test_phrases_without_a_position_win_over_the_words_within(phrase):
    assert lexicon(f"Orla {phrase} it on Monday.", "Orla") == "unknown"


def test_refusing_to_do_is_a_position():
    assert lexicon("Orla refused to sign it.", "Orla") == "denying"


def test_a_sentence_without_a_cue_is_unknown():
    assert lexicon("Orla walked home.", "Orla") == "unknown"
    assert nearest_cue("Orla walked home.", 0, 4) is None


def test_cues_match_whole_words_in_any_case_and_do_not_overlap():
    text = "DENIED: aid was not denied, she did not immediately respond"
    cues = find_cues(text)
    assert [(text[a:b], stance) for a, b, stance in cues] == [
        ("DENIED", "denying"),
        ("denied", "denying"),
        ("did not immediately respond", "unknown"),
    ]


def test_a_cue_inside_another_word_is_none():
    assert find_cues("The unsaid and the oversaw.") == []


@pytest.mark.parametrize(
    "word",
    [
        "the United States",
        "the city",
        "a sign",
        "reporters",
        "the background",
        "the founder",
        "the address",
        "the defendant",
    ],
)
def test_words_that_only_begin_like_a_cue(word):
    assert find_cues(word) == []


@pytest.mark.parametrize(
    ("cue", "stance"),
    [
        ("flatly denied", "denying"),
        ("warned", "warning"),
        ("declined to comment", "unknown"),
        ("announced", "confirming"),
        ("walked", None),
        ("", None),
    ],
)
def test_stance_of_an_annotated_cue(cue, stance):
    assert stance_of_cue(cue) == stance


def test_majority_gives_the_most_frequent_label():
    rows = [row("Orla left.", "Orla")]
    model = make("baseline:majority").fit(rows * 3, ["denying", "unknown", "denying"])
    assert model.predict(rows * 2) == ["denying", "denying"]


TOY = {
    "denying": "{} rejected the ferry plan",
    "warning": "{} feared a flood",
    "unknown": "{} slept in the barn",
    "confirming": "{} backed the ferry plan",
}


def test_tfidf_learns_a_toy_task():
    teach = [(row(text.format(name), name), label) for name in ("Ilse", "Finn", "Bo") for label, text in TOY.items()]
    model = make("baseline:tfidf").fit([r for r, _ in teach], [label for _, label in teach])
    asked = [row(text.format("Orla"), "Orla") for text in TOY.values()]
    assert model.predict(asked) == list(TOY)


def test_tfidf_tells_the_actors_of_a_sentence_apart():
    pairs = [("Ilse", "Finn"), ("Bo", "Ann"), ("Finn", "Bo")]
    teach = [row(f"{a} scolded {b}", name) for a, b in pairs for name in (a, b)]
    model = make("baseline:tfidf").fit(teach, ["confirming", "unknown"] * 3)
    assert model.predict([row("Orla scolded Kim", "Orla"), row("Orla scolded Kim", "Kim")]) == ["confirming", "unknown"]


def test_a_name_that_is_no_baseline():
    with pytest.raises(ValueError) as caught:
        make("baseline:svm")
    assert "'baseline:svm'" in str(caught.value) and all(name in str(caught.value) for name in NAMES)
