"""The encoder alone, in several ways: graphs, windows a pass, a fusion of onnxruntime that scoring leaves out, OpenVINO.

CPU seconds are what a window costs; they stay comparable on a machine that does other things too. OpenVINO is measured where it
is installed.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
from throughput import in_float32, pairs

import stance
from stance.reading import article_pieces, pair_reading
from stance.runtime import pad
from stance.training.labelled.corpus import articles

TOKENS = (1, 128, 512, 2048)


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def one_thread() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return options


def openvino(path: Path, precision: str) -> Callable[[np.ndarray, np.ndarray], object]:
    import openvino

    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
    request = core.compile_model(core.read_model(str(path)), "CPU", settings).create_infer_request()
    return lambda ids, mask: request.infer({"input_ids": ids, "attention_mask": mask})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=200)
    args = parser.parse_args()
    classifier = stance.load(threads=1)
    sentences = dict.fromkeys(row["sentence"] for row in pairs(args.windows, 3))
    inputs = {
        "sentences": [pair_reading("", text, "", []) for text in sentences],
        "articles": [reading for d in articles()[: args.windows // 2] for reading in article_pieces(d.text)],
    }
    with tempfile.TemporaryDirectory() as scratch:
        float32 = in_float32(Path(scratch, "float32"), 1)
        ways: dict[str, Callable] = {
            f"onnxruntime {c.config.precision}": lambda ids, mask, c=c: c.runtime.encoder.run(
                None, {"input_ids": ids, "attention_mask": mask}
            )
            for c in (classifier, float32)
        }
        fused = onnxruntime.InferenceSession(
            str(classifier.checkpoint.folder / "encoder.onnx"), one_thread(), providers=["CPUExecutionProvider"]
        )
        ways["onnxruntime int8, SkipLayerNormFusion too"] = lambda ids, mask: fused.run(
            None, {"input_ids": ids, "attention_mask": mask}
        )
        try:
            for c, precision in ((classifier, "f32"), (float32, "f32"), (float32, "bf16")):
                name = f"OpenVINO {c.config.precision} graph, {precision}"
                ways[name] = openvino(c.checkpoint.folder / "encoder.onnx", precision)
        except ImportError:
            print("OpenVINO is not installed")
        print("| way | " + " | ".join(f"{what}, {t} tokens a pass" for what in inputs for t in TOKENS) + " |")
        print("| --- |" + " --- |" * len(inputs) * len(TOKENS))
        for name, run in ways.items():
            cells = []
            for readings in inputs.values():
                for tokens in TOKENS:
                    classifier.runtime.batch_tokens = tokens
                    packs = [pad([w for _, w in p.work], classifier.pad_id) for p in classifier.inference.prepare(readings)]
                    run(*packs[0])
                    best = float("inf")
                    for _ in range(2):
                        begun = cpu_seconds()
                        for pack in packs:
                            run(*pack)
                        best = min(best, cpu_seconds() - begun)
                    cells.append(f"{sum(len(w) for r in readings for w in r.windows) / best:.0f}")
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
        print("tokens a CPU second, padding not counted; 1 token a pass is one window a pass")


if __name__ == "__main__":
    main()
