"""Where each actor of a news text stands: confirming, warning, denying or unknown; portrayed negative, neutral or positive.

import stance
classifier = stance.load()
article = classifier.analyze("Moscow denied the report. Pyongyang has yet to comment.")
for p in article.predictions:
    print(p.actor, p.stance, p.cue)
"""

from stance.checkpoint import CheckpointError
from stance.classifier import StanceClassifier, load
from stance.frames import to_pandas, to_polars
from stance.labels import SENTIMENTS, STANCES, LabelSet
from stance.records import COLUMNS, Actor, Article, Mention, Prediction, Sentence

__version__ = "0.1.0"
__all__ = [
    "COLUMNS",
    "SENTIMENTS",
    "STANCES",
    "Actor",
    "Article",
    "CheckpointError",
    "LabelSet",
    "Mention",
    "Prediction",
    "Sentence",
    "StanceClassifier",
    "load",
    "to_pandas",
    "to_polars",
]
