"""Scoring on torch, as on a GPU, gives the rows of the float32 graphs."""

from __future__ import annotations

import shutil

import pytest
from conftest import ARTICLE

import stance
from stance.checkpoint import default_folder

TEXTS = [ARTICLE, "Moscow denied it.", "He said Oslo had warned of a war, which the union disputed.", "", ARTICLE[:700]]


@pytest.fixture(scope="module")
def float32(tmp_path_factory):
    pytest.importorskip("onnxscript")
    from stance.training.network.export import export_folder

    folder = tmp_path_factory.mktemp("float32") / "model"
    shutil.copytree(default_folder(), folder)
    export_folder(folder, "float32")
    return folder


def test_torch_gives_the_rows_of_float32_onnx(float32):
    onnx = list(stance.load(float32, threads=2).score(TEXTS))
    torch = list(stance.load(float32, device="torch-cpu").score(TEXTS))
    assert len(onnx) == len(torch) > 40
    for a, b in zip(onnx, torch):
        assert (a.article_id, a.actor, a.mention_start, a.cue) == (b.article_id, b.actor, b.mention_start, b.cue)
        assert a.stance_probabilities == pytest.approx(b.stance_probabilities, abs=1e-3)
        assert a.sentiment_probabilities == pytest.approx(b.sentiment_probabilities, abs=1e-3)


@pytest.mark.parametrize("device", ["cuda:99", "nonsense"])
def test_a_device_that_is_not_there_is_one_line(device):
    with pytest.raises(stance.CheckpointError, match=f"no device '{device}'") as raised:
        stance.load(device=device)
    assert "\n" not in str(raised.value)
