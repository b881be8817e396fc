"""``stance push``, against the interface of huggingface_hub: calls are checked by its signatures, and nothing is sent."""

from __future__ import annotations

import importlib
import shutil
from unittest.mock import create_autospec

import huggingface_hub
import pytest
from huggingface_hub.errors import HfHubHTTPError, HTTPError
from test_cli import one_line, run

from stance.checkpoint import CONFIG, ENCODER, WEIGHTS, CheckpointError, default_folder
from stance.training import hub

httpx = importlib.import_module(HTTPError.__module__.split(".")[0])  # whichever version the hub's library is built on


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(default_folder(), folder)
    (folder / "notes.txt").write_text("a secret")
    (folder / "checkpoints").mkdir()
    return folder


@pytest.fixture
def api(monkeypatch):
    api = create_autospec(huggingface_hub.HfApi, instance=True)
    api.create_repo.return_value = "https://huggingface.co/me/mine"
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: api)
    return api


def test_only_the_files_of_a_model_are_uploaded_and_it_is_private(folder, api):
    asked = []
    assert hub.push(folder, "me/mine", confirm=lambda files: asked.append(files) or True) == "https://huggingface.co/me/mine"
    api.create_repo.assert_called_once_with("me/mine", private=True, exist_ok=True)
    (name, operations), _ = api.create_commit.call_args
    sent = [o.path_in_repo for o in operations]
    assert name == "me/mine" and {CONFIG, WEIGHTS, ENCODER} <= set(sent) <= set(hub.FILES)
    assert [p.name for p in asked[0]] == sent


def test_public_on_request_and_nothing_without_consent(folder, api):
    hub.push(folder, "me/mine", public=True)
    assert api.create_repo.call_args.kwargs["private"] is False
    api.reset_mock()
    assert hub.push(folder, "me/mine", confirm=lambda files: False) is None
    assert not api.method_calls


def test_what_goes_wrong_is_one_line(folder, api):
    request = httpx.Request("POST", "https://huggingface.co")
    api.create_repo.side_effect = HfHubHTTPError("403 Forbidden", response=httpx.Response(403, request=request))
    with pytest.raises(ValueError, match="me/mine was not uploaded: the hub does not let you"):
        hub.push(folder, "me/mine")
    api.create_repo.side_effect = httpx.ConnectError("no route")
    with pytest.raises(ValueError, match="did not answer"):
        hub.push(folder, "me/mine")
    with pytest.raises(ValueError, match="give OWNER/NAME"):
        hub.push(folder, "mine")
    (folder / ENCODER).unlink()
    with pytest.raises(CheckpointError, match="damaged"):
        hub.push(folder, "me/mine")


def test_nobody_to_ask_is_usage(folder):
    done = run("push", folder, "me/mine")
    assert done.returncode == 2 and "--yes" in one_line(done)
