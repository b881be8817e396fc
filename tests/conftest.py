"""What several test modules share: the shipped model, loaded once, and a tiny random encoder for training."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import stance

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
ARTICLE = (EXAMPLES / "strait_incident.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def classifier() -> stance.StanceClassifier:
    return stance.load(threads=2)


@pytest.fixture(scope="session")
def ray_cluster():
    """Ray on two CPUs, started once."""
    ray = pytest.importorskip("ray")
    pytest.importorskip("ray.data")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
    yield ray
    ray.shutdown()


@pytest.fixture
def corpora(tmp_path):
    """Writes rows as a public corpus in a folder, and gives the folder."""

    def write(name: str, rows: list[dict]) -> Path:
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as f:
            f.writelines(json.dumps(row) + "\n" for row in rows)
        return tmp_path

    return write


def spans(text: str, *parts: str) -> list[list[int]]:
    return [[text.index(p), text.index(p) + len(p)] for p in parts]


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory) -> Path:
    """A two-layer random BERT with a WordPiece vocabulary of the written articles' words: a local hub folder."""
    import torch
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import WordPiece
    from tokenizers.trainers import WordPieceTrainer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    from stance.training.labelled.corpus import articles

    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = Tokenizer(WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = WordPieceTrainer(
        vocab_size=1500, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False
    )
    tokenizer.train_from_iterator((d.text for d in articles()[:60]), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
        max_position_embeddings=128,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def jsonl(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]
