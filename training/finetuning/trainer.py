"""Fine-tuning on transformers' Trainer, in stages, as a recipe says."""

from __future__ import annotations

import importlib.util
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch.utils.data import DataLoader, Sampler
from transformers import AutoConfig, AutoModel, AutoTokenizer, PrinterCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.integrations import TensorBoardCallback

from stance.encoding import SentenceEncoder
from stance.labels import HEADS
from stance.training.finetuning.processes import from_main, is_main, world_size
from stance.training.finetuning.progress import TrainingProgress
from stance.training.finetuning.recipe import Recipe, Stage
from stance.training.metrics import classification_scores, span_f1
from stance.training.network.dataset import Collator, Example, ExampleDataset
from stance.training.network.export import without_attention_dropout
from stance.training.network.modeling import IGNORE, LossWeights, Objective, StanceNetwork
from stance.training.network.parameters import add_adapters, freeze, parameter_groups


def resolve_base(name: str) -> str:
    """A local folder, ``package:NAME`` (the folder of a model in an installed package) or a hub name -> what transformers loads.

    Raises ``ValueError`` in one line if a package or a folder with that name holds no model.
    """
    if name.startswith("package:"):
        package = name.removeprefix("package:")
        try:
            spec = importlib.util.find_spec(package.replace("-", "_"))
        except (ImportError, ValueError):
            spec = None
        if spec is None or not spec.submodule_search_locations:
            raise ValueError(f"the package {package} is not installed: pip install {package.replace('_', '-')}")
        root = Path(spec.submodule_search_locations[0])
        found = sorted(root.rglob("config.json"), key=lambda p: len(p.parts))
        found = [p for p in found if "model_type" in json.loads(p.read_text(encoding="utf-8"))]
        if not found:
            raise ValueError(f"the package {package} holds no transformers model (no config.json with a model_type)")
        return str(found[0].parent)
    if os.path.isdir(name):
        if not os.path.isfile(os.path.join(name, "config.json")):
            raise ValueError(f"{name} holds no model: it has no config.json")
        return name
    if name.startswith((".", "/", "~", "runs/")):
        raise ValueError(f"there is no model folder {name}; train it first, or give another with --base")
    return name


def load_base(name: str, max_tokens: int, context_tokens: int) -> tuple[torch.nn.Module, SentenceEncoder]:
    """The encoder and its tokenizer. Never runs code from the hub, reads safetensors only."""
    folder = resolve_base(name)
    try:
        config = without_attention_dropout(AutoConfig.from_pretrained(folder, trust_remote_code=False))
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        encoder = AutoModel.from_pretrained(
            folder, config=config, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
        )
    except (OSError, SafetensorError) as error:
        raise ValueError(f"cannot load the base model {name}: {str(error).splitlines()[0]}") from None
    if not tokenizer.is_fast:
        raise ValueError(f"{name} has no fast tokenizer (tokenizer.json), which gives the offsets that this package needs")
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    limit = min(max_tokens, _positions(encoder) or max_tokens)
    return encoder, SentenceEncoder(tokenizer.backend_tokenizer, limit, context_tokens)


def _positions(encoder: torch.nn.Module) -> int | None:
    """How many tokens an encoder can read; RoBERTa and its kin count positions from after the padding's."""
    table = getattr(getattr(encoder, "embeddings", None), "position_embeddings", None)
    if isinstance(table, torch.nn.Embedding):
        return table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
    return getattr(encoder.config, "max_position_embeddings", None)


class LikeLengthSampler(Sampler):
    """Batches of windows of like length, in random order.

    transformers' own sampler (group_by_length) hands out each run of batches from the longest to the shortest. Here length goes
    with the source (whole articles, sentences from a table), so that a run would end on one source alone: macro-F1 after an
    epoch was 0.2 lower.
    """

    def __init__(self, lengths: Sequence[int], batch: int, seed: int, epoch: Callable[[], int] = lambda: 0, run: int = 50):
        self.lengths, self.batch, self.seed, self.epoch, self.run = list(lengths), batch, seed, epoch, run

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(1_000_003 * self.seed + self.epoch())
        order = torch.randperm(len(self.lengths), generator=generator).tolist()
        size = self.batch * self.run
        batches = []
        for k in range(0, len(order), size):
            part = sorted(order[k : k + size], key=self.lengths.__getitem__)
            batches += [part[i : i + self.batch] for i in range(0, len(part), self.batch)]
        last = [b for b in batches if len(b) < self.batch]  # a batch that is not full would shift those after it
        full = [b for b in batches if len(b) == self.batch]
        for i in torch.randperm(len(full), generator=generator).tolist():
            yield from full[i]
        for b in last:
            yield from b


