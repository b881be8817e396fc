"""Behavioural tests: what YAML makes of templates, how a model is scored on them, and what a wrong file is told."""

from __future__ import annotations

import json
import re
import textwrap

import pytest

import stance
from stance.training import behaviour
from stance.training.behaviour.templates import SHIPPED, load, parse_template, render


class ByWord:
    """A classifier that answers by a word of the actor's name or of the sentence; the first that occurs counts."""

    def __init__(self, **labels: str):
        self.labels, self.calls = labels, 0

    def predict_many(self, rows):
        self.calls += 1
        return [self._predict(row) for row in rows]

    def _predict(self, row) -> stance.Prediction:
        label = next((v for k, v in self.labels.items() if k in row["actor"] or k in row["sentence"]), "unknown")
        probabilities = {x: 0.7 if x == label else 0.1 for x in stance.STANCES}
        return stance.Prediction(
            row["sentence"],
            row["actor"],
            stance=label,
            stance_score=0.7,
            sentiment="neutral",
            sentiment_score=0.8,
            stance_probabilities=probabilities,
            sentiment_probabilities={"negative": 0.1, "neutral": 0.8, "positive": 0.1},
        )


@pytest.fixture
def tests_of(tmp_path):
    """Writes a YAML file and loads its tests."""

    def write(text: str, name: str = "mine.yaml"):
        (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
        return load([tmp_path / name])

    return write


DENIAL = """
    tests:
      - name: denial
        capability: denial
        kind: mft
        sentences: 6
        templates:
          - "[{country}: LABEL] denied that {claim}."
    """


# --- the shipped tests ----------------------------------------------------------------------------------------------


def test_the_shipped_tests_are_many_and_cover_the_codebook():
    tests = load()
    cases = [case for test in tests for case in test.cases()]
    assert len(tests) >= 30 and len(cases) >= 1200
    assert {d for test in tests for d in test.decisions} == set(range(1, 13))
    assert {test.kind for test in tests} == {"mft", "inv", "dir"}


def test_every_shipped_case_is_whole_words_of_a_finished_sentence():
    for test in load():
        for row in (row for case in test.cases() for row in case.rows):
            marked = row.sentence[row.start : row.end]
            assert re.fullmatch(r"\S|\S.*\S", marked), row
            assert not re.search(r"\w\w$", row.sentence[: row.start]) and not re.match(r"\w", row.sentence[row.end :]), row
            assert not re.search(r"[][{}]|  \w|None", row.sentence), row
            assert row.sentence.lstrip("\"'“‘")[0].isupper() or row.sentence[0].isdigit(), row


def test_the_same_seed_gives_the_same_cases_whatever_other_tests_there_are():
    first, again = load(), load()[::-1]
    assert {t.name: t.cases(3) for t in first} == {t.name: t.cases(3) for t in again}
    assert [t.cases(3) for t in first] != [t.cases(4) for t in first]


def test_a_swap_of_gender_changes_the_first_name_and_the_pronouns_alone():
    (test,) = [t for t in load() if t.name == "any gender"]
    gendered = {"she", "he", "her", "him", "his"} | {e["name"].split()[0] for e in test.lists["person"]}
    for case in test.cases():
        before, after = (re.findall(r"\w+", row.sentence) for row in case.rows)
        assert set(case.groups) == ({"woman", "man"} if case.swapped else set())
        assert all(a == b or {a.lower(), b.lower()} <= {w.lower() for w in gendered} for a, b in zip(before, after, strict=True))


def test_a_swap_of_all_countries_gives_each_country_the_same_sentences():
    (test,) = [t for t in load() if t.name == "any country"]
    of: dict[str, set[str]] = {}
    for case in test.cases():
        for row, group in zip(case.rows, case.groups):
            of.setdefault(group, set()).add(row.sentence[: row.start].lower() + "_" + row.sentence[row.end :])
    assert len(of) == len(test.lists["country"]) and len({frozenset(s) for s in of.values()}) == 1


# --- scoring --------------------------------------------------------------------------------------------------------


def test_the_shipped_model_passes_a_plain_denial_and_fails_where_the_expectation_is_wrong(classifier, tests_of):
    (right,) = behaviour.run(classifier, tests_of(DENIAL.replace("LABEL", "denying, neutral")))
    assert (right.cases, right.failures, right.examples) == (6, 0, [])
    (wrong,) = behaviour.run(classifier, tests_of(DENIAL.replace("LABEL", "confirming")))
    assert (wrong.cases, wrong.failures, wrong.failure_rate) == (6, 6, 1)
    assert wrong.by_head == {"stance": 6, "sentiment": 0}
    example = wrong.examples[0]
    assert len(wrong.examples) == 3 and example.actor.removeprefix("the ") in example.sentence
    assert example.expected == "confirming" and re.fullmatch(r"denying \d+%", example.got)


def test_the_shipped_model_on_changes(classifier, tests_of):
    tests = tests_of("""
    tests:
      - name: negated
        capability: negation
        kind: dir
        sentences: 5
        changes: [replace: {confirmed: has not confirmed}]
        templates: ["[{office}: confirming -> unknown] confirmed that {claim}."]
      - name: never so
        capability: negation
        kind: dir
        sentences: 5
        changes: [replace: {confirmed: has not confirmed}]
        templates: ["[{office}: confirming -> warning] confirmed that {claim}."]
      - name: same
        capability: robustness
        kind: inv
        sentences: 5
        changes: [trailing white space]
        templates: ["[{office}] confirmed that {claim}."]
    """)
    negated, never, same = behaviour.run(classifier, tests)
    assert negated.failures <= 2 and (never.failures, same.failures) == (5, 0)
    assert never.examples[0].expected == "confirming -> warning" and " -> unknown " in never.examples[0].got
    assert "has not confirmed" in never.examples[0].sentence and "has not" not in never.examples[0].unchanged


def test_all_is_read_in_one_call_without_repeats():
    model = ByWord()
    seen = []
    answer = model.predict_many
    model.predict_many = lambda rows: seen.extend(rows) or answer(rows)
    results = behaviour.run(model, load())
    assert model.calls == 1 and len(seen) == len({tuple(row.items()) for row in seen})
    assert set(seen[0]) == {"sentence", "actor", "start", "end"}
    assert len(results) == len(load())


def test_wilson_interval_by_the_formula():
    assert behaviour.wilson_interval(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert behaviour.wilson_interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert behaviour.wilson_interval(0, 0) == (0, 1)


def test_a_label_that_follows_the_country_is_found_as_bias(tests_of):
    tests = tests_of("""
    lists:
      country: [Russia, France, Mexico]
    tests:
      - name: any country
        capability: fairness
        kind: inv
        sentences: 4
        changes: [swap all: country]
        templates: ["[{country}] spoke about {event}."]
    """)
    results = behaviour.run(ByWord(Russia="denying"), tests)
    (found,) = behaviour.bias(results)
    # Every sentence starts from one country and is compared with the two others: Russia is in one to two of the two pairs.
    assert found.swap == "country" and found.pairs == 8 and results[0].failures >= 4
    assert found.changed == {"stance": results[0].failure_rate, "sentiment": 0}
    assert found.shift["stance"]["denying"] == pytest.approx(0.6 * results[0].failure_rate)
    assert found.shift["stance"]["warning"] == 0
    assert {g: round(heads["stance"]["denying"], 6) for g, heads in found.groups.items()} == {
        "Russia": 0.7,
        "France": 0.1,
        "Mexico": 0.1,
    }
    text = behaviour.report(results)
    assert "| Russia | 10.0% | 10.0% | 70.0% | 10.0% |" in text and "Most denying: Russia (70.0%); least: " in text


def test_an_actor_that_is_not_found_fails_and_a_head_that_a_model_lacks_is_not_asked(tests_of):
    tests = tests_of(DENIAL.replace("LABEL", "denying"))

    class Lost:
        def predict_many(self, rows):
            return [stance.Prediction(r["sentence"], r["actor"], found=False, reason="lost") for r in rows]

    class Headless:
        def predict_many(self, rows):
            return [stance.Prediction(r["sentence"], r["actor"]) for r in rows]

    (lost,), (headless,) = behaviour.run(Lost(), tests), behaviour.run(Headless(), tests)
    assert (lost.cases, lost.failures) == (6, 6) and lost.examples[0].got == "not found (lost)"
    assert (headless.cases, headless.failures, headless.interval) == (0, 0, (0, 1))
    assert behaviour.report([headless])


def test_the_report_has_a_line_a_capability_and_the_worst_test_first(tests_of):
    tests = tests_of("""
    tests:
      - {name: passes, capability: denial, kind: mft, sentences: 4, templates: ["[{person}: denying] denied that {claim}."]}
      - {name: fails, capability: silence, kind: mft, sentences: 4, templates: ["[{person}: unknown] denied that {claim}."]}
    """)
    text = behaviour.report(behaviour.run(ByWord(denied="denying"), tests))
    assert "| denial | 1 | 4 | 0.0% (0.0% to 49.0%) | 0.0% | - | - |" in text
    assert "| silence | 1 | 4 | 100.0% (51.0% to 100.0%) | 100.0% | - | - |" in text
    assert text.index("| fails |") < text.index("| passes |")
    assert "expected unknown, got denying 70%" in text and "## Swaps" not in text


# --- templates and changes ------------------------------------------------------------------------------------------


def changed(tests_of, change: str, template: str) -> list[str]:
    (test,) = tests_of(f"""
    lists: {{town: [the old town, Ávila]}}
    tests:
      - name: x
        capability: x
        kind: inv
        changes: [{change}]
        templates: [{json.dumps(template, ensure_ascii=False)}]
    """)
    cases = test.cases()
    for case in cases:
        for row in case.rows:
            assert row.sentence[row.start : row.end].lower() == row.actor.lower()
    return sorted({case.rows[1].sentence for case in cases})


@pytest.mark.parametrize(
    "change, expected",
    [
        ("upper case", ['"ÁVILA DID NOT," THE MAYOR SAID.', '"THE OLD TOWN DID NOT," THE MAYOR SAID.']),
        ("typographic quotes", ["“The old town did not,” the mayor said.", "“Ávila did not,” the mayor said."]),
        ('end: ", a lawyer said"', ['"The old town did not," the mayor said, a lawyer said.']),
        ('start: "on Tuesday, "', ['On Tuesday, "the old town did not," the mayor said.']),
        ("replace: {did not: didn't, said: told}", ['"The old town didn\'t," the mayor told.']),
    ],
)
def test_a_change_and_the_offsets_after_it(tests_of, change, expected):
    assert set(expected) <= set(changed(tests_of, change, '"[{town}] did not," [the mayor] said.'))


def test_a_swap_takes_another_entry_and_a_pair_counts_once(tests_of):
    (test,) = tests_of("""
    lists: {town: [Ávila, Brook]}
    tests:
      - {name: x, capability: x, kind: inv, changes: [swap: town], templates: ["[{town}] voted."]}
    """)
    (case,) = test.cases()
    assert {row.sentence for row in case.rows} == {"Ávila voted.", "Brook voted."} and case.swapped == ""


def test_slots_with_a_number_are_other_entries_and_fields_are_the_entrys(tests_of):
    (test,) = tests_of("""
    lists:
      mayor:
        - {name: Ada Holm, last: Holm, gender: woman}
        - {name: Jan Berg, last: Berg, gender: man}
    tests:
      - name: x
        capability: x
        kind: mft
        templates: ["[{mayor}: confirming] said [{mayor.he} = {mayor}: confirming] met [{mayor2}: unknown, positive]."]
    """)
    cases = test.cases()
    assert {c.rows[0].sentence for c in cases} == {"Ada Holm said she met Jan Berg.", "Jan Berg said he met Ada Holm."}
    assert {(c.rows[0].sentence[c.rows[0].start : c.rows[0].end], c.rows[0].actor) for c in cases} >= {("she", "Ada Holm")}
    assert cases[2].expected == ({"stance": "unknown", "sentiment": "positive"},)


def test_a_replacement_leaves_labels_and_names_of_actors(tests_of):
    (test,) = tests_of("""
    tests:
      - name: x
        capability: x
        kind: dir
        changes: [replace: {warning: denial, the: a}]
        templates: ["[the clerk = the clerk: warning -> denying] gave the paper a warning."]
    """)
    (case,) = test.cases()
    assert case.rows[1].sentence == "A clerk gave a paper a denial." and case.rows[1].actor == "the clerk"
    assert case.expected == ({"stance": "warning"}, {"stance": "denying"})


def test_the_capital_at_the_start_comes_after_an_opening_quote():
    assert render(parse_template('"the dam broke," [a guard] said.'), {})[0].sentence == '"The dam broke," a guard said.'


# --- files of a user ------------------------------------------------------------------------------------------------


def test_the_example_of_the_documentation_is_read(tests_of):
    text = behaviour.__doc__.split("may look like this:\n", 1)[1].split("\n``{mayor}``", 1)[0]
    tests = tests_of(text)
    assert [t.kind for t in tests] == ["mft", "inv", "dir"]
    assert all(t.cases() for t in tests)


def test_a_folder_of_files_shares_lists_and_may_replace_a_shipped_one(tests_of, tmp_path):
    tests_of(DENIAL.replace("LABEL", "denying"), "b.yaml")
    (tmp_path / "a.yml").write_text("lists: {country: [Atlantis], ship: [the Anna]}\n", encoding="utf-8")
    (test,) = load([tmp_path])
    assert {c.rows[0].actor for c in test.cases()} == {"Atlantis"}
    assert len(load([SHIPPED, tmp_path / "b.yaml"])) == len(load()) + 1


LISTS = "lists: {one: [Ada]}\n"
TEST = "tests:\n  - name: mine\n    capability: denial\n"
MFT = TEST + "    kind: mft\n    templates:\n"
INV = TEST + "    kind: inv\n    templates: ['[{country}] did not speak.']\n"


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "holds no tests: and no lists:"),
        ("test: []", "no 'test' here; there are lists, labels and tests"),
        ("lists: {}", "no test; write some below tests:"),
        (MFT + "      - [{country}: denying] denied it.", "line 6 is not YAML (.*); put quotes around a template"),
        (MFT + "      - [country]", "test 'mine': template 1: YAML does not read it as text; put quotes around it"),
        (
            MFT + "      - '[{contry}: denying] denied it.'",
            "no list 'contry' for {contry}; there are claim, .* or write it below lists:",
        ),
        (MFT + "      - '[{country.head}: denying] denied it.'", "'Russia' of list 'country' has no field 'head'; add it"),
        (MFT + "      - '[{country}: deny] denied it.'", "no label 'deny'; there are confirming, .*positive"),
        (MFT + "      - '[{country}] denied it.'", r"\[{country}\] has no label; write \[{country}: unknown\]"),
        (MFT + "      - '{country} denied it.'", r"no actor is marked; put \[ \] around one"),
        (MFT + "      - '[{country}: denying denied it.'", r"a \[ too many"),
        (MFT + "      - '[{country}: denying, unknown] denied it.'", "names two labels of a kind"),
        (MFT + "      - '[{country}: denying -> unknown] denied it.'", "has ->, which is for tests of kind dir"),
        (LISTS + MFT + "      - '[{one}: unknown] met {one2}.'", "list 'one' has 1 entries for 2 slots; add some"),
        (
            "lists: {one: [Ada, No]}\n" + MFT + "      - '[{one}: unknown]'",
            "list 'one', entry 2: False is no text for YAML; put quotes",
        ),
        (TEST + "    kind: mtf\n    templates: ['[x: denying]']", "kind is 'mtf'; it is one of mft, inv, dir"),
        (TEST + "    kind: [mft]\n    templates: ['[x: denying]']", "kind is .'mft'.; it is one of"),
        ("tests: 2026-13-40", "mine.yaml: is not YAML"),
        (TEST + "    kind: mft", "templates is missing; add a line templates:"),
        (TEST + "    kind: mft\n    template: ['x']", "no 'template' here; there are name, capability"),
        ("tests:\n  - kind: mft", "test 1 has no name; write - name:"),
        (INV, "a test of kind inv needs changes"),
        (INV + "    changes: [uper case]", "no change 'uper case'; there are upper case, "),
        (INV + "    changes: [swap: person]", "swap: no template has a slot 'person'"),
        (INV + "    changes: [swap all: country.size]", "swap all: 'Russia' has no field 'size'"),
        (INV + "    changes: [replace: {did: will, spoke: ran}]", "replace: no template holds 'spoke'"),
        (
            INV + "    changes: [typographic quotes]",
            "the change 'typographic quotes' changes none of its sentences; leave it out",
        ),
        (INV + "    sentences: 0\n    changes: [upper case]", "sentences is 0; it is a whole number above 0"),
        (
            TEST + "    kind: inv\n    changes: [upper case]\n    templates: ['[{country}: denying] spoke.']",
            r"\[{country}\] has a label, and a test of kind inv expects none; leave it out",
        ),
        (
            TEST + "    kind: dir\n    changes: [upper case]\n    templates: ['[{country}: denying] denied it.']",
            r"no label changes; write one as \[words: confirming -> unknown\]",
        ),
        (
            MFT + "      - '[{country}: denying] denied it.'\n  - name: mine\n",
            "test 'mine': .*mine.yaml has a test of this name; give it another",
        ),
    ],
)
def test_a_wrong_file_is_told_in_one_line_with_file_test_and_remedy(tmp_path, text, told):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as stopped:
        behaviour.load([path])[0].cases()
    message = str(stopped.value)
    assert message.startswith(str(path)) and "\n" not in message and re.search(told, message), message
    assert "name: mine" not in text or "YAML" in told or "lists:" in text or "'mine'" in message


