"""A report of 2,000 articles: seconds to write it, to open it in Chromium, and to answer a search, a sort, a click.

The articles are those written for training, read by the shipped model, repeated under new names and partly with new actors until
there are enough. Needs `pip install -e '.[train,test]'` and chromium.
"""

from __future__ import annotations

import argparse
import datetime
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import stance
from stance.records import Article
from stance.report import report
from stance.report.scored import articles_from_predictions, prediction_from_row
from stance.training.labelled.corpus import articles as written_articles

# Each measures from the event to the frame after its work: (name, where, what).
ACTIONS = (
    ("search", "", "const s = document.getElementById('search'); s.value = 'mini'; s.dispatchEvent(new Event('input'))"),
    ("sort by name", "", "document.querySelector('[data-sort=actor]').click()"),
    ("leave out the unsure", "", "document.getElementById('sure').click()"),
    ("all sentences of a stance", "", "location.hash = document.querySelector('.summary .part').hash"),
    ("an actor", "", "location.hash = document.querySelector('#actors tbody a').hash"),
    ("an article", "", "location.hash = document.querySelector('#articles tbody a').hash"),
    ("back to the overview", "#view=sentences&stance=0", "location.hash = ''"),
)
TIMED = """async () => {
    const begun = performance.now();
    %s;
    await new Promise((done) => setTimeout(done));  // what the address changes comes a task later
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - begun;
}"""


def corpus(wanted: int) -> list[Article]:
    classifier = stance.load()
    read = list(classifier.analyze_many((d.id, d.text) for d in written_articles()[:wanted]))
    rows = []
    for number in range(wanted):
        again, article = divmod(number, len(read))
        for row in read[article].rows():
            actor = f"{row['actor']} {again}" if number % 3 == 0 and again else row["actor"]
            rows.append(row | {"article_id": f"{row['article_id']}-{again}", "actor": actor})
    return articles_from_predictions(map(prediction_from_row, rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    from playwright.sync_api import sync_playwright

    articles = corpus(args.articles)
    first = datetime.date(2023, 1, 1)
    dates = {a.id: (first + datetime.timedelta(days=i * 7919 % 900)).isoformat() for i, a in enumerate(articles)}
    begun = time.perf_counter()
    page = report(articles, dates=dates)
    mentions = sum(len(a.predictions) for a in articles)
    print(f"{len(articles):,} articles, {sum(len(a.sentences) for a in articles):,} sentences, {mentions:,} mentions: "
          f"{len(page.encode()) / 1e6:.1f} MB in {time.perf_counter() - begun:.1f} s, {os.cpu_count()} cores")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8", newline="\n")
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        opened, took = [], {name: [] for name, _, _ in ACTIONS}
        for _ in range(args.runs):
            tab = browser.new_page()
            begun = time.perf_counter()
            tab.goto(file.as_uri())
            tab.locator("#actors tbody tr").first.wait_for()
            tab.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            opened.append(time.perf_counter() - begun)
            for name, fragment, action in ACTIONS:
                tab.goto(file.as_uri() + fragment)
                tab.reload()
                tab.evaluate("document.getElementById('view').firstElementChild.offsetHeight")
                took[name].append(tab.evaluate(TIMED % action))
            tab.close()
        browser.close()
    print(f"open, to its first frame: median {statistics.median(opened):.2f} s, slowest {max(opened):.2f} s, {args.runs} runs")
    for name, milliseconds in took.items():
        print(f"{name}: median {statistics.median(milliseconds):.0f} ms, slowest {max(milliseconds):.0f} ms")


if __name__ == "__main__":
    main()
