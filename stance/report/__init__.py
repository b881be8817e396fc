"""Articles, or rows of scored output, as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from stance.palette import label_sets
from stance.records import Article
from stance.report.content import content, portrayals_as_stances, visible
from stance.report.page import render

LOW = 0.6
SCRIPTS = (
    "dom.js",
    "tooltip.js",
    "article.js",
    "positions.js",
    "timeline.js",
    "disagreements.js",
    "corpus.js",
    "sentences.js",
    "report.js",
)


def report(
    articles: Iterable[Article], title: str | None = None, dates: Mapping[str, str] | None = None, low_confidence: float = LOW
) -> str:
    """One article, or a corpus of them, as a page of HTML.

    ``dates``: article id -> date, as YYYY, YYYY-MM or YYYY-MM-DD; with them the page shows stances over time.
    ``low_confidence``: stances whose probability is under it are shown as unsure.
    Raises ``ModuleNotFoundError`` without Jinja2 (``pip install 'stance[report]'``).
    """
    articles = list(articles)
    primary = "stance" if label_sets(articles)[0] else "sentiment"
    articles = portrayals_as_stances(articles)
    stances, sentiments = label_sets(articles)
    data = content(articles, dates or {}, low_confidence, stances, sentiments, primary)
    single = len(articles) == 1
    if title is None:
        title = Path(articles[0].id).name or "Article" if single else "Who stands where"
    sentences = sum(len(article.sentences) for article in articles)
    models = ", ".join(dict.fromkeys(article.model for article in articles if article.model))
    counts = (("article", len(articles)), ("sentence", sentences), ("actor", len(data["actors"])))
    lede = "" if single else ", ".join(f"{n:,} {name}{'' if n == 1 else 's'}" for name, n in counts)
    footer = (
        f"Read by a model{f' ({visible(models)})' if models else ''}, sentence by sentence: a stance is the actor's own position "
        "in that sentence, a portrayal is how the sentence shows the actor. Models err; the percentage is how sure this one is."
    )
    return render(
        "report.html",
        title=visible(title),
        kicker="Stances in the news",
        lede=lede,
        footer=footer,
        styles=("report.css",),
        scripts=SCRIPTS,
        labels={"s": stances, "m": sentiments},
        data=data,
    )
