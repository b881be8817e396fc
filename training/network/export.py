"""A trained network -> a model folder: safetensors, ONNX and the int8 graph that scoring runs."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedConfig

from stance.checkpoint import (
    CONFIG,
    ENCODER,
    ENCODER_FLOAT32,
    PRECISIONS,
    SPAN_HEAD,
    TOKENIZER,
    WEIGHTS,
    Checkpoint,
    CheckpointError,
    Config,
)
from stance.encoding import SentenceEncoder
from stance.training.network.modeling import StanceNetwork

OPSET = 20  # the first that has Gelu as one operator, which onnxruntime runs a twentieth faster than its parts
BOTH = "both"


class EncoderGraph(nn.Module):
    """Token ids and attention mask -> hidden states and tag logits: what one pass computes."""

    def __init__(self, network: StanceNetwork):
        super().__init__()
        self.encoder, self.tags = network.encoder, network.tags

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return hidden, self.tags(hidden)


def save(
    network: StanceNetwork, sentence_encoder: SentenceEncoder, config: Config, folder: Path, precision: str = BOTH
) -> Checkpoint:
    """Write a whole model folder: weights in float16, tokenizer, graphs, configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    network = network.eval().float().cpu()
    weights = {name: w.detach().to(torch.float16).contiguous() for name, w in network.state_dict().items()}
    try:
        save_file(weights, folder / WEIGHTS)
    except SafetensorError as error:
        raise ValueError(f"{folder / WEIGHTS} cannot be written: {error}") from None
    (folder / WEIGHTS).chmod(0o644)
    network.load_state_dict({name: w.float() for name, w in weights.items()})  # the graphs are of the weights as saved
    sentence_encoder.tokenizer.save(str(folder / TOKENIZER))
    config.encoder = network.encoder.config.to_diff_dict()
    config.encoder.pop("_name_or_path", None)
    config.save(folder)
    config.precision = export_graphs(network, folder, precision)
    checkpoint = Checkpoint(folder, config)
    checkpoint.seal()
    return checkpoint


def load_network(checkpoint: Checkpoint) -> StanceNetwork:
    """The torch network of a model folder, in float32. Raises ``CheckpointError`` if the weights are not the network's."""
    settings = dict(checkpoint.config.encoder)
    encoder = AutoModel.from_config(without_attention_dropout(AutoConfig.for_model(settings.pop("model_type"), **settings)))
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    network = StanceNetwork(encoder, checkpoint.config.labels)
    path = checkpoint.folder / WEIGHTS
    try:
        network.load_state_dict({name: w.float() for name, w in load_file(path).items()}, strict=True)
    except (SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"{path} is damaged ({str(error).splitlines()[0][:160]}); copy the model again") from None
    return network.eval()


def without_attention_dropout(config: PreTrainedConfig) -> PreTrainedConfig:
    """The configuration of an encoder that drops hidden states alone: to draw what of the attention to drop costs a quarter of
    the training time on a CPU."""
    for name in ("attention_probs_dropout_prob", "attention_dropout"):
        if hasattr(config, name):
            setattr(config, name, 0.0)
    return config


def export_folder(folder: Path, precision: str = BOTH) -> None:
    """``stance export``: make the graphs of a model folder anew from its weights, in one precision or in both."""
    checkpoint = Checkpoint.open(folder, (CONFIG, TOKENIZER, WEIGHTS))
    checkpoint.config.precision = export_graphs(load_network(checkpoint), folder, precision)
    checkpoint.seal()
    print(f"{folder / ENCODER}: {checkpoint.config.precision}, {(folder / ENCODER).stat().st_size / 1e6:.1f} MB")
    if precision == BOTH:
        print(f"{folder / ENCODER_FLOAT32}: float32, {(folder / ENCODER_FLOAT32).stat().st_size / 1e6:.1f} MB")


def export_graphs(network: StanceNetwork, folder: Path, precision: str = BOTH) -> str:
    """The graphs of a network: ``heads.onnx`` in float32; ``encoder.onnx`` in int8 or float32, or, for *both*, in int8 and
    ``encoder.float32.onnx`` beside it. Returns the precision of ``encoder.onnx``."""
    if precision not in (*PRECISIONS, BOTH):
        raise ValueError(f"no precision {precision!r}; choose {', '.join(PRECISIONS)} or {BOTH}")
    network.encoder.set_attn_implementation("eager")
    hidden = network.encoder.config.hidden_size
    ids = torch.randint(5, 100, (2, 12), generator=torch.Generator().manual_seed(0))
    batch, tokens, mentions = (torch.export.Dim(name, min=1) for name in ("batch", "tokens", "mentions"))
    with tempfile.TemporaryDirectory() as scratch:
        graph = Path(scratch) / ENCODER
        _export(
            EncoderGraph(network).eval(),
            (ids, torch.ones_like(ids)),
            graph,
            ["input_ids", "attention_mask"],
            ["hidden", "tags"],
            {"input_ids": {0: batch, 1: tokens}, "attention_mask": {0: batch, 1: tokens}},
        )
        (folder / ENCODER_FLOAT32).unlink(missing_ok=True)
        if precision != "float32":
            _quantize(graph, folder / ENCODER)
        if precision != "int8":
            shutil.copyfile(graph, folder / (ENCODER if precision == "float32" else ENCODER_FLOAT32))
        spans = torch.tensor([[1, 3], [4, 6], [2, 5]])
        _export(
            network.spans.eval(),
            (torch.randn(2, 12, hidden), torch.tensor([0, 0, 1]), spans, torch.tensor([[1, 8]] * 3)),
            folder / SPAN_HEAD,
            ["hidden", "window", "mention", "sentence"],
            ["stance", "sentiment", "cue", "links"],
            {"hidden": {0: batch, 1: tokens}, "window": {0: mentions}, "mention": {0: mentions}, "sentence": {0: mentions}},
        )
    return "float32" if precision == "float32" else "int8"


def _export(module: nn.Module, inputs: tuple, path: Path, names: list[str], outputs: list[str], shapes: dict) -> None:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            inputs,
            str(path),
            input_names=names,
            output_names=outputs,
            dynamic_shapes=tuple(shapes.values()),
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    _forget_origin(path)


def _forget_origin(path: Path) -> None:
    """Take out the stack traces that the exporter leaves at every node: they tell folders of the machine, and weigh."""
    import onnx

    model = onnx.load(str(path))
    functions = [f for f in model.functions]
    for part in [model, model.graph, *functions]:
        part.ClearField("metadata_props")
        part.doc_string = ""
    graph = model.graph
    for part in [
        *graph.node,
        *graph.input,
        *graph.output,
        *graph.value_info,
        *graph.initializer,
        *(n for f in functions for n in f.node),
    ]:
        part.ClearField("metadata_props")
        part.doc_string = ""
    onnx.save(model, str(path))


def _quantize(source: Path, target: Path) -> None:
    """Weights to int8, activations at run time (dynamic quantization); the embedding tables too."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    logging.getLogger().setLevel(max(logging.getLogger().level, logging.ERROR))
    prepared = source.with_name("prepared.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    # The small tag head stays in float32: it costs nothing, and its logits are compared across tokens.
    exclude = [n.name for n in onnx.load(str(prepared), load_external_data=False).graph.node if "tags" in n.name]
    quantize_dynamic(
        str(prepared),
        str(target),
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=exclude,
    )
