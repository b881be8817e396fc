"""What ``stance evaluate`` and ``stance compare`` print, write and refuse."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from stance.terminal import CONTROL
from stance.training import behaviour
from stance.training.card import LOG, write_card
from stance.training.evaluation import comparison, crossvalidation, output, run
from stance.training.evaluation.markdown import card as card_text
from stance.training.evaluation.markdown import crossvalidation as crossvalidation_text
from stance.training.evaluation.markdown import headline
from stance.training.evaluation.run import Evaluation
from stance.training.evaluation.sets import reading_notes, user_set
from stance.training.evaluation.systems import names_a_system, open_system
from stance.training.labelled.tabular import Columns


def evaluate(
    model: str,
    data: Sequence[Path],
    corpora: Path | None,
    folder: Path | None,
    *,
    with_baselines: bool = True,
    train: Sequence[Path] = (),
    tests: Sequence[Path] = (),
    folds: int = 0,
    seeds: int = 1,
    samples: int = 2000,
    seed: int = 0,
    threads: int = 0,
    card: bool = False,
    columns: Mapping[str, str | None] | None = None,
    command: str = "",
) -> None:
    """Print the headline, write the folder and the card. Raises ``ValueError`` in one line for what a user can mend."""
    if folder is not None:
        _writable(folder)
    log = _card_log(model) if card else None
    named = Columns(**(columns or {}))
    files = [behaviour.SHIPPED if str(p) == "shipped" else p for p in tests]
    if folds:
        if tests or train or card:
            raise ValueError(
                "cross-validation takes DATA alone: it trains on it, and on nothing else; leave out --tests, --train and --card"
            )
        found = _crossed(model, data, corpora, folds, seeds, samples, seed, named, command)
    else:
        found = run.evaluate(
            model,
            data,
            corpora,
            with_baselines=with_baselines,
            train=train,
            behaviour_tests=files,
            samples=samples,
            seed=seed,
            threads=threads,
            columns=named,
            command=command,
        )
    print(_printable(headline(found)))
    if found.crossvalidation:
        print(_printable("\n".join(["", *crossvalidation_text(found.crossvalidation)])).rstrip())
    if log is not None:
        place, record = log
        write_card(place, record, card_text(found), command)
    if folder is not None:
        output.write(found, folder)
        print(f"\nThe report: {folder / 'report.html'}; beside it {', '.join(output.FILES)}")


def compare(
    arguments: Sequence[str],
    corpora: Path | None,
    folder: Path | None,
    train: Sequence[Path],
    reference: str | None,
    samples: int,
    seed: int,
    threads: int,
    columns: Mapping[str, str | None] | None = None,
) -> None:
    """Print who is better on each set. The arguments that name no model are the data."""
    if folder is not None:
        _writable(folder)
    models = [a for a in arguments if names_a_system(a)]
    data = [a for a in arguments if a not in models]
    if len(models) < 2 and not (len(models) == 1 and Path(models[0]).is_file()):
        named = f"{', '.join(arguments)}: " if arguments else ""
        raise ValueError(f"{named}a comparison needs two models or more; name models, baselines or files of predictions")
    compared = run.compare(
        models,
        data,
        corpora,
        train=train,
        reference=reference,
        samples=samples,
        seed=seed,
        threads=threads,
        columns=Columns(**(columns or {})),
    )
    lines = []
    for name, heads in compared.items():
        for head, c in heads.items():
            lines += [f"## {head.capitalize()}, {name}", "", comparison.report(c), ""]
    text = "\n".join(lines).rstrip()
    print(_printable(text))
    if folder is not None:
        output.write_comparisons(compared, folder, text, samples, seed)
        print(f"\nThe report: {folder / 'report.html'}; beside it metrics.json, report.md")


def _crossed(
    model: str,
    data: Sequence[str | Path],
    corpora: Path | None,
    folds: int,
    seeds: int,
    samples: int,
    seed: int,
    columns: Columns,
    command: str,
) -> Evaluation:
    if not data:
        raise ValueError("cross-validation needs DATA to train on; give labelled text after the model")
    if folds < 2:
        raise ValueError("cross-validation needs two folds or more")
    table = user_set(data, corpora, columns)
    name = " ".join(map(str, data))
    if model.startswith("baseline:"):
        open_system(model)
        fit = crossvalidation.baseline(model)
    else:
        fit = crossvalidation.finetuned(model)
    crossed = crossvalidation.cross_validate(table.documents, fit, name, folds, range(1, seeds + 1))
    pooled = replace(crossed.pooled[0], model=model)
    found = run.evaluate_scored([pooled], samples, seed, notes=reading_notes(table))
    return Evaluation(model, [found], {}, (), crossed, "the other folds", samples, seed, command)


def _writable(folder: Path) -> None:
    """An output that cannot be written is found now, not after minutes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(f"{folder} cannot be written: {error.strerror}") from None


def _card_log(model: str) -> tuple[Path, dict]:
    import stance

    if model.startswith("baseline:") or Path(model).is_file():
        raise ValueError(f"{model} has no card; leave out --card")
    folder = stance.load(model).checkpoint.folder
    if not (folder / LOG).is_file():
        raise ValueError(f"{folder} has no {LOG}, so no card can be written; leave out --card")
    return folder, json.loads((folder / LOG).read_text(encoding="utf-8"))


def _printable(text: str) -> str:
    """Text of users and articles can do nothing to a terminal."""
    return "\n".join(CONTROL.sub("\ufffd", line) for line in text.splitlines())