class StanceTrainer(Trainer):
    """A Trainer that measures stance, sentiment and tags on given mentions, keeps a running mean of the weights and the best
    ones, and saves all of that so that an interrupted run ends with the weights of an unbroken one.

    ``stage`` gives the rates of heads and layers, ``averaging`` and ``patience``; ``heads``: those that the data labels.
    """

    def __init__(
        self, *args, stage: Stage, heads: Sequence[str], development: dict[str, Sequence[Example]] | None = None, **kwargs
    ):
        self.stage, self.heads, self.development = stage, heads, development or {}
        self.mean: dict[str, torch.Tensor] | None = None
        self.best: dict[str, torch.Tensor] | None = None
        self.stale = 0  # evaluations since the best one
        super().__init__(*args, eval_dataset=ExampleDataset([e for items in self.development.values() for e in items]), **kwargs)

    def _get_train_sampler(self, train_dataset=None):
        dataset = train_dataset if train_dataset is not None else self.train_dataset
        return LikeLengthSampler(
            dataset.lengths,
            self.args.train_batch_size,
            self.args.data_seed or self.args.seed,
            lambda: int((self.state.epoch or 0) + 1e-3),
        )

    def create_optimizer(self, *args, **kwargs):
        if self.optimizer is None:
            s, layers = self.stage, self.model.encoder.config.num_hidden_layers
            groups = parameter_groups(
                self.model, layers, self.args.learning_rate, s.head_rate, s.layer_decay, self.args.weight_decay
            )
            self.optimizer = torch.optim.AdamW(
                groups, betas=(self.args.adam_beta1, self.args.adam_beta2), eps=self.args.adam_epsilon, fused=True
            )
        return self.optimizer

    def call_model_init(self, trial=None):
        self.mean, self.best, self.stale = None, None, 0
        return super().call_model_init(trial)

    # --- the mean of the weights ------------------------------------------------------------------------------------

    def trained_weights(self) -> dict[str, torch.Tensor]:
        return {name: w.detach() for name, w in self.model.named_parameters() if w.requires_grad}

    def update_mean(self) -> None:
        """The running mean of the weights, after each step (Polyak and Juditsky 1992); it follows faster at the beginning."""
        if self.stage.averaging:
            now = self.trained_weights()
            self.mean = self.mean or {name: w.clone() for name, w in now.items()}
            decay = min(self.stage.averaging, (1 + self.state.global_step) / (10 + self.state.global_step))
            torch._foreach_lerp_([self.mean[name] for name in now], list(now.values()), 1 - decay)

    def load_weights(self, weights: dict[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for name, w in self.trained_weights().items():
                w.copy_(weights[name])

    # --- measuring and stopping -------------------------------------------------------------------------------------

    def evaluate(self, eval_dataset=None, ignore_keys=None, metric_key_prefix: str = "eval") -> dict[str, float]:
        """Scores on the development sets, of the mean weights where there are any; in several processes, the main one's."""
        kept = {name: w.clone() for name, w in self.trained_weights().items()} if self.mean else None
        if self.mean:
            self.load_weights(self.mean)
        metrics = from_main(self._measured(metric_key_prefix) if is_main() else {})
        if self.stage.patience and self.development:
            if metrics[f"{metric_key_prefix}_macro_f1"] > (-1.0 if self.state.best_metric is None else self.state.best_metric):
                self.state.best_metric, self.stale = metrics[f"{metric_key_prefix}_macro_f1"], 0
                self.best = {name: w.clone() for name, w in self.trained_weights().items()}
            else:
                self.stale += 1
                self.control.should_training_stop |= self.stale >= self.stage.patience
        if kept:
            self.load_weights(kept)
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def _measured(self, prefix: str) -> dict[str, float]:
        metrics: dict[str, float] = {}
        if not self.development:
            return metrics
        for name, items in self.development.items():
            for key, value in measure(self.model, items, self.data_collator, self.args.per_device_eval_batch_size).items():
                metrics[f"{prefix}_{name}_{key}"] = value
        means = [v for k, v in metrics.items() if k.endswith(tuple(f"{head}_macro_f1" for head in self.heads))]
        return metrics | {f"{prefix}_macro_f1": sum(means) / max(len(means), 1)}

    def finish(self) -> None:
        """Give the network the run's result: the best weights on the development sets, else the mean ones, else the last."""
        if weights := self.best or self.mean:
            self.load_weights(weights)

    # --- going on after an interruption -----------------------------------------------------------------------------

    def _save(self, output_dir: str | None = None, state_dict: dict | None = None) -> None:
        """The weights, their mean and the best ones, as safetensors alone: the Trainer would pickle its arguments too."""
        folder = Path(output_dir or self.args.output_dir)
        if self.args.should_save:
            folder.mkdir(parents=True, exist_ok=True)
            for name, weights in (("model", self.model.state_dict()), ("mean", self.mean), ("best", self.best)):
                if weights:
                    save_file({k: w.contiguous() for k, w in weights.items()}, folder / f"{name}.safetensors")
            (folder / "stale.json").write_text(json.dumps(self.stale), encoding="utf-8")

    def _save_checkpoint(self, model, trial) -> None:
        if not self.control.should_training_stop:  # it would go on from there with an epoch more
            super()._save_checkpoint(model, trial)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model=None) -> None:
        folder = Path(resume_from_checkpoint)
        device = next(self.model.parameters()).device
        self.model.load_state_dict(load_file(folder / "model.safetensors", device=str(device)))
        self.stale = json.loads((folder / "stale.json").read_text(encoding="utf-8"))
        for name in ("mean", "best"):
            if (folder / f"{name}.safetensors").is_file():
                setattr(self, name, load_file(folder / f"{name}.safetensors", device=str(device)))


class StepEnd(TrainerCallback):
    """After each step: the mean of the weights, and a checkpoint where ``minutes`` have passed since the last one.

    At the end of an epoch the checkpoint waits for the evaluation, which would be left out otherwise.
    """

    def __init__(self, minutes: float):
        self.minutes, self.last, self.took = minutes, time.monotonic(), 0.0
        self.trainer: StanceTrainer | None = None

    def on_step_end(self, args, state, control, **kwargs):
        self.trainer.update_mean()
        # Processes ask each other seldom: all must save at the same step.
        if state.epoch != int(state.epoch) and (world_size() == 1 or state.global_step % 50 == 0):
            control.should_save = self._due()
        return control

    def on_epoch_end(self, args, state, control, **kwargs):
        control.should_save = self._due()
        return control

    def on_save(self, args, state, control, **kwargs):
        self.last, self.took = time.monotonic(), time.monotonic() - self.last
        return control

    def _due(self) -> bool:
        due = from_main(time.monotonic() - self.last >= max(60 * self.minutes, 20 * self.took))
        self.last, self.took = (time.monotonic(), 0.0) if due else (self.last, self.took)
        return due


@torch.inference_mode()
def measure(network: StanceNetwork, items: Sequence[Example], collate: Collator, batch_size: int = 32) -> dict[str, float]:
    """Scores of a network on labelled windows: macro-F1 of stance and sentiment on given mentions, F1 of the tags."""
    was_training = network.training
    network.eval()
    stance, sentiment, found = ([], []), ([], []), ([], [])
    ordered = sorted(items, key=lambda e: len(e.window))
    for batch in DataLoader(ExampleDataset(ordered), batch_size, collate_fn=collate):
        stance_labels, sentiment_labels = batch.pop("stance_labels"), batch.pop("sentiment_labels")
        tags = batch.pop("tag_labels")
        device = next(network.parameters()).device
        inputs = {k: batch[k].to(device) for k in ("input_ids", "attention_mask", "window", "mention", "sentence")}
        out = {name: tensor.cpu() for name, tensor in network(**inputs).items()}
        for (truth, guess), labels, logits in (
            (stance, stance_labels, out["stance"]),
            (sentiment, sentiment_labels, out["sentiment"]),
        ):
            known = labels != IGNORE
            truth += labels[known].tolist()
            guess += logits.argmax(-1)[known].tolist()
        for true, logits in zip(tags, out["tags"]):
            seen = (true[:, 0] != IGNORE).tolist()
            found[0].append([t if s else 0 for t, s in zip(true[:, 0].tolist(), seen)])
            found[1].append([t if s else 0 for t, s in zip(logits[:, :3].argmax(-1).tolist(), seen)])
    network.train(was_training)
    scores = {}
    if stance[0]:
        scores |= {f"stance_{k}": v for k, v in classification_scores(*stance, network.labels.stance).items()}
    if sentiment[0]:
        scores["sentiment_macro_f1"] = classification_scores(*sentiment, network.labels.sentiment)["macro_f1"]
    scores["mention_f1"] = span_f1(*found)["f1"]
    return scores


def trainer_of(
    network: StanceNetwork,
    recipe: Recipe,
    stage: Stage,
    items: Sequence[Example],
    development: dict[str, Sequence[Example]],
    output: Path,
    checkpoints: bool = True,
    tensorboard: Path | None = None,
    model_init: Callable[[], StanceNetwork] | None = None,
) -> StanceTrainer:
    """The Trainer of a stage: the network with the stage's objective, with what it freezes frozen and its adapters added.

    ``tensorboard``: a folder for its logs. ``model_init`` makes a network so prepared for each trial of a search; ``network``
    then only tells labels and padding.
    """
    collate = Collator(network.labels, network.encoder.config.pad_token_id or 0)
    step_end = StepEnd(recipe.checkpoint_minutes if checkpoints else float("inf"))
    callbacks: list[TrainerCallback] = [step_end, TrainingProgress(stage.name)]
    if tensorboard:
        callbacks.append(TensorBoardCallback())
        callbacks[-1].logging_dir = str(tensorboard)
    heads = [h for h in HEADS if any(getattr(m, h) or m.soft.get(h) for e in items for m in e.mentions)]
    trainer = StanceTrainer(
        model=None if model_init else prepare(network, stage, items),
        model_init=model_init,
        args=arguments(recipe, stage, output, len(items)),
        train_dataset=ExampleDataset(items),
        data_collator=collate,
        stage=stage,
        heads=heads,
        development=development,
        callbacks=callbacks,
    )
    step_end.trainer = trainer
    trainer.remove_callback(PrinterCallback)
    return trainer


def prepare(network: StanceNetwork, stage: Stage, items: Sequence[Example]) -> StanceNetwork:
    """Give a network a stage's objective, freeze what it freezes, add its adapters."""
    weights = {head: class_weights(stage, getattr(network.labels, head), head, items) for head in HEADS}
    network.objective = Objective(
        LossWeights(**stage.loss),
        stage.label_smoothing,
        stage.focal,
        stage.consistency,
        {head: w for head, w in weights.items() if w},
    )
    freeze(network, stage.freeze)
    if stage.lora:
        add_adapters(network, stage.lora)
    return network


def class_weights(stage: Stage, labels: Sequence[str], head: str, items: Sequence[Example]) -> list[float] | None:
    """A weight a label: as given, or for *auto* rows / (labels x rows of the label), at most 10; None: all the same."""
    given = stage.class_weights
    if isinstance(given, dict):
        return [given.get(label, 1.0) for label in labels] if set(given) & set(labels) else None
    if given is None or not labels:
        return None
    found = Counter(getattr(m, head) for e in items for m in e.mentions)
    rows = sum(found[label] for label in labels)
    return [min(rows / (len(labels) * found[label]), 10.0) if found[label] else 1.0 for label in labels]


def arguments(recipe: Recipe, stage: Stage, output: Path, windows: int) -> TrainingArguments:
    """A stage's choices as the Trainer takes them. ``output`` gets checkpoints and TensorBoard's files."""
    on_gpu = torch.cuda.is_available()
    step = stage.batch * stage.accumulate
    return TrainingArguments(
        output_dir=str(output),
        num_train_epochs=stage.epochs,
        learning_rate=stage.rate,
        per_device_train_batch_size=max(stage.batch // world_size(), 1),
        per_device_eval_batch_size=64,
        gradient_accumulation_steps=stage.accumulate,
        seed=recipe.seed,
        data_seed=recipe.seed,
        warmup_steps=stage.warmup,
        weight_decay=stage.weight_decay,
        lr_scheduler_type="linear",
        max_grad_norm=1.0,
        logging_steps=max(int(windows / step * stage.epochs) // 20, 1),
        eval_strategy="epoch",
        save_strategy="no",  # StepEnd says when
        save_total_limit=1,
        report_to=[],
        remove_unused_columns=False,
        dataloader_num_workers=0,
        label_names=[],
        bf16=recipe.bf16 and (torch.cuda.is_bf16_supported() if on_gpu else _fast_bf16()),
        use_cpu=not on_gpu,
        ddp_backend=None if on_gpu or world_size() == 1 else "gloo",
        ddp_find_unused_parameters=False,
        disable_tqdm=True,  # progress.py draws the bar
    )


def _fast_bf16() -> bool:
    """Whether the processor multiplies bfloat16 tiles itself (AMX); with AVX-512 alone autocast is slower than float32."""
    return bool(getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)())
