"""Encoders of other families: a tiny random one of each, with its kind of tokenizer, trained, exported and scored offline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
import yaml
from test_retraining import ACTORS, TURNS, write_table
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

import stance
from stance.checkpoint import Checkpoint
from stance.training import finetune
from stance.training.finetuning.trainer import load_base
from stance.training.labelled.sources import read_paths
from stance.training.network import export
from stance.training.network.dataset import Collator, examples

SIZES = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 96}
BERT = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ROBERTA = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
# Architecture, tokenizer, special tokens (padding, unknown, first, last), and what is its own.
FAMILIES = {
    "BERT": ("bert", "wordpiece", BERT, ("[PAD]", "[UNK]", "[CLS]", "[SEP]"), {"max_position_embeddings": 80}),
    "MiniLM": (
        "bert",
        "wordpiece",
        BERT,
        ("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
        {"max_position_embeddings": 80, "num_hidden_layers": 3},
    ),
    "RoBERTa": ("roberta", "bytes", ROBERTA, ("<pad>", "<unk>", "<s>", "</s>"), {"max_position_embeddings": 66}),
    "XLM-R": ("xlm-roberta", "unigram", ROBERTA, ("<pad>", "<unk>", "<s>", "</s>"), {"max_position_embeddings": 66}),
    "DeBERTa-v3": (
        "deberta-v2",
        "unigram",
        ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"),
        ("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
        {
            "relative_attention": True,
            "position_buckets": 16,
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False,
            "max_position_embeddings": 80,
            "type_vocab_size": 0,
        },
    ),
    "ModernBERT": (
        "modernbert",
        "bytes",
        ("[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"),
        ("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
        {"max_position_embeddings": 80, "local_attention": 16, "global_attn_every_n_layers": 2},
    ),
}
TEXTS = [turn.format(actor, "dam") for turn in TURNS.values() for actor in ACTORS] + ["Łódź „denied“ it — naïvely, 東京 said."]


def tokenizer_of(kind: str, specials: tuple[str, ...], first: str, last: str) -> Tokenizer:
    if kind == "wordpiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer, tokenizer.pre_tokenizer = (
            normalizers.BertNormalizer(lowercase=True),
            pre_tokenizers.BertPreTokenizer(),
        )
        trainer = trainers.WordPieceTrainer(vocab_size=300, special_tokens=list(specials), show_progress=False)
    elif kind == "bytes":
        tokenizer = Tokenizer(models.BPE(unk_token=specials[3] if specials[0] == "<s>" else specials[0]))
        tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=500, special_tokens=list(specials), show_progress=False, initial_alphabet=alphabet
        )
    else:
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
        unknown = next(s for s in specials if s.lower() in ("<unk>", "[unk]"))
        trainer = trainers.UnigramTrainer(vocab_size=200, special_tokens=list(specials), unk_token=unknown, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    ids = [(name, tokenizer.token_to_id(name)) for name in (first, last)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{first} $A {last}", special_tokens=ids)
    return tokenizer


def make_base(family: str, folder: Path) -> Path:
    """A random encoder of a family in a folder, as it would come from the hub."""
    architecture, kind, specials, (pad, unknown, first, last), own = FAMILIES[family]
    tokenizer = tokenizer_of(kind, specials, first, last)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=pad, unk_token=unknown, cls_token=first, sep_token=last
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        architecture, vocab_size=tokenizer.get_vocab_size(), **{**SIZES, **own, "pad_token_id": tokenizer.token_to_id(pad)}
    )
    AutoModel.from_config(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_trained_exported_and_scored(family, tmp_path):
    base = make_base(family, tmp_path / "base")
    path = tmp_path / "recipe.yaml"
    stage = {"name": "gold", "sources": {"data": 1.0}, "epochs": 1, "rate": 1e-3, "batch": 16}
    choices = {"name": family, "base": str(base), "max_tokens": 96, "bf16": False, "precision": "float32", "held_out": 0}
    path.write_text(yaml.safe_dump({**choices, "stages": [stage]}))
    data = write_table(tmp_path / "data.csv")
    finetune.train(str(path), tmp_path / "model", [data], None, {})
    history = json.loads((tmp_path / "model" / "training.json").read_text())["history"]
    assert all(h["loss"] > 0 for h in history if "loss" in h)
    classifier = stance.load(tmp_path / "model")
    p = classifier.predict("Łódź „denied“ it — naïvely, 東京 said.", "東京")
    assert p.stance in TURNS and p.mention == "東京"
    made = examples(read_paths([data], None), classifier.sentence_encoder)[:5]
    made.append(max(made, key=lambda e: len(e.window)))
    network = export.load_network(Checkpoint.open(tmp_path / "model"))
    batch = Collator(network.labels, network.encoder.config.pad_token_id)(made)
    with torch.inference_mode():
        expected = network(**{k: batch[k] for k in ("input_ids", "attention_mask", "window", "mention", "sentence")})
    out = classifier.runtime.encode([e.window for e in made], classifier.pad_id)
    got = classifier.runtime.score(
        [out.hidden], out.hidden.shape[1], *(batch[k].numpy() for k in ("window", "mention", "sentence"))
    )
    assert got.stance == pytest.approx(expected["stance"].numpy(), abs=2e-3)
    for b, e in enumerate(made):  # what stands at padding is nobody's
        assert out.tags[b, : len(e.window)] == pytest.approx(expected["tags"][b, : len(e.window)].numpy(), abs=2e-3)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_longest_window_fits_an_encoder(family, tmp_path):
    encoder, tokens = load_base(str(make_base(family, tmp_path)), 512, 16)
    text = "Oslo denied that the dam had failed. " * 40
    (first, *_) = tokens.windows(tokens.encode(text, [(0, len(text))]))
    ids = torch.from_numpy(first.ids).unsqueeze(0)
    assert len(first) == tokens.max_tokens <= 80
    assert encoder(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.isfinite().all()
