"""Sentences of real news that nobody labelled, labelled by a model: what a student learns from beside the labels.

Self-training (Scudder 1965; Xie et al., CVPR 2020): the student is taught the teacher's probabilities, not its best label
(Hinton et al. 2015), so that a doubt is learnt as a doubt. A teacher that is the mean
of several runs passes on what they agree on.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import stance
from stance.records import Prediction
from stance.sentences import split_sentences
from stance.training.corpora.repair import repair
from stance.training.labelled import sources
from stance.training.labelled.corpus import Document, LabelledMention, LabelledSentence, corpus_texts, share

SOURCE = "taught"
CORPORA = ("polnear", "persent", "newsmtsc")
# A sentence is worth learning from if the teacher gives one of its mentions a position with at least this probability.
LEAST_POSITION = 0.1


def taught(corpora: Path, teacher: str, percent: int) -> list[Document]:
    """``percent`` of the unlabelled sentences with a position in them, their mentions as the model ``teacher`` sees them.

    Mentions bear probabilities (``LabelledMention.soft``) and no label. No article of a development set is among them.
    Raises ``stance.CheckpointError`` if there is no such model.
    """
    classifier = stance.load(teacher)
    labelled = defaultdict(list)
    for d in sources.labels(corpora):
        labelled[d.source, d.id] += [d.sentences[index] for index in d.labelled]
    found = []
    for corpus in CORPORA:
        texts = {name: repair(text).text for name, text in corpus_texts(corpora, corpus).items()}
        open_to = sources.teaching(Document(name, corpus, text, split_sentences(text)) for name, text in texts.items())
        for d, article in zip(open_to, classifier.analyze_many((d.id, d.text) for d in open_to), strict=True):
            seen = defaultdict(list)
            for p in article.predictions:
                seen[p.sentence_start, p.sentence_end].append(p)
            for index, (a, b) in enumerate(d.sentences):
                if share(f"taught/{d.id}/{index}") >= percent or any(x < b and a < y for x, y in labelled[d.source, d.id]):
                    continue
                if any(1 - p.stance_probabilities.get("unknown", 0.0) >= LEAST_POSITION for p in seen[a, b]):
                    d.labelled[index] = LabelledSentence(a, b, [_mention(p) for p in seen[a, b]], complete=False)
            if d.labelled:
                found.append(d)
    return found


def _mention(p: Prediction) -> LabelledMention:
    soft = {"stance": p.stance_probabilities, "sentiment": p.sentiment_probabilities}
    return LabelledMention(p.mention_start, p.mention_end, "", soft=soft, cue_known=False)
