"""Training, export and evaluation, on a tiny random encoder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

import stance
from stance.checkpoint import CARD, ENCODER, WEIGHTS, Checkpoint
from stance.training import evaluation, finetune
from stance.training.finetuning import recipe
from stance.training.finetuning.trainer import load_base, resolve_base
from stance.training.labelled.corpus import ARTICLES, articles
from stance.training.network import export
from stance.training.network.dataset import Collator, examples


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for name in ("health.txt", "war.txt", "sport.txt"):
        shutil.copy(ARTICLES / name, folder)
    return folder


@pytest.fixture(scope="module")
def tiny_recipe(tiny_base, tmp_path_factory):
    path = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                "name": "tiny",
                "base": str(tiny_base),
                "max_tokens": 96,
                "context_tokens": 24,
                "bf16": False,
                "precision": "float32",
                "stages": [
                    {"name": "gold", "sources": {"articles": 1.0}, "epochs": 6, "rate": 2e-3, "batch": 8, "head_rate": 2.0}
                ],
            }
        )
    )
    return path


@pytest.fixture(scope="module")
def trained(tiny_recipe, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "model"
    finetune.train(str(tiny_recipe), folder, [data], None, {})
    return folder


def test_training_learns_and_says_what_it_did(trained, data):
    log = json.loads((trained / "training.json").read_text())
    losses = [h["loss"] for h in log["history"] if "loss" in h]
    assert losses[-1] < 0.75 * losses[0]
    rows = evaluation.rows_of(articles(data))
    predictions = stance.load(trained).predict_many(r.row for r in rows)
    right = np.mean([p.stance == r.stance for p, r in zip(predictions, rows)])
    majority = max(np.mean([r.stance == s for r in rows]) for s in stance.STANCES)
    assert right > majority + 0.1, "it should have learnt its training data at least"
    card = (trained / CARD).read_text()
    assert "mentions" in card and str(log["sources"]["gold/data"]["mentions"]) in card


def test_the_graphs_compute_what_the_network_does(trained):
    checkpoint = Checkpoint.open(trained)
    network = export.load_network(checkpoint)
    classifier = stance.load(trained)
    made = examples(articles(ARTICLES / "courts.txt"), classifier.sentence_encoder)[:6]
    batch = Collator(network.labels)(made)
    with torch.inference_mode():
        inputs = {k: batch[k] for k in ("input_ids", "attention_mask", "window", "mention", "sentence")}
        expected = network(**inputs)
    out = classifier.runtime.encode([e.window for e in made])
    assert out.tags == pytest.approx(expected["tags"].numpy(), abs=1e-3)
    scores = classifier.runtime.score(
        [out.hidden], out.hidden.shape[1], *(batch[k].numpy() for k in ("window", "mention", "sentence"))
    )
    for name in ("stance", "sentiment", "links"):
        assert getattr(scores, name) == pytest.approx(expected[name].numpy(), abs=2e-3), name


def test_the_same_seed_gives_the_same_weights(tiny_recipe, data, tmp_path):
    one = data / "war.txt"
    for name in ("a", "b"):
        finetune.train(str(tiny_recipe), tmp_path / name, [one], None, {"epochs": 1})
    a, b = (load_file(tmp_path / name / WEIGHTS) for name in ("a", "b"))
    assert all(torch.equal(a[k], b[k]) for k in a)


def test_training_goes_on_from_a_stance_model(trained, tiny_recipe, data, tmp_path):
    finetune.train(str(tiny_recipe), tmp_path / "next", [data / "war.txt"], None, {"base": str(trained), "epochs": 1})
    first = json.loads((tmp_path / "next" / "training.json").read_text())["history"][0]["loss"]
    assert first < json.loads((trained / "training.json").read_text())["history"][0]["loss"]


def test_export_makes_a_smaller_int8_graph_that_agrees(trained, tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(trained, copy)
    export.export_folder(copy, "int8")
    assert (copy / ENCODER).stat().st_size < 0.6 * (trained / ENCODER).stat().st_size
    rows = [r.row for r in evaluation.rows_of(articles(ARTICLES / "courts.txt"))][:100]
    exact, small = (stance.load(folder).predict_many(rows) for folder in (trained, copy))
    assert np.mean([a.stance == b.stance for a, b in zip(exact, small)]) > 0.9
    assert "int8" in capsys.readouterr().out


def test_damaged_weights_are_one_line(trained, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(trained, copy)
    (copy / WEIGHTS).write_bytes(b"\0" * (copy / WEIGHTS).stat().st_size)
    with pytest.raises(stance.CheckpointError, match="damaged"):
        export.export_folder(copy, "float32")


def test_bases_a_folder_a_package_or_a_hub_name(tiny_base, tmp_path, monkeypatch):
    assert resolve_base(str(tiny_base)) == str(tiny_base)
    assert resolve_base("someone/some-model") == "someone/some-model"
    package = tmp_path / "carrier"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    shutil.copy(tiny_base / "config.json", package / "model")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert resolve_base("package:carrier") == str(package / "model")
    with pytest.raises(ValueError, match="not installed"):
        resolve_base("package:surely-not-installed")
    with pytest.raises(ValueError, match="no config.json"):
        resolve_base(str(tmp_path))


def hub_cache(root: Path, name: str, files: Path) -> dict[str, str]:
    """Lay ``files`` down as a download from the hub leaves them, and give the environment that finds them offline."""
    repository = root / f"models--{name.replace('/', '--')}"
    shutil.copytree(files, repository / "snapshots" / ("0" * 40), ignore=shutil.ignore_patterns("training.json"))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40)
    return {**os.environ, "HF_HUB_CACHE": str(root), "HF_HUB_OFFLINE": "1"}


def test_a_hub_name_is_a_base_to_train_from(tiny_base, tmp_path):
    code = (
        "from stance.training.finetuning.trainer import load_base; print(load_base('someone/tiny', 64, 16)[0].config.hidden_size)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=hub_cache(tmp_path, "someone/tiny", tiny_base), capture_output=True, text=True
    )
    assert done.stdout.strip() == "48", done.stderr


def test_a_hub_name_is_a_model_to_score_with(trained, tmp_path):
    code = (
        "import stance\nprint(stance.load('someone/stance-tiny').config.name)\n"
        "try: stance.load('someone/other')\nexcept stance.CheckpointError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=hub_cache(tmp_path, "someone/stance-tiny", trained), capture_output=True, text=True
    )
    name, error = done.stdout.strip().splitlines()
    assert name == "tiny" and "someone/other" in error


def test_recipes_name_what_is_wrong(tmp_path):
    assert recipe.load("default").stages
    path = tmp_path / "r.yaml"
    path.write_text("name: x\nbase: y\nstages:\n- {name: a, sources: {articles: 1}, learning_rate: 1}\n")
    with pytest.raises(ValueError, match=r"r\.yaml: stage 1 has no 'learning_rate'; it may have .*rate"):
        recipe.load(str(path))
    path.write_text("name: [x\n")
    with pytest.raises(ValueError, match="not YAML"):
        recipe.load(str(path))


def test_a_head_without_labels_takes_no_loss(tiny_base):
    from stance.labels import LabelSet
    from stance.training.labelled.corpus import Document, LabelledMention, LabelledSentence
    from stance.training.network.modeling import StanceNetwork

    encoder, tokens = load_base(str(tiny_base), 64, 16)
    network = StanceNetwork(encoder, LabelSet())
    text = "Moscow denied the report ."
    document = Document(
        "a",
        "x",
        text,
        [(0, len(text))],
        {0: LabelledSentence(0, len(text), [LabelledMention(0, 6, "", None, "negative")], complete=False)},
    )
    loss = network(**Collator(network.labels)(examples([document], tokens)))["loss"]
    loss.backward()
    used = {
        name.split(".")[1]
        for name, p in network.spans.named_parameters(prefix="spans")
        if p.grad is not None and p.grad.abs().sum() > 0
    }
    assert "sentiment" in used and "portrayal" in used
    assert not used & {"stance", "cue", "link_query", "link_key"}
    assert network.tags.output.weight.grad.abs().sum() == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"stages": 5}, "are lists"),
        ({"stages": ["abc"]}, "stage 1 is 'abc'"),
        ({"stages": [{"name": "a", "sources": ["articles"]}]}, "sources is"),
        ({"stages": [{"name": "a", "sources": {"articles": 1}, "epochs": "one"}]}, "epochs is 'one', not a number"),
        ({"stages": [{"name": "a", "sources": {"articles": 1}, "loss": {"stnce": 1}}]}, "no loss 'stnce'"),
        ({"development": "articles_dev"}, "are lists"),
    ],
)
def test_a_recipe_of_the_wrong_kind_is_one_line(tmp_path, changes, told):
    path = tmp_path / "r.yaml"
    path.write_text(yaml.safe_dump({"name": "x", "base": "y", "stages": [{"name": "a", "sources": {"articles": 1}}]} | changes))
    with pytest.raises(ValueError) as caught:
        recipe.load(str(path))
    assert told in str(caught.value) and "r.yaml" in str(caught.value)


def test_a_rate_without_a_dot_is_a_number(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text("name: x\nbase: y\nstages:\n- {name: a, sources: {articles: 1}, rate: 1e-4}\n")
    assert recipe.load(str(path)).stages[0].rate == 1e-4


def test_one_article_is_learnt_from(tiny_recipe, tmp_path, capsys):
    """Whatever side its name would put it on."""
    text = (ARTICLES / "sport.txt").read_text(encoding="utf-8")
    one = "# article:" + text.split("# article:")[1]
    for name in ("sport-one", "sport-two"):
        (tmp_path / "a.txt").write_text(one.replace(one.split("\n")[0], f"# article: {name}"), encoding="utf-8")
        finetune.train(str(tiny_recipe), tmp_path / name, [tmp_path / "a.txt"], None, {"epochs": 1})
        assert "Not measured" in (tmp_path / name / CARD).read_text()
    assert "too few articles" in capsys.readouterr().err
