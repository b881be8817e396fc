"""Behavioural tests from YAML or Python: templates with slots -> cases. What a file may hold: ``stance.training.behaviour``."""

from __future__ import annotations

import random
import re
import runpy
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from stance.labels import SENTIMENTS, STANCES
from stance.names import phrase

SHIPPED = Path(__file__).parent / "shipped"
PROJECT_LABELS = {"stance": STANCES, "sentiment": SENTIMENTS}
KINDS = {"mft": "minimum functionality", "inv": "invariance", "dir": "directional"}
PRONOUNS = {"woman": {"he": "she", "him": "her", "his": "her"}, "man": {"he": "he", "him": "him", "his": "his"}}
SLOT = re.compile(r"\{([a-z_]+?)(\d*)(?:\.(\w+))?\}")
MARK = re.compile(r"\[([^][]*)\]")
MARKED = re.compile(r"([^:=]*[^:=\s])\s*(?:=\s*([^:=]*[^:=\s]))?\s*(?::\s*(.*\S))?\s*")

Entry = Mapping[str, str]
Lists = Mapping[str, Sequence[Entry]]
Labels = Mapping[str, str]
Fillers = Mapping[str, Entry]


@dataclass(frozen=True)
class Piece:
    """A stretch of a template. ``actor`` is empty where none is marked. The labels are by head, before and after a change."""

    text: str
    actor: str = ""
    before: Labels = field(default_factory=dict)
    after: Labels = field(default_factory=dict)


Template = tuple[Piece, ...]


@dataclass(frozen=True)
class Change:
    """A change of a sentence: ``how``, and what it takes: a slot, words, pairs of words and others for them; none for a style."""

    how: str
    value: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        if self.pairs:
            return ", ".join(f"“{a}” to “{b}”" for a, b in self.pairs)
        return f"{self.how} “{self.value}”" if self.how in EDITS else f"{self.how} {self.value}".rstrip()


@dataclass(frozen=True, slots=True)
class Row:
    """A marked actor in a sentence, as ``StanceClassifier.predict_many`` takes it."""

    sentence: str
    actor: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Case:
    """A marked actor in a sentence (mft), or in a sentence and its changed form.

    ``expected`` has the labels of each row; it is empty where the second's have to be as the first's (inv). ``swapped`` is the
    slot of a ``swap all`` that the actor stands in, ``groups`` the values that it has in the rows.
    """

    template: int
    rows: tuple[Row, ...]
    expected: tuple[Labels, ...] = ()
    change: str = ""
    swapped: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class BehaviourTest:
    """One test of a YAML file. ``sentences``: how many are made of its templates, before changes."""

    name: str
    capability: str
    kind: str
    templates: tuple[Template, ...]
    changes: tuple[Change, ...] = ()
    decisions: tuple[int, ...] = ()
    sentences: int = 30
    lists: Lists = field(default_factory=dict, repr=False)
    path: Path = Path()

    def cases(self, seed: int = 0) -> list[Case]:
        """The same seed gives the same cases, whatever other tests there are."""
        rng = random.Random(f"{seed}/{self.name}")
        found: list[Case] = []
        effective: set[Change] = set()
        pairs: set[frozenset[Row]] = set()
        for number, fillers in _filled(self, rng):
            template = self.templates[number]
            rows = render(template, fillers)
            marks = [p for p in template if p.actor]
            if self.kind == "mft":
                found += [Case(number, (row,), (mark.before,)) for row, mark in zip(rows, marks, strict=True)]
            for change in self.changes:
                for variant in variants(change, template, fillers, self.lists, rng):
                    changed = render(variant.template, variant.fillers, variant.style)
                    if changed[0].sentence == rows[0].sentence:
                        continue
                    effective.add(change)
                    for before, after, mark in zip(rows, changed, marks, strict=True):
                        if frozenset((before, after)) in pairs:
                            continue
                        pairs.add(frozenset((before, after)))
                        inside = bool(variant.groups) and change.value.split(".")[0] in _slots(mark.actor)
                        found.append(
                            Case(
                                number,
                                (before, after),
                                () if self.kind == "inv" else (mark.before, mark.after),
                                str(_applied(change, template)),
                                change.value if inside else "",
                                variant.groups if inside else (),
                            )
                        )
        if idle := [str(c) for c in self.changes if c not in effective]:
            raise ValueError(
                f"{self.path}: test {self.name!r}: the change {idle[0]!r} changes none of its sentences; leave it out"
            )
        return found


# --- templates to sentences -----------------------------------------------------------------------------------------


