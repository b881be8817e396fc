"""Fine-tuning on transformers' Trainer, in stages, as a recipe says."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch.utils.data import DataLoader, Sampler
from transformers import AutoConfig, AutoModel, AutoTokenizer, Trainer, TrainingArguments

from stance.encoding import SentenceEncoder
from stance.training.dataset import Collator, Example, ExampleDataset
from stance.training.metrics import classification_scores, span_f1
from stance.training.modeling import IGNORE, StanceNetwork


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
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
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
    limit = min(max_tokens, getattr(config, "max_position_embeddings", None) or max_tokens)
    return encoder, SentenceEncoder(tokenizer.backend_tokenizer, limit, context_tokens)


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
    """A Trainer that gives the new heads a rate of their own and measures stance, sentiment and tags on given mentions."""

    def __init__(
        self,
        *args,
        head_rate: float = 1.0,
        layer_decay: float = 1.0,
        development: dict[str, Sequence[Example]] | None = None,
        **kwargs,
    ):
        self.head_rate, self.layer_decay, self.development = head_rate, layer_decay, development or {}
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
            layers = self.model.encoder.config.num_hidden_layers
            groups: dict[tuple[float, float], list] = {}
            for name, parameter in self.model.named_parameters():
                if not parameter.requires_grad:
                    continue
                decay = 0.0 if parameter.ndim < 2 else self.args.weight_decay
                groups.setdefault((self.args.learning_rate * self._rate(name, layers), decay), []).append(parameter)
            self.optimizer = torch.optim.AdamW(
                [{"params": p, "lr": rate, "weight_decay": decay} for (rate, decay), p in groups.items()],
                betas=(self.args.adam_beta1, self.args.adam_beta2),
                eps=self.args.adam_epsilon,
                fused=True,
            )
        return self.optimizer

    def _rate(self, name: str, layers: int) -> float:
        if not name.startswith("encoder."):
            return self.head_rate
        number = next((int(part) for part in name.split(".") if part.isdigit()), None)
        depth = 0 if number is None or "embeddings" in name else number + 1
        return self.layer_decay ** (layers - depth)

    def evaluate(self, eval_dataset=None, ignore_keys=None, metric_key_prefix: str = "eval") -> dict[str, float]:
        metrics = {}
        for name, items in self.development.items():
            for key, value in measure(self.model, items, self.data_collator, self.args.per_device_eval_batch_size).items():
                metrics[f"{metric_key_prefix}_{name}_{key}"] = value
        means = [v for k, v in metrics.items() if k.endswith("stance_macro_f1")]
        metrics[f"{metric_key_prefix}_stance_macro_f1"] = sum(means) / max(len(means), 1)
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


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


def arguments(
    output: Path,
    *,
    epochs: float,
    rate: float,
    batch: int,
    seed: int,
    warmup: float,
    decay: float,
    steps: int,
    **more,
) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(output),
        num_train_epochs=epochs,
        learning_rate=rate,
        per_device_train_batch_size=batch,
        per_device_eval_batch_size=64,
        seed=seed,
        data_seed=seed,
        warmup_steps=warmup,
        weight_decay=decay,
        lr_scheduler_type="linear",
        max_grad_norm=1.0,
        logging_steps=max(steps // 10, 1),
        eval_strategy="epoch",
        save_strategy="no",
        report_to=[],
        remove_unused_columns=False,
        dataloader_num_workers=0,
        label_names=[],
        **more,
    )
