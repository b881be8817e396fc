"""The network: one encoder, a tag head on its tokens and a span head on its mentions.

The encoder is any of transformers' (``AutoModel``). ``SpanHead`` follows ``DESIGN``: a mention points at its cue by
attention over its sentence, with one more slot for *no cue* (after pointer networks, Vinyals et al. 2015), and the
stance is read from mention, cue and sentence. Links between mentions are scored pairwise as in Lee et al. 2017.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stance.labels import HEADS, LabelSet

IGNORE = -100
TAGS = ("O", "B", "I")


# Distances from a mention, on either side: 1, 2, 3-4, 5-8, 9-16, 17-32, more; and the mention itself.
BUCKETS = 7


def distance_buckets(position: Tensor, mention: Tensor) -> Tensor:
    """Token positions (1, T) and mention spans (M, 2) -> bucket (M, T): 0 in the mention, 1 to 7 after it, 8 to 14 before it."""
    after = (position - mention[:, 1:] + 1).clamp(min=0)
    before = (mention[:, :1] - position).clamp(min=0)
    far = torch.ceil(torch.log2((after + before).clamp(min=1).float())).long().clamp(max=BUCKETS - 1) + 1
    return torch.where(after > 0, far, torch.where(before > 0, far + BUCKETS, torch.zeros_like(far)))


@dataclass(frozen=True)
class LossWeights:
    stance: float = 1.0
    sentiment: float = 0.6
    cue: float = 0.5
    tag: float = 1.0
    link: float = 0.3


@dataclass(frozen=True)
class Objective:
    """What a stage of training minimises. ``focal``: the exponent of the focal loss, 0 for plain cross-entropy;
    ``consistency``: the weight of the disagreement of two passes with different dropout (0: one pass);
    ``class_weights``: head -> a weight a label."""

    weights: LossWeights = LossWeights()
    label_smoothing: float = 0.0
    focal: float = 0.0
    consistency: float = 0.0
    class_weights: Mapping[str, Sequence[float]] = field(default_factory=dict)


class TagHead(nn.Module):
    """Hidden states (B, T, H) -> logits (B, T, 6): O, B, I for actor mentions, then O, B, I for cues."""

    def __init__(self, hidden: int, dropout: float):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, 2 * len(TAGS))

    def forward(self, hidden: Tensor) -> Tensor:
        return self.output(self.dropout(hidden))


class Pointer(nn.Module):
    """What attention from a mention to the tokens of its sentence, and one slot for none of them, is made of: see ``attend``."""

    def __init__(self, hidden: int, inner: int):
        super().__init__()
        self.query, self.key = nn.Linear(hidden, inner), nn.Linear(hidden, inner, bias=False)
        self.value = nn.Linear(hidden, hidden)
        self.none_key = nn.Parameter(torch.zeros(inner))
        self.none_value = nn.Parameter(torch.zeros(hidden))
        self.distance = nn.Parameter(torch.zeros(2 * BUCKETS + 1))

    def wanted(self, mention: Tensor) -> tuple[Tensor, Tensor]:
        """Mentions (M, H) -> what each looks for among hidden states (M, H), and the score of none (M,)."""
        query = self.query(mention) / math.sqrt(self.none_key.shape[0])
        # All is linear, so keys come after the query, and values after pooling: once a mention, of which there are few.
        return query @ self.key.weight, query @ self.none_key

    def found(self, pooled: Tensor, none: Tensor) -> Tensor:
        """Hidden states pooled by attention (M, H), and the weight of none (M, 1) -> vectors (M, H)."""
        return pooled @ self.value.weight.T + (1 - none) * self.value.bias + none * self.none_value


def attend(
    pointers: Sequence[Pointer], mention: Tensor, tokens: Tensor, inside: Tensor, bucket: Tensor
) -> tuple[list[Tensor], Tensor]:
    """P pointers at once. Mentions (M, H), the hidden states of their windows (M, T, H), what lies inside their sentences (M, T)
    and how far each token is from the mention (M, T, a bucket) -> P vectors (M, H), log-probabilities (M, P, T + 1), none last.
    """
    queries, none = zip(*(p.wanted(mention) for p in pointers))
    scores = torch.stack(queries, 1) @ tokens.transpose(1, 2)
    distance = F.embedding(bucket, torch.stack([p.distance for p in pointers], -1)).transpose(1, 2)
    scores = (scores + distance).masked_fill(~inside.unsqueeze(1), -1e4)
    log_p = torch.log_softmax(torch.cat([scores, torch.stack(none, 1).unsqueeze(-1)], dim=-1).float(), dim=-1)
    p = log_p.exp().to(tokens.dtype)
    pooled = p[..., :-1] @ tokens
    return [pointer.found(pooled[:, k], p[:, k, -1:]) for k, pointer in enumerate(pointers)], log_p


class SpanHead(nn.Module):
    """A mention in its sentence -> stance, sentiment, cue and links."""

    def __init__(self, hidden: int, labels: LabelSet, dropout: float, inner: int = 128):
        super().__init__()
        self.cue, self.context, self.portrayal = (Pointer(hidden, inner) for _ in range(3))
        self.stance = self._classifier(3 * hidden, hidden, max(len(labels.stance), 1), dropout)
        self.sentiment = self._classifier(3 * hidden, hidden, max(len(labels.sentiment), 1), dropout)
        self.link_query, self.link_key = nn.Linear(2 * hidden, inner), nn.Linear(2 * hidden, inner, bias=False)
        self.link_none = nn.Parameter(torch.zeros(inner))
        self.link_distance = nn.Parameter(torch.zeros(2 * BUCKETS + 1))

    @staticmethod
    def _classifier(inputs: int, hidden: int, outputs: int, dropout: float) -> nn.Module:
        return nn.Sequential(
            nn.Dropout(dropout), nn.Linear(inputs, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, outputs)
        )

    def forward(self, hidden: Tensor, window: Tensor, mention: Tensor, sentence: Tensor) -> tuple[Tensor, ...]:
        """``hidden`` (B, T, H); ``window`` (M,) the row of each mention; ``mention``, ``sentence`` (M, 2) token spans.

        Returns stance logits (M, S), sentiment logits (M, P), cue log-probabilities (M, T + 1, the last *no cue*) and
        link scores (M, M + 1): row i scores each mention of the same window as another mention of i's actor, last *none*.
        """
        tokens = hidden.index_select(0, window)
        position = torch.arange(hidden.shape[1], device=hidden.device).unsqueeze(0)
        covered = (position >= mention[:, :1]) & (position < mention[:, 1:])
        inside = (position >= sentence[:, :1]) & (position < sentence[:, 1:])
        words = torch.stack([covered, inside], 1).to(tokens.dtype)
        means = (words @ tokens) / words.sum(-1, keepdim=True).clamp(min=1)
        vector, around = means[:, 0], means[:, 1]
        bucket = distance_buckets(position, mention)
        (cue, context, portrayal), log_p = attend((self.cue, self.context, self.portrayal), vector, tokens, inside, bucket)
        stance = self.stance(torch.cat([vector, cue, context], dim=-1))
        # What a sentence feels like is spread over all of it: its mean beside what the mention attends to.
        sentiment = self.sentiment(torch.cat([vector, portrayal, around], dim=-1))
        first = torch.gather(tokens, 1, mention[:, :1].unsqueeze(-1).expand(-1, 1, tokens.shape[-1])).squeeze(1)
        ends = torch.cat([vector, first], dim=-1)
        query = self.link_query(ends) / math.sqrt(self.link_none.shape[0])
        apart = F.embedding(distance_buckets(mention[:, 0].unsqueeze(0), mention), self.link_distance.unsqueeze(-1)).squeeze(-1)
        pairs = query @ self.link_key(ends).T + apart
        ordinal = torch.arange(pairs.shape[0], device=pairs.device)
        other = (window.unsqueeze(0) == window.unsqueeze(1)) & (ordinal.unsqueeze(0) != ordinal.unsqueeze(1))
        links = torch.cat([pairs.masked_fill(~other, -1e4), (query @ self.link_none).unsqueeze(-1)], dim=-1)
        return stance, sentiment, log_p[:, 0], links


class StanceNetwork(nn.Module):
    """Encoder and heads. ``forward`` takes a batch of ``stance.training.network.dataset.collate``; labels may be left out.

    A stage of training sets ``objective``.
    """

    def __init__(
        self,
        encoder: nn.Module,
        labels: LabelSet,
        objective: Objective | None = None,
        dropout: float = 0.1,
    ):
        super().__init__()
        hidden = encoder.config.hidden_size
        self.encoder, self.labels, self.objective = encoder, labels, objective or Objective()
        self.tags = TagHead(hidden, dropout)
        self.spans = SpanHead(hidden, labels, dropout)

    def hidden_states(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, window: Tensor, mention: Tensor, sentence: Tensor, **labels: Tensor
    ) -> dict[str, Tensor]:
        inputs = (input_ids, attention_mask, window, mention, sentence)
        out = self.scores(*inputs)
        if not labels:
            return out
        loss = self.loss(out, window, **labels)
        if self.training and self.objective.consistency:
            again = self.scores(*inputs)
            loss = (loss + self.loss(again, window, **labels)) / 2 + self.objective.consistency * self.disagreement(out, again)
        return {"loss": loss, **out}

    def scores(
        self, input_ids: Tensor, attention_mask: Tensor, window: Tensor, mention: Tensor, sentence: Tensor
    ) -> dict[str, Tensor]:
        """The logits of every head: see ``TagHead`` and ``SpanHead``."""
        hidden = self.hidden_states(input_ids, attention_mask)
        stance, sentiment, cue, links = self.spans(hidden, window, mention, sentence)
        return {"tags": self.tags(hidden), "stance": stance, "sentiment": sentiment, "cue": cue, "links": links}

    def disagreement(self, one: dict[str, Tensor], other: dict[str, Tensor]) -> Tensor:
        """How far two passes' stances and sentiments lie apart, labelled or not: the mean of both Kullback-Leibler divergences
        (regularised dropout, Liang et al. 2021), each head by its weight in the loss."""
        total = one["stance"].new_zeros((), dtype=torch.float32)
        for head in HEADS:
            p, q = (out[head].float().log_softmax(-1) for out in (one, other))
            apart = ((p.exp() - q.exp()) * (p - q)).sum(-1)  # the sum of both divergences
            total = total + getattr(self.objective.weights, head) * apart.mean() / 2
        return total

    def loss(
        self,
        out: dict[str, Tensor],
        window: Tensor,
        stance_labels: Tensor,
        sentiment_labels: Tensor,
        cue_labels: Tensor,
        tag_labels: Tensor,
        entities: Tensor,
        link_rows: Tensor,
        mention_weights: Tensor,
        stance_soft: Tensor,
        sentiment_soft: Tensor,
    ) -> Tensor:
        """The weighted sum of the heads' losses, each a mean over what is labelled in the batch; nothing labelled, no loss."""
        w = self.objective.weights
        total = out["tags"].sum() * 0 + out["stance"].sum() * 0 + out["sentiment"].sum() * 0 + out["links"].sum() * 0
        total = total + out["cue"][:, -1].sum() * 0
        total = total + w.stance * self._classes("stance", out["stance"], stance_labels, stance_soft, mention_weights)
        total = total + w.sentiment * self._classes(
            "sentiment", out["sentiment"], sentiment_labels, sentiment_soft, mention_weights
        )
        for k in range(2):
            logits = out["tags"][..., 3 * k : 3 * k + 3].reshape(-1, 3).float()
            target = tag_labels[..., k].reshape(-1)
            if (target != IGNORE).any():
                total = total + w.tag * F.cross_entropy(logits, target, ignore_index=IGNORE)
        known = cue_labels[:, 0] != IGNORE
        if known.any():
            position = torch.arange(out["cue"].shape[1], device=window.device).unsqueeze(0)
            at = (position >= cue_labels[:, :1]) & (position < cue_labels[:, 1:])
            no_cue = cue_labels[:, :1] < 0
            at = torch.where(no_cue, position == out["cue"].shape[1] - 1, at)
            nll = -torch.logsumexp(out["cue"].masked_fill(~at, -1e4), dim=-1)
            total = total + w.cue * (nll * mention_weights)[known].mean()
        same = (entities.unsqueeze(0) == entities.unsqueeze(1)) & (window.unsqueeze(0) == window.unsqueeze(1))
        same = same & (entities >= 0).unsqueeze(0) & ~torch.eye(len(entities), dtype=torch.bool, device=same.device)
        same = torch.cat([same, (link_rows == 1).unsqueeze(-1) & ~same.any(-1, keepdim=True)], dim=-1)
        rows = (link_rows >= 0) & same.any(-1)
        if rows.any():
            log_p = torch.log_softmax(out["links"].float(), dim=-1)
            total = total + w.link * -torch.logsumexp(log_p.masked_fill(~same, -1e4), dim=-1)[rows].mean()
        return total

    def _classes(self, head: str, logits: Tensor, labels: Tensor, soft: Tensor, weight: Tensor) -> Tensor:
        """Cross-entropy over the mentions with a label or a teacher's probabilities (``soft``, (M, labels)), each by its weight;
        with ``focal`` as in Lin et al. 2017."""
        labelled = labels != IGNORE
        target = F.one_hot(labels.clamp(min=0), logits.shape[-1]) * labelled.unsqueeze(1).float()
        if soft.shape[-1]:  # a head without labels has one logit, and nothing to learn
            target = torch.where(labelled.unsqueeze(1), target, soft)
        known = target.sum(-1) > 0
        if not known.any():
            return logits.sum() * 0
        o = self.objective
        classes = o.class_weights.get(head)
        each = F.cross_entropy(
            logits.float(),
            target,
            weight=None if classes is None else logits.new_tensor(classes, dtype=torch.float32),
            reduction="none",
            label_smoothing=o.label_smoothing,
        )
        if o.focal:
            each = each * (1 - (logits.float().softmax(-1) * target).sum(-1)) ** o.focal
        return (each * weight)[known].sum() / weight[known].sum().clamp(min=1e-6)