def _slots(text: str) -> dict[str, str]:
    """The slots of a text -> their lists: *country2* is another entry of *country*."""
    return {m[1] + m[2]: m[1] for m in SLOT.finditer(text)}


def _all_slots(template: Template) -> dict[str, str]:
    return {k: v for p in template for k, v in (_slots(p.text) | _slots(p.actor)).items()}


def _filled(test: BehaviourTest, rng: random.Random) -> Iterator[tuple[int, Fillers]]:
    """Different fillers for the templates in turn. Which value ``swap all`` starts from is no difference: it takes them all."""
    exchanged = {c.value for c in test.changes if c.how == "swap all"}
    seen = set()
    for i in range(test.sentences):
        number = i % len(test.templates)
        slots = _all_slots(test.templates[number])
        for _ in range(50):
            fillers = _draw(slots, test.lists, rng)
            key = (number, *(f["name"] for slot, f in fillers.items() if slot not in exchanged))
            if key not in seen:
                seen.add(key)
                yield number, fillers
                break


def _draw(slots: Mapping[str, str], lists: Lists, rng: random.Random) -> Fillers:
    fillers: dict[str, Entry] = {}
    for name in dict.fromkeys(slots.values()):
        mine = [slot for slot, of in slots.items() if of == name]
        fillers |= zip(mine, rng.sample(list(lists[name]), len(mine)))
    return fillers


def fill(text: str, fillers: Fillers) -> str:
    return SLOT.sub(lambda m: fillers[m[1] + m[2]][m[3] or "name"], text)


def render(template: Template, fillers: Fillers, style: Callable[[str], str] = str) -> list[Row]:
    """The sentence, with a capital at its start, as a row for each actor that it marks."""
    text, marks = "", []
    for piece in template:
        words = fill(piece.text, fillers)
        if piece.actor:
            marks.append((fill(piece.actor, fillers), len(text), len(text) + len(words)))
        text += words
    first = next((i for i, c in enumerate(text) if c.isalnum()), 0)
    text = style(text[:first] + _upper(text[first : first + 1]) + text[first + 1 :])
    return [Row(text, actor, a, b) for actor, a, b in marks]


def _upper(text: str) -> str:
    """Upper case, but for letters that would become two and move the offsets."""
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in text)


def _typographic(text: str) -> str:
    for straight, opening, closing in (('"', "“", "”"), ("'", "‘", "’")):
        text = re.sub(rf"(?<![^\s(“‘]){straight}", opening, text).replace(straight, closing)
    return text


# --- changes --------------------------------------------------------------------------------------------------------

STYLES: dict[str, Callable[[str], str]] = {
    "upper case": _upper,
    "typographic quotes": _typographic,
    "straight quotes": lambda text: text.translate(str.maketrans("“”‘’", "\"\"''")),
    "trailing white space": lambda text: text + "  ",
}
SWAPS = ("swap", "swap all")
EDITS = ("start", "end")


@dataclass(frozen=True)
class Variant:
    """A changed sentence before it is rendered. ``groups``: the values before and after a ``swap all``."""

    template: Template
    fillers: Fillers
    style: Callable[[str], str] = str
    groups: tuple[str, ...] = ()


def variants(change: Change, template: Template, fillers: Fillers, lists: Lists, rng: random.Random) -> Iterator[Variant]:
    """The forms that a change gives a sentence: several for ``swap all``, none where it does not apply."""
    if change.how in STYLES:
        yield Variant(template, fillers, STYLES[change.how])
    elif change.how == "replace":
        yield Variant(_replaced(template, change.pairs), fillers)
    elif change.how == "start":
        yield Variant((Piece(change.value), *template), fillers)
    elif change.how == "end":
        yield Variant(_extended(template, change.value), fillers)
    else:
        slot, _, key = change.value.partition(".")
        name = _all_slots(template).get(slot)
        if name is None:
            return
        key = key or "name"
        others = _others(slot, key, fillers, lists[name], rng)
        for entry in others if change.how == "swap all" else others[:1]:
            groups = (fillers[slot][key], entry[key]) if change.how == "swap all" else ()
            yield Variant(template, {**fillers, slot: entry}, groups=groups)


def _others(slot: str, key: str, fillers: Fillers, entries: Sequence[Entry], rng: random.Random) -> list[Entry]:
    """For each other value of a field an entry that has it and is otherwise most like the one there, in random order."""
    here = fillers[slot]
    taken = [f["name"] for f in fillers.values()]
    by_value: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry[key] != here[key] and entry["name"] not in taken:
            by_value.setdefault(entry[key], []).append(entry)
    alike = [max(same, key=lambda e: sum(e.get(k) == v for k, v in here.items())) for same in by_value.values()]
    return rng.sample(alike, len(alike))


