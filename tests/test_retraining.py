"""Retraining on tables: any label set, starting points, resuming, several processes, the choices of a recipe."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

import stance
from stance.checkpoint import CARD, ENCODER, ENCODER_FLOAT32, WEIGHTS
from stance.training import finetune
from stance.training.finetuning import hyperparameters, learning_curve, recipe, resume
from stance.training.finetuning.stages import run_stage
from stance.training.finetuning.starting_point import relabelled, start
from stance.training.finetuning.teaching import default_recipe, own_teaching, parted, prepared, stage_examples
from stance.training.finetuning.trainer import class_weights, load_base, measure
from stance.training.labelled import sources
from stance.training.network.dataset import Collator, Example, examples
from stance.training.network.modeling import LossWeights, Objective, StanceNetwork
from stance.training.network.parameters import add_adapters, freeze, layer_of, merge_adapters

ACTORS = ("Oslo", "Moscow", "Bern", "Rome", "Kyiv", "Lima", "Quito", "Accra")
THINGS = ("dam", "bridge", "ship", "bank", "school")
TURNS = {
    "support": "{} agreed that the {} had failed.",
    "deny": "{} denied that the {} had failed.",
    "query": "{} asked whether the {} had failed.",
    "comment": "{} looked at the {} on Monday.",
}


def write_table(path: Path, labels=tuple(TURNS), seed: int = 0) -> Path:
    """A sentence an actor, a thing and a label; of more labels than turns, a turn has several."""
    rows = [
        (list(TURNS.values())[i % len(TURNS)].format(actor, f"{thing} {i}"), actor, label)
        for i, label in enumerate(labels)
        for actor in ACTORS
        for thing in THINGS[: max(20 // len(labels), 1)]
    ]
    random.Random(seed).shuffle(rows)
    with open(path, "w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([("sentence", "actor", "stance"), *rows])
    return path


@pytest.fixture(scope="module")
def rumours(tmp_path_factory) -> Path:
    return write_table(tmp_path_factory.mktemp("table") / "rumours.csv")


@pytest.fixture(scope="module")
def tiny(tiny_base, tmp_path_factory):
    """Writes a recipe that starts from the tiny encoder."""

    def write(**stage) -> str:
        path = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
        choices = {"name": "gold", "sources": {"data": 1.0}, "epochs": 2, "rate": 2e-3, "batch": 8, "head_rate": 2.0}
        top = {k: stage.pop(k) for k in ("checkpoint_minutes", "base", "labels", "held_out", "precision") if k in stage}
        made = {
            "name": "tiny",
            "base": str(tiny_base),
            "max_tokens": 64,
            "context_tokens": 16,
            "bf16": False,
            "precision": "float32",
        }
        path.write_text(yaml.safe_dump({**made, **top, "stages": [{**choices, **stage}]}))
        return str(path)

    return write


@pytest.fixture(scope="module")
def trained(tiny, rumours, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("trained") / "model"
    finetune.train(tiny(epochs=8, averaging=0.9, precision="both"), folder, [rumours], None, {})
    return folder


def test_a_table_with_its_own_labels_becomes_a_model(trained, rumours):
    classifier = stance.load(trained)
    assert classifier.labels.stance == ("comment", "deny", "query", "support") and classifier.labels.sentiment == ()
    p = classifier.predict("Oslo denied that the ship had failed.", "Oslo")
    assert p.stance == "deny" and p.sentiment is None
    assert [k for k in p.row() if k.startswith("p_")] == ["p_comment", "p_deny", "p_query", "p_support"]
    lost = classifier.predict("It rained.", "Oslo")
    assert list(lost.row()) == list(p.row()), "every row of a model has the same columns"
    article = classifier.analyze("Oslo denied that the ship had failed. Oslo denied that the bank had failed.")
    assert all(set(a.stances) <= set(classifier.labels.stance) for a in article.actors)


def test_the_result_says_what_it_was_made_of(trained):
    log = json.loads((trained / "training.json").read_text())
    assert log["data"]["rows"] == 160 and log["data"]["files"] == ["rumours.csv"] and len(log["data"]["sha256"]) == 64
    assert set(log["versions"]) == {"python", "torch", "transformers", "stance"}
    figure = log["figures"]["development"]["stance"]["metrics"]["macro_f1"]
    assert figure["low"] <= figure["value"] <= figure["high"]
    card = (trained / CARD).read_text()
    assert "comment, deny, query, support" in card and f"**{figure['value']:.3f}**" in card and "rumours.csv" in card
    assert "confirming" not in card
    assert recipe.load(str(trained / "recipe.yaml")) == recipe.load(str(trained / "recipe.yaml")).changed({})
    assert not (trained / "checkpoints").exists()


def test_both_precisions_are_there_and_can_be_chosen(trained, tmp_path):
    row = ("Oslo denied that the ship had failed.", "Oslo")
    small, exact = stance.load(trained), stance.load(trained, precision="float32")
    assert small.config.precision == "int8" and (trained / ENCODER_FLOAT32).stat().st_size > (trained / ENCODER).stat().st_size
    a, b = (list(c.predict(*row).stance_probabilities.values()) for c in (small, exact))
    assert a != b and a == pytest.approx(b, abs=0.1)
    copy = tmp_path / "copy"
    shutil.copytree(trained, copy)
    (copy / ENCODER_FLOAT32).unlink()
    with pytest.raises(stance.CheckpointError, match="stance export"):
        stance.load(copy, precision="float32")


def test_files_are_scored_in_the_precision_asked_for(trained, tmp_path):
    (tmp_path / "a.csv").write_text("sentence,actor\nOslo denied that the ship had failed.,Oslo\n")
    command = ["score", str(tmp_path / "a.csv"), "-m", str(trained), "-f", "jsonl", "-q"]
    command = [sys.executable, "-m", "stance", *command]
    for precision in ("int8", "float32"):
        output = tmp_path / precision
        subprocess.run([*command, "-o", output, "--precision", precision], check=True)
        row = json.loads((output / "part-000000.jsonl").read_text())
        exact = stance.load(trained, precision=precision).predict("Oslo denied that the ship had failed.", "Oslo")
        assert row["p_deny"] == exact.row()["p_deny"]
    result = subprocess.run([*command, "-o", output, "--precision", "int8"], capture_output=True, text=True)
    assert result.returncode == 1 and "begun with other model" in result.stderr


@pytest.mark.parametrize("count", [2, 20])
def test_two_labels_or_twenty(tiny, tmp_path, count):
    labels = [f"label {i}" for i in range(count)]
    network, _, _ = fitted(tiny(epochs=1), write_table(tmp_path / "data.csv", labels))
    assert sorted(network.labels.stance) == sorted(labels) and network.spans.stance[4].out_features == count


def test_other_labels_start_anew_and_the_rest_of_a_model_stays(trained):
    made = recipe.Recipe("x", str(trained), (recipe.Stage("gold", {"data": 1.0}),))
    network, _ = start(made)
    before = {k: v.clone() for k, v in network.state_dict().items()}
    after = relabelled(network, stance.LabelSet(("a", "b"), ("negative", "positive"))).state_dict()
    assert after["spans.stance.4.weight"].shape[0] == 2 and after["spans.sentiment.4.weight"].shape[0] == 2
    kept = [k for k in before if not k.startswith(("spans.stance.4", "spans.sentiment.4"))]
    assert all(torch.equal(before[k], after[k]) for k in kept)


# --- resuming -------------------------------------------------------------------------------------------------------


def test_a_killed_run_goes_on_to_the_same_weights(tiny, rumours, tmp_path, capsys, monkeypatch):
    path = tiny(epochs=12, averaging=0.9, patience=11, checkpoint_minutes=0)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    arguments = ["--recipe", path, "-o", str(broken), "--threads", str(torch.get_num_threads())]
    process = subprocess.Popen([sys.executable, "-m", "stance", "train", str(rumours), *arguments], stderr=subprocess.PIPE)
    until = time.monotonic() + 120
    while not list(broken.glob(f"checkpoints/0-gold/checkpoint-*/{resume.STATE}")) and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL and not (broken / WEIGHTS).exists()
    assert "training_args.bin" not in [p.name for p in broken.rglob("*")], "a pickle"
    monkeypatch.setattr(finetune.export, "export_graphs", lambda *_: "float32")  # slow, and of no concern here
    monkeypatch.setattr(finetune, "figures", lambda *_: {})
    for folder in (whole, broken):
        finetune.train(path, folder, [rumours], None, {})
    told = capsys.readouterr().err
    assert told.count("going on with the run that was interrupted") == 1 and "from step" in told
    a, b = load_file(whole / WEIGHTS), load_file(broken / WEIGHTS)
    assert all(torch.equal(a[k], b[k]) for k in a)
    assert not (broken / "checkpoints").exists()


def test_the_checkpoints_of_another_run_are_not_taken(tmp_path):
    resume.open_run(tmp_path, {"recipe": 1, "data": "a"})
    assert resume.open_run(tmp_path, {"recipe": 1, "data": "a"})
    with pytest.raises(ValueError, match="another data.*--restart"):
        resume.open_run(tmp_path, {"recipe": 1, "data": "b"})
    assert not resume.open_run(tmp_path, {"recipe": 1, "data": "b"}, restart=True).resumed


def test_a_finished_stage_is_not_trained_again_and_half_a_checkpoint_is_passed_over(tmp_path):
    run = resume.open_run(tmp_path, {"recipe": 1})
    assert run.finished_stage(0, "gold") is None
    run.finish_stage(0, "gold", {"w": torch.ones(2)}, [{"loss": 1.0}])
    weights, log = run.finished_stage(0, "gold")
    assert torch.equal(weights["w"], torch.ones(2)) and log == [{"loss": 1.0}]
    for step, state in ((4, "{}"), (8, '{"ep')):
        folder = run.stage(1, "next") / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        (folder / "model.safetensors").touch()
        (folder / resume.STATE).write_text(state)
    assert run.last_checkpoint(1, "next").name == "checkpoint-4"


# --- several processes ----------------------------------------------------------------------------------------------


def test_two_processes_train_as_one(tiny, rumours, trained, tmp_path):
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    arguments = [str(rumours), "--recipe", tiny(epochs=8, averaging=0.9), "-o", str(tmp_path / "model")]
    done = subprocess.run(
        [*launch, "-m", "stance.training.finetune", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr.count("saved ") == 1
    two, one = (
        json.loads((f / "training.json").read_text())["figures"]["development"]["stance"]["metrics"]["macro_f1"]
        for f in (tmp_path / "model", trained)
    )
    assert one["low"] <= two["value"] <= one["high"]


# --- the choices of a recipe ----------------------------------------------------------------------------------------


def fitted(recipe_path: str, data: Path, **changes) -> tuple[StanceNetwork, list[dict], list[Example]]:
    """The network, the log and the development windows of a run, without what comes after training."""
    made, teaching = own_teaching(recipe_path, [data], None, changes, None)
    network, encoder = start(made, teaching.labels)
    items, _ = stage_examples(made.stages[0], teaching.stages[0], encoder, made)
    development = {"data": prepared(teaching.development["data"], encoder, made)}
    return network, run_stage(network, made, 0, items, development), development["data"]


def test_early_stopping_keeps_the_best(tiny, rumours):
    network, log, development = fitted(tiny(epochs=40, patience=2), rumours)
    scores = [h["eval_macro_f1"] for h in log if "eval_macro_f1" in h]
    assert len(scores) < 40
    assert measure(network, development, Collator(network.labels))["stance_macro_f1"] == pytest.approx(max(scores), abs=1e-4)


@pytest.mark.parametrize(
    "choice",
    [
        {"lora": 4},
        {"freeze": "1"},
        {"freeze": "encoder"},
        {"focal": 2.0, "class_weights": "auto"},
        {"accumulate": 2, "layer_decay": 0.8, "averaging": 0.9},
    ],
)
def test_every_choice_learns(tiny, rumours, choice):
    _, log, _ = fitted(tiny(epochs=3, **choice), rumours)
    losses = [h["loss"] for h in log if "loss" in h]
    assert min(losses[-3:]) < losses[0]


def test_what_is_frozen_does_not_move(tiny_base):
    encoder, _ = load_base(str(tiny_base), 64, 16)
    network = StanceNetwork(encoder, stance.LabelSet())
    freeze(network, "1")
    moving = {name for name, p in network.named_parameters() if p.requires_grad}
    assert not any("embeddings" in n or "layer.0." in n for n in moving)
    assert any("layer.1." in n for n in moving) and any(n.startswith("spans.") for n in moving)
    assert layer_of("encoder.encoder.layer.1.output.weight", 2) == 2 and layer_of("encoder.embeddings.LayerNorm.weight", 2) == 0


def test_merged_adapters_compute_what_they_did_apart(tiny_base):
    torch.manual_seed(0)
    encoder, _ = load_base(str(tiny_base), 64, 16)
    network = StanceNetwork(encoder, stance.LabelSet()).eval()
    names = set(network.state_dict())
    add_adapters(network, 4)
    trained = [n for n, p in network.encoder.named_parameters() if p.requires_grad]
    assert trained and all("lora_" in n for n in trained)
    with torch.no_grad():
        for n, p in network.encoder.named_parameters():
            if "lora_B" in n:
                p.normal_(std=0.1)
    network.eval()
    ids = torch.randint(5, 50, (2, 9))
    apart = network.hidden_states(ids, torch.ones_like(ids))
    merge_adapters(network)
    assert set(network.state_dict()) == names
    assert torch.allclose(apart, network.hidden_states(ids, torch.ones_like(ids)), atol=1e-5)


def test_focal_loss_and_class_weights_are_what_they_are_called(tiny_base):
    encoder, _ = load_base(str(tiny_base), 64, 16)
    network = StanceNetwork(encoder, stance.LabelSet(("a", "b"), ()))
    logits, target, weight = torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 0]), torch.ones(2)
    p = logits.softmax(-1)[:, 0]

    def loss(**objective) -> float:
        network.objective = Objective(LossWeights(), **objective)
        return float(network._classes("stance", logits, target, torch.zeros_like(logits), weight))

    assert loss() == pytest.approx(float(-p.log().mean()), rel=1e-5)
    assert loss(focal=2.0) == pytest.approx(float((-((1 - p) ** 2) * p.log()).mean()), rel=1e-5)
    assert loss(class_weights={"stance": [3.0, 1.0]}) == pytest.approx(3 * loss(), rel=1e-5)


def test_consistency_is_the_disagreement_of_two_passes(tiny_base):
    encoder, _ = load_base(str(tiny_base), 64, 16)
    network = StanceNetwork(encoder, stance.LabelSet(), Objective(LossWeights(stance=1.0, sentiment=0.5), consistency=1.0))
    one = {"stance": torch.tensor([[1.0, 0.0, 0.0, 0.0]]), "sentiment": torch.tensor([[0.0, 0.0, 2.0]])}
    other = {"stance": torch.tensor([[0.0, 3.0, 0.0, 0.0]]), "sentiment": torch.tensor([[1.0, 0.0, 0.0]])}

    def divergence(head: str) -> float:
        p, q = one[head].softmax(-1), other[head].softmax(-1)
        return float((p * (p / q).log()).sum() + (q * (q / p).log()).sum()) / 2

    assert network.disagreement(one, one) == 0
    expected = divergence("stance") + 0.5 * divergence("sentiment")
    assert float(network.disagreement(one, other)) == pytest.approx(expected, rel=1e-5)

    passes = []
    network.encoder.register_forward_hook(lambda *_: passes.append(1))
    items = examples(sources.load("articles_dev", None)[:1], load_base(str(tiny_base), 64, 16)[1])[:2]
    batch = Collator(network.labels)(items)
    network.train()(**batch)["loss"].backward()
    network.eval()(**batch)
    assert len(passes) == 3


def test_automatic_class_weights_make_up_for_rare_labels(tiny_base, rumours):
    _, tokens = load_base(str(tiny_base), 64, 16)
    items = examples(sources.read_paths([rumours], None), tokens)
    rare = [e for e in items if e.mentions[0].stance != "deny"] + [e for e in items if e.mentions[0].stance == "deny"][:4]
    stage = recipe.Stage("x", {"data": 1.0}, class_weights="auto")
    weights = dict(zip(("deny", "query"), class_weights(stage, ("deny", "query"), "stance", rare)))
    assert weights["deny"] > 4 > 1 > weights["query"]


def test_trials_choose_by_the_development_score(tiny, rumours):
    made, teaching = own_teaching(tiny(epochs=1), [rumours], None, {}, None)
    chosen, found = hyperparameters.search(made, teaching, 3)
    assert len(found) == 3
    assert chosen.stages[0].rate == pytest.approx(max(found, key=lambda t: t["macro_f1"])["rate"])


def test_tensorboard_and_learning_curve_on_request(tiny, rumours, tmp_path):
    made, teaching = own_teaching(tiny(epochs=1), [rumours], None, {"tensorboard": True}, None)
    network, encoder = start(made, teaching.labels)
    items, _ = stage_examples(made.stages[0], teaching.stages[0], encoder, made)
    run_stage(network, made, 0, items, {}, resume.open_run(tmp_path, {}))
    assert list((tmp_path / "tensorboard").rglob("events.out.tfevents*"))
    learning_curve.write(made, teaching, tmp_path / "learning_curve", (0.25, 0.5, 1.0))
    found = json.loads((tmp_path / "learning_curve.json").read_text())
    assert [p["mentions"] for p in found] == sorted(p["mentions"] for p in found) and len(found) == 3
    assert (tmp_path / "learning_curve.png").stat().st_size > 1000


def test_the_recipe_fits_the_data_and_a_share_of_the_articles_is_held_out(tiny_base, rumours):
    assert [default_recipe(n, b) for n, b in ((200, None), (5000, None), (200, str(tiny_base)), (5000, str(tiny_base)))] == [
        "few",
        "finetune",
        "few_encoder",
        "encoder",
    ]
    documents = sources.read_paths([rumours], None)
    taught, held = parted(documents, 10)
    assert len(held) == 16 and len(taught) == 144 and not {d.id for d in taught} & {d.id for d in held}
    assert parted(documents, 10)[1] == held and parted(documents, 0) == (documents, [])
    assert len(parted(documents[:12], 5)[1]) == 1 and not parted(documents[:3], 10)[1]


def test_weights_for_a_label_that_is_none_are_one_line(tiny, rumours):
    with pytest.raises(
        ValueError, match="class weights for 'denies', which is no label; there are comment, deny, query, support"
    ):
        own_teaching(tiny(), [rumours], None, {"class_weights": {"denies": 2.0}}, None)


# --- the summary ----------------------------------------------------------------------------------------------------


def test_the_summary_names_rows_labels_and_warnings(tiny, rumours, tmp_path, capsys):
    rows = list(csv.reader(open(rumours, encoding="utf-8")))
    with open(tmp_path / "bad.csv", "w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([*rows, ("It rained.", "Oslo", "deny"), ("Oslo sang.", "Oslo", "sing")])
    with open(tmp_path / "test.csv", "w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows(rows[:6])
    finetune.train(
        tiny(), tmp_path / "model", [tmp_path / "bad.csv"], None, {"held_out": 0}, test=[tmp_path / "test.csv"], dry_run=True
    )
    told = capsys.readouterr().err
    assert "162 rows read, 1 left out" in told and "row 162: 'Oslo' is not in the sentence" in told
    assert "the stance 'sing' has 1 row in training" in told and "5 sentences are in training and in test" in told
    assert "deny 40" in told and not (tmp_path / "model").exists()
    with pytest.raises(ValueError, match=r"bad.csv row 162: .*--strict"):
        finetune.train(tiny(), tmp_path / "model", [tmp_path / "bad.csv"], None, {}, strict=True)
