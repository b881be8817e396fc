"""The pictures of the README: `python examples/screenshots.py` writes docs/article.webp and docs/corpus.webp.

The corpus is the articles written for training, read by the shipped model. Needs `pip install -e '.[train,test]'` and chromium.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

import stance
from stance.report import report
from stance.training.labelled.corpus import articles as written_articles

ROOT = Path(__file__).parent.parent


def main() -> None:
    classifier = stance.load()
    text = (ROOT / "examples" / "strait_incident.txt").read_text(encoding="utf-8")
    pages = {
        "article": report([classifier.analyze(text, "strait_incident.txt")]),
        "corpus": report(classifier.analyze_many((d.id, d.text) for d in written_articles())),
    }
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=1.5)
        for name, html in pages.items():
            file = Path(folder) / f"{name}.html"
            file.write_text(html, encoding="utf-8")
            page.goto(file.as_uri())
            if name == "article":
                page.locator(".mention", has_text="The Kremlin").hover()
            picture = Image.open(io.BytesIO(page.screenshot()))
            path = ROOT / "docs" / f"{name}.webp"
            path.parent.mkdir(exist_ok=True)
            picture.save(path, quality=82, method=6)
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