def _applied(change: Change, template: Template) -> Change:
    """With those of its replacements alone that the template has words for."""
    return replace(change, pairs=tuple(pair for pair in change.pairs if any(phrase(pair[0]).search(p.text) for p in template)))


def _replaced(template: Template, pairs: Sequence[tuple[str, str]]) -> Template:
    """With other words; labels and names of actors stay."""
    # One pass, so that what a pair put in is not replaced by the next.
    pattern = re.compile("|".join(phrase(a).pattern for a, _ in sorted(pairs, key=lambda pair: -len(pair[0]))))
    return tuple(replace(p, text=pattern.sub(lambda m: dict(pairs)[m[0]], p.text)) for p in template)


def _extended(template: Template, words: str) -> Template:
    """With words before the stop at the end."""
    last = template[-1]
    if last.actor:
        return (*template, Piece(words))
    stop = len(last.text.rstrip(".?!\"'”’"))
    return (*template[:-1], replace(last, text=last.text[:stop] + words + last.text[stop:]))


# --- YAML -----------------------------------------------------------------------------------------------------------


def load(paths: Sequence[Path] = (SHIPPED,)) -> list[BehaviourTest]:
    """The tests of YAML files, of folders of such files and of Python files, with the shipped lists and their own.

    A Python file is run. It is so only where it is named itself: a folder is searched for YAML alone.

    Raises ``ValueError`` in one line that names the file, the test and the remedy.
    """
    files = list(dict.fromkeys(file for path in paths for file in _files(path)))
    shipped = _files(SHIPPED)
    read = {file: _read(file) for file in dict.fromkeys((*shipped, *files))}
    lists: dict[str, list[Entry]] = {}
    labels: dict[str, tuple[str, ...]] = dict(PROJECT_LABELS)
    for file, data in read.items():
        lists |= _lists(data.get("lists", {}), file)
        labels |= {head: (*labels[head], *more) for head, more in _labels(data.get("labels", {}), file).items()}
    tests: dict[str, BehaviourTest] = {}
    for file in files:
        for number, raw in enumerate(_list_of(read[file].get("tests", []), f"{file}: tests"), 1):
            if not isinstance(raw, dict) or not isinstance(raw.get("name"), str):
                raise ValueError(f"{file}: test {number} has no name; write - name: WORDS, and its other keys below it")
            where = f"{file}: test {raw['name']!r}"
            if raw["name"] in tests:
                raise ValueError(f"{where}: {tests[raw['name']].path} has a test of this name; give it another")
            try:
                tests[raw["name"]] = _test(raw, lists, labels, file)
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from None
    if not tests:
        raise ValueError(f"{', '.join(map(str, paths))}: no test; write some below tests:")
    return list(tests.values())


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        if found := sorted(p for p in path.iterdir() if p.suffix in (".yaml", ".yml")):
            return found
        raise ValueError(f"{path}: no .yaml file in this folder; give the one that holds the tests")
    if not path.is_file():
        raise ValueError(f"{path}: no such file or folder; give a .yaml file or a folder of them")
    return [path]


def _read(path: Path) -> dict[str, Any]:
    data = _run(path) if path.suffix == ".py" else _parse(path)
    if not isinstance(data, dict):
        raise ValueError(f"{path}: holds no tests: and no lists:; begin with one of these lines")
    if unknown := [k for k in data if k not in ("lists", "labels", "tests")]:
        raise ValueError(f"{path}: no {unknown[0]!r} here; there are lists, labels and tests")
    return data


def _run(path: Path) -> dict[str, Any]:
    """What a Python file calls ``lists``, ``labels`` and ``tests``: the values, or functions without arguments that give them."""
    try:
        names = runpy.run_path(str(path))
        return {k: v() if callable(v) else v for k, v in names.items() if k in ("lists", "labels", "tests")}
    except Exception as error:
        at = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
        line = f"{at[-1]}:" if at else ""
        raise ValueError(f"{path}:{line} {type(error).__name__}: {' '.join(str(error).split())}; mend the file") from None