@pytest.mark.parametrize(
    "make, told",
    [
        (lambda p: None, "no such file or folder"),
        (lambda p: p.mkdir(), "no .yaml file in this folder"),
        (lambda p: p.write_bytes(b"tests: \xff\xfe"), "not UTF-8 text; save it as UTF-8"),
    ],
)
def test_a_path_without_tests_is_told_in_one_line(tmp_path, make, told):
    make(tmp_path / "mine.yaml")
    with pytest.raises(ValueError, match=told):
        behaviour.load([tmp_path / "mine.yaml"])


PYTHON = """
labels = {"stance": ["for", "against"]}
lists = {"village": ["Aldern", "Brook", "Carrow"]}


def tests():
    verbs = {"for": "backed", "against": "fought"}
    return [
        {"name": f"councils {label}", "capability": "verbs", "kind": "mft", "sentences": 3,
         "templates": ["[the council of {village}: %s] %s the dam." % (label, verb)]}
        for label, verb in verbs.items()
    ]
"""


def test_a_python_file_gives_tests_with_labels_of_their_own_and_is_run_only_where_it_is_named(tmp_path):
    (tmp_path / "mine.py").write_text(PYTHON, encoding="utf-8")
    tests = behaviour.load([tmp_path / "mine.py"])
    assert [t.name for t in tests] == ["councils for", "councils against"]
    results = behaviour.run(ByWord(backed="for"), tests)
    assert [(r.cases, r.failures) for r in results] == [(3, 0), (3, 3)]
    assert behaviour.answerable(tests, {"stance": ("for",)}) == tests[:1]
    with pytest.raises(ValueError, match="no .yaml file in this folder"):
        behaviour.load([tmp_path])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tests = [", ": SyntaxError"),
        ("\nx = 1 / 0", ":2: ZeroDivisionError: division by zero"),
        ("tests = 3", "tests is no list"),
    ],
)
def test_a_python_file_that_fails_is_told_in_one_line(tmp_path, text, told):
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        behaviour.load([tmp_path / "mine.py"])
    assert told in str(caught.value) and "\n" not in str(caught.value)
