"""Training in several processes (torchrun, accelerate launch): which one this is, and one's word to all."""

from __future__ import annotations

import os
import sys
from typing import TypeVar

import torch
import torch.distributed as dist

from stance.terminal import safe

T = TypeVar("T")


def world_size() -> int:
    """How many processes train together; 1 without a launcher."""
    return int(os.environ.get("WORLD_SIZE", 1))


def is_main() -> bool:
    """Whether this process measures, saves and prints."""
    return int(os.environ.get("RANK", 0)) == 0


def connect() -> None:
    """Join the processes of the launcher: over NCCL on GPUs, over gloo elsewhere."""
    if world_size() > 1 and not dist.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")


def from_main(value: T) -> T:
    """The main process's value, in every process."""
    if world_size() == 1:
        return value
    holder = [value]
    dist.broadcast_object_list(holder, src=0)
    return holder[0]


def say(*lines: str) -> None:
    """Lines on standard error, of the main process alone."""
    if is_main():
        for line in lines:
            print(" " * (len(line) - len(line.lstrip())) + safe(line), file=sys.stderr, flush=True)