def _parse(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not UTF-8 text; save it as UTF-8") from None
    except (yaml.YAMLError, ValueError) as error:  # a date that does not exist is a bare ValueError
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise ValueError(
            f"{path}:{line} is not YAML ({getattr(error, 'problem', None) or 'unreadable'}); "
            "put quotes around a template, and indent with spaces"
        ) from None


def _labels(data: Any, path: Path) -> dict[str, tuple[str, ...]]:
    """The labels of a model with a label set of its own, by head."""
    wrong = ValueError(f"{path}: labels: write stance: [LABEL, ...] below it, or sentiment: [LABEL, ...]")
    if not isinstance(data, dict) or data.keys() - PROJECT_LABELS.keys():
        raise wrong
    if any(not isinstance(v, list) or any(not isinstance(x, str) for x in v) for v in data.values()):
        raise wrong
    return {head: tuple(values) for head, values in data.items()}


def _list_of(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{what} is no list; write one entry a line, each after a dash")
    return value


def _lists(data: Any, path: Path) -> dict[str, list[Entry]]:
    if not isinstance(data, dict):
        raise ValueError(f"{path}: lists: holds no NAME: [ENTRY, ...] lines; write some below it")
    found = {}
    for name, raw in data.items():
        if not isinstance(name, str) or not re.fullmatch(r"[a-z_]+", name):
            raise ValueError(f"{path}: list {name!r}: a name is of lower-case letters and _; rename it")
        entries = [
            _entry(e, f"{path}: list {name!r}, entry {i}") for i, e in enumerate(_list_of(raw, f"{path}: list {name!r}"), 1)
        ]
        if len({e["name"] for e in entries}) < len(entries):
            raise ValueError(f"{path}: list {name!r} holds an entry twice; leave one out")
        found[name] = entries
    return found


def _entry(raw: Any, where: str) -> Entry:
    entry = raw if isinstance(raw, dict) else {"name": raw}
    if "name" not in entry:
        raise ValueError(f"{where} has no name; write {{name: WORDS, FIELD: WORDS}}")
    for value in entry.values():
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{where}: {value!r} is no text for YAML; put quotes around it")
    return {**PRONOUNS.get(entry.get("gender", ""), {}), **entry}


def _test(raw: dict[str, Any], lists: Lists, labels: Mapping[str, Sequence[str]], path: Path) -> BehaviourTest:
    known = [f.name for f in fields(BehaviourTest) if f.name not in ("lists", "path")]
    if unknown := [k for k in raw if k not in known]:
        raise ValueError(f"no {unknown[0]!r} here; there are {', '.join(known)}")
    for key in ("capability", "kind", "templates"):
        if not raw.get(key):
            raise ValueError(f"{key} is missing; add a line {key}: ...")
    kind = raw["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; it is one of {', '.join(KINDS)}")
    sentences = raw.get("sentences", BehaviourTest.sentences)
    if type(sentences) is not int or sentences < 1:
        raise ValueError(f"sentences is {sentences!r}; it is a whole number above 0")
    decisions = raw.get("decisions", [])
    if not isinstance(decisions, list) or any(type(d) is not int for d in decisions):
        raise ValueError(f"decisions is {decisions!r}; write the codebook's numbers as [1, 2]")
    templates = []
    for number, source in enumerate(_list_of(raw["templates"], "templates"), 1):
        try:
            templates.append(_checked(parse_template(source, labels), kind, lists))
        except ValueError as error:
            raise ValueError(f"template {number}: {error}") from None
    changes = tuple(_change(c, templates, kind, lists) for c in _list_of(raw.get("changes", []), "changes"))
    if kind == "mft" and changes:
        raise ValueError("a test of kind mft has no changes; leave them out, or make it inv or dir")
    if kind != "mft" and not changes:
        raise ValueError(f"a test of kind {kind} needs changes; add some, or make it mft")
    return BehaviourTest(
        raw["name"], str(raw["capability"]), kind, tuple(templates), changes, tuple(decisions), sentences, lists, path
    )


def parse_template(source: Any, labels: Mapping[str, Sequence[str]] = PROJECT_LABELS) -> Template:
    """``"[{country}: denying] denied that {claim}."`` -> its pieces. Raises ``ValueError`` with the remedy."""
    if not isinstance(source, str):
        raise ValueError("YAML does not read it as text; put quotes around it")
    pieces, end = [], 0
    for m in MARK.finditer(source):
        pieces += [Piece(source[end : m.start()]), _mark(m[1], labels)]
        end = m.end()
    pieces = [p for p in (*pieces, Piece(source[end:])) if p.text]
    rest = "".join(SLOT.sub("", p.text + p.actor) for p in pieces)
    if wrong := re.search(r"[][{}]", rest):
        raise ValueError(f"a {wrong[0]} too many; slots are {{name}}, {{name2}} or {{name.field}}, actors [words: label]")
    if not any(p.actor for p in pieces):
        raise ValueError("no actor is marked; put [ ] around one")
    return tuple(pieces)


def _mark(inside: str, labels: Mapping[str, Sequence[str]]) -> Piece:
    m = MARKED.fullmatch(inside)
    if not m:
        raise ValueError(f"[{inside}] is not [words], [words: label] or [words = actor: label]")
    before, after = {}, {}
    for part in (m[3] or "").split(",") if m[3] else []:
        old, arrow, new = (x.strip() for x in part.partition("->"))
        head, other = _head(old, labels), _head(new if arrow else old, labels)
        if head != other or head in before:
            raise ValueError(f"[{inside}] names two labels of a kind, or two kinds around ->; write one stance, one sentiment")
        before[head], after[head] = old, new if arrow else old
    return Piece(m[1], m[2] or m[1], before, after)


def _head(label: str, labels: Mapping[str, Sequence[str]]) -> str:
    for head, names in labels.items():
        if label in names:
            return head
    raise ValueError(f"no label {label!r}; there are {', '.join(x for names in labels.values() for x in names)}")


def _checked(template: Template, kind: str, lists: Lists) -> Template:
    """Whether its slots can be filled and its labels suit the kind of test."""
    for piece in template:
        for m in SLOT.finditer(piece.text + piece.actor):
            if m[1] not in lists:
                raise ValueError(f"no list {m[1]!r} for {m[0]}; there are {', '.join(sorted(lists))}, or write it below lists:")
            key = m[3] or "name"
            if without := [e["name"] for e in lists[m[1]] if key not in e]:
                raise ValueError(f"{m[0]}: {without[0]!r} of list {m[1]!r} has no field {key!r}; add it")
    slots = list(_all_slots(template).values())
    for name in slots:
        if slots.count(name) > len(lists[name]):
            raise ValueError(f"list {name!r} has {len(lists[name])} entries for {slots.count(name)} slots; add some")
    marks = [p for p in template if p.actor]
    moves = [p for p in marks if p.before != p.after]
    for p in marks:
        if kind == "inv" and p.before:
            raise ValueError(f"[{p.text}] has a label, and a test of kind inv expects none; leave it out")
        if kind != "inv" and not p.before:
            raise ValueError(f"[{p.text}] has no label; write [{p.text}: unknown] or another")
    if kind == "mft" and moves:
        raise ValueError(f"[{moves[0].text}] has ->, which is for tests of kind dir; write one label")
    if kind == "dir" and not moves:
        raise ValueError("no label changes; write one as [words: confirming -> unknown]")
    return template


def _change(raw: Any, templates: Sequence[Template], kind: str, lists: Lists) -> Change:
    if isinstance(raw, str) and raw in STYLES:
        return Change(raw)
    how, value = next(iter(raw.items())) if isinstance(raw, dict) and len(raw) == 1 else (None, None)
    if how not in (*SWAPS, "replace", *EDITS):
        raise ValueError(
            f"no change {raw!r}; there are {', '.join(STYLES)}, and swap, swap all, replace, start, end with a value"
        )
    if how == "replace":
        return _replacement(value, templates, kind)
    if not isinstance(value, str):
        raise ValueError(f"{how} is {value!r}, no text; put quotes around it")
    if how in EDITS:
        if re.search(r"[][{}]", value):
            raise ValueError(f"{how}: added words hold no slot and no actor; write them out")
        return Change(how, value)
    slot, _, key = value.partition(".")
    names = {_all_slots(t)[slot] for t in templates if slot in _all_slots(t)}
    if not names:
        raise ValueError(f"{how}: no template has a slot {slot!r}; name one that is in them")
    if key and (without := [e["name"] for name in names for e in lists[name] if key not in e]):
        raise ValueError(f"{how}: {without[0]!r} has no field {key!r}; add it to the list")
    return Change(how, value)


def _replacement(value: Any, templates: Sequence[Template], kind: str) -> Change:
    if not isinstance(value, dict) or not value or any(not isinstance(x, str) for pair in value.items() for x in pair):
        raise ValueError("replace: write WORDS: OTHER WORDS, with quotes around what YAML does not read as text")
    for words, other in value.items():
        if not any(phrase(words).search(p.text) for t in templates for p in t):
            raise ValueError(f"replace: no template holds {words!r}; write it as it stands there")
        if re.search(r"[][{}]", other):
            raise ValueError(f"replace: {other!r} holds a slot or an actor; replace only plain words")
    for number, t in enumerate(templates, 1):
        if kind == "dir" and _replaced(t, list(value.items())) == t:
            raise ValueError(f"replace: template {number} holds none of its words; in a test of kind dir each has to")
    return Change("replace", pairs=tuple(value.items()))
