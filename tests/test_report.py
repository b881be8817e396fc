"""Pages in a real browser: they open, say what they should, load nothing, and run nothing of what an article holds."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ARTICLE
from test_cli import one_line, run

import stance
from stance.report import report
from stance.report.dates import parse_date
from stance.report.scored import articles_from_predictions, prediction_from_row

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (apt-get install chromium)")

HOSTILE = "<script>document.title='run'</script>"
EVIL_ACTOR = "=cmd|'/c calc'!A1 <img src=x onerror=\"document.title='run'\">"


def row(article: str, sentence_id: int, sentence: str, actor: str, stance: str, score: float = 0.9, **more: object) -> dict:
    start = 1000 * sentence_id
    mention = more.pop("mention", actor)
    at = sentence.index(mention)
    rest = (1 - score) / 3
    return {
        "article_id": article,
        "sentence_id": sentence_id,
        "sentence_start": start,
        "sentence_end": start + len(sentence),
        "sentence": sentence,
        "actor": actor,
        "mention": mention,
        "mention_start": start + at,
        "mention_end": start + at + len(mention),
        "stance": stance,
        "stance_score": score,
        **{f"p_{label}": score if label == stance else rest for label in stance_labels()},
        "sentiment": "negative",
        "sentiment_score": 0.8,
        "cue": more.pop("cue", ""),
        "model": "tiny",
        **more,
    }


def stance_labels() -> tuple[str, ...]:
    return stance.STANCES


ROWS = [
    row("a1", 0, "Moscow denied what Oslo reported.", "Moscow", "denying", cue="denied"),
    row("a1", 0, "Moscow denied what Oslo reported.", "Oslo", "confirming", cue="reported"),
    row("a1", 1, "😀 It, Oslo said, was warned.", "Oslo", "warning", 0.4, mention="Oslo", cue="warned"),
    row("a2", 0, "Moscow warned of a war.", "Moscow", "warning", cue="warned"),
    row("a2", 3, "The Oslo government saw no war.", "the Oslo government", "unknown", mention="The Oslo government"),
    row("a3", 0, f"{HOSTILE} \u202eevil\x1b[2J said {EVIL_ACTOR}", EVIL_ACTOR, "confirming", cue=HOSTILE),
    row("a3", 1, "</script><script>document.title='run'</script> Moscow agreed.", "Moscow", "confirming"),
]
DATES = {"a1": "2024-01-05", "a2": "2024-03", "a3": "2024-03-09"}


def scored(rows: list[dict]) -> list[stance.Article]:
    return articles_from_predictions(map(prediction_from_row, rows))


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright (pip install 'stance[test]')")
    with playwright.sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@pytest.fixture(scope="module")
def files(tmp_path_factory, classifier) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    pages = {
        "article": report([classifier.analyze(ARTICLE, "strait.txt")]),
        "corpus": report(scored(ROWS), dates=DATES),
        "hostile": report(scored(ROWS[5:])[:1], title=HOSTILE),
    }
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in pages}


@pytest.fixture
def open_page(browser, files):
    """Opens a page, and fails at the end if it logged an error or asked for anything."""
    contexts, noise, asked = [], [], []

    def opened(name: str, fragment: str = "", **options: object):
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(files[name].as_uri() + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert noise == []
    assert {url.split("#")[0] for url in asked if not url.startswith(("data:", "blob:"))} <= {f.as_uri() for f in files.values()}


def exported(page, button) -> list[dict]:
    with page.expect_download() as download:
        button.click()
    return list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))


def plain(node) -> str:
    """The text of marked sentences, without their marks."""
    return node.evaluate("""n => {
        const copy = n.cloneNode(true);
        copy.querySelectorAll(".signs, .unseen").forEach((mark) => mark.remove());
        return copy.textContent;
    }""")


def has(nodes, number: int) -> None:
    """Waits for so many: the address changes the view a moment later."""
    from playwright.sync_api import expect

    expect(nodes).to_have_count(number)


@needs_browser
def test_an_article_shows_its_mentions_and_their_probabilities(open_page, classifier):
    page = open_page("article")
    article = classifier.analyze(ARTICLE)
    shown = page.locator(".text .mention:not(.linked)")
    assert shown.count() == len(article.predictions)
    kremlin = page.locator(".mention", has_text="The Kremlin")
    kremlin.hover()
    tip = page.locator("#tip")
    assert "Russia" in tip.inner_text() and "denying" in tip.inner_text()
    p = next(p for p in article.predictions if p.mention == "The Kremlin")
    assert f"{p.stance_probabilities['warning']:.0%}" in tip.inner_text()
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert tip.is_visible() and kremlin.count() == 1
    cues = {node.inner_text() for node in page.locator(".text .cue").all()}
    assert {"dismissed", "rejected"} <= cues


@needs_browser
@pytest.mark.parametrize("name", ["article", "corpus"])
def test_marks_lose_no_character(open_page, name):
    found = open_page(name).evaluate("""ARTICLES.flatMap(([, , sentences]) => sentences.map((sentence) => {
        const node = h("p", null, markedSentence(sentence));
        node.querySelectorAll(".signs, .unseen").forEach((mark) => mark.remove());
        return [node.textContent, sentence[0]];
    }))""")
    assert found and all(shown == text for shown, text in found)


@needs_browser
def test_an_actor_is_followed_through_the_text_by_mouse_and_by_keyboard(open_page):
    page = open_page("article")
    page.get_by_role("button", name="Viktor Samarin", exact=True).click()
    followed = page.locator(".text .followed[data-actor]")
    assert {"Viktor Samarin", "He", "Samarin"} <= {node.evaluate("n => n.firstChild.textContent") for node in followed.all()}
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    assert f"2 of {followed.count()}" in page.locator(".following").inner_text()
    assert page.locator(".text .current").inner_text().startswith("He")
    page.keyboard.press("Escape")
    assert page.locator(".following").is_hidden() and followed.count() == 0
    page.locator(".mention", has_text="NATO").first.focus()
    page.keyboard.press("Enter")
    assert "NATO" in page.locator(".following").inner_text()


@needs_browser
def test_the_table_of_actors_has_a_sign_a_sentence_in_order(open_page, classifier):
    page = open_page("article")
    article = classifier.analyze(ARTICLE)
    actor = article.actors[0]
    line = page.locator("tr", has=page.get_by_role("button", name=actor.name, exact=True))
    assert line.locator("td").first.inner_text().startswith("✗") and actor.stance in line.inner_text()
    labels = [button.get_attribute("aria-label") for button in line.locator(".strip button").all()]
    expected = {p.sentence_id + 1: p.stance for p in article.predictions if p.actor == actor.name}
    assert [(int(s.split()[1].rstrip(":")), s.split(": ")[1].split(",")[0]) for s in labels] == list(expected.items())


@needs_browser
def test_the_corpus_counts_actors_over_articles_and_every_bar_leads_to_its_sentences(open_page):
    page = open_page("corpus")
    moscow = page.locator("#actors tr", has_text="Moscow")
    assert moscow.locator("td").nth(0).inner_text() == "3"
    moscow.get_by_label("Moscow, denying: 1 sentence").click()
    has(page.locator("ol.sentences li"), 1)
    assert plain(page.locator("ol.sentences blockquote")) == "Moscow denied what Oslo reported."
    page.locator(".filters").get_by_role("link", name="all").click()
    has(page.locator("ol.sentences li"), 3)
    page.locator("ol.sentences a").first.click()
    has(page.locator(".following", has_text="Moscow"), 1)
    page.go_back()
    has(page.locator("ol.sentences li"), 3)
    page.get_by_role("link", name="← All articles").click()
    has(page.locator("#disagreements"), 1)


@needs_browser
def test_actors_are_searched_sorted_and_exported_as_shown(open_page):
    page = open_page("corpus")
    names = page.locator("#actors tbody th")
    assert [n.inner_text() for n in names.all()] == ["Moscow", "Oslo"]
    page.get_by_role("button", name="Actor", exact=True).click()
    page.get_by_label("named actors only").uncheck()
    assert names.count() == 4 and names.first.inner_text().startswith("=cmd")
    page.locator("#search").fill("osl")
    assert {n.inner_text() for n in names.all()} == {"Oslo", "the Oslo government"}
    rows = exported(page, page.locator("#actors .export"))
    assert {r["actor"]: (r["sentences"], r["confirming"], r["warning"]) for r in rows} == {
        "Oslo": ("2", "1", "1"),
        "the Oslo government": ("1", "0", "0"),
    }
    page.locator("#search").fill("nobody of that name")
    assert names.count() == 0


@needs_browser
def test_disagreements_are_those_of_one_sentence_or_near_ones(open_page):
    page = open_page("corpus")
    cards = page.locator(".card")
    assert cards.count() == 1
    text = cards.first.inner_text()
    assert "Oslo confirming" in text and "Moscow denying" in text and "same sentence" in text
    page.locator("#pair0").select_option(label="warning")
    assert "next sentence" in cards.first.inner_text() and "Oslo warning" in cards.first.inner_text()


@needs_browser
def test_unsure_labels_are_dashed_and_can_be_left_out(open_page):
    page = open_page("corpus")
    assert page.locator("#actors").get_by_label("Oslo, warning: 1 sentence").count() == 1
    page.locator("#sure").check()
    assert page.locator("#actors").get_by_label("Oslo, warning: 1 sentence").count() == 0
    page.evaluate("location.hash = 'view=article&article=0'")
    page.locator(".text").wait_for()
    unsure = page.locator(".mention.unsure")
    assert unsure.count() == 1 and unsure.evaluate("n => getComputedStyle(n).outlineStyle") == "dashed"
    assert unsure.evaluate("n => n.firstChild.textContent") == "Oslo"  # though a character of two UTF-16 units stands before it


@needs_browser
def test_stances_over_time_lead_to_their_sentences(open_page):
    page = open_page("corpus")
    columns = page.locator("#time a.column")
    assert [c.get_attribute("title").split(":")[0] for c in columns.all()] == ["2024-01", "2024-03"]
    columns.last.click()
    has(page.locator("ol.sentences li"), 4)
    page.get_by_role("link", name="every time").click()
    has(page.locator("ol.sentences li"), len(ROWS))


@needs_browser
@pytest.mark.parametrize("name", ["hostile", "corpus"])
def test_hostile_text_is_shown_and_not_run(open_page, name):
    page = open_page(name, "#view=article&article=2" if name == "corpus" else "")
    title = page.title()
    text = plain(page.locator(".text"))
    assert HOSTILE in text and "onerror" in text and "�evil�[2J" in text
    page.locator(".mention").first.hover()
    page.wait_for_timeout(50)
    assert page.title() == title != "run"
    assert page.locator("main script, main img").count() == 0
    rows = exported(page, page.locator(".export").first)
    assert rows[0]["actor"].startswith("'=cmd")


@needs_browser
def test_a_script_that_came_into_the_page_would_not_run(browser, files, tmp_path):
    page = browser.new_page()
    broken = files["article"].read_text(encoding="utf-8").replace("</main>", "</main><script>document.title='run'</script>")
    (tmp_path / "broken.html").write_text(broken, encoding="utf-8")
    page.goto((tmp_path / "broken.html").as_uri())
    assert page.title() == "strait.txt" and page.locator(".mention").count()
    page.close()


@needs_browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 390)])
@pytest.mark.parametrize(
    ("name", "fragment"),
    [("article", ""), ("corpus", ""), ("corpus", "#view=sentences&actor=0"), ("corpus", "#view=article&article=0&actor=0")],
)
def test_no_serious_accessibility_finding(open_page, name, fragment, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe (pip install 'stance[test]')").Axe()
    page = open_page(name, fragment, color_scheme=scheme, viewport={"width": width, "height": 800})
    found = axe.run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")] == []


@needs_browser
@pytest.mark.parametrize("name", ["article", "corpus"])
def test_a_phone_and_paper_show_all_of_it(open_page, name):
    page = open_page(name, viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".controls, .following").evaluate_all("all => all.every(n => getComputedStyle(n).display === 'none')")


@needs_browser
def test_other_label_sets_and_a_missing_head_display(browser, tmp_path):
    labels = [f"position {i}" for i in range(20)]
    rows = []
    for i, label in enumerate(labels):
        r = row(f"a{i % 2}", i, "Oslo spoke.", "Oslo", label)
        r = {k: v for k, v in r.items() if not k.startswith("p_")} | {f"p_{name}": float(name == label) for name in labels}
        rows.append(r | {"sentiment": None, "sentiment_score": None})
    (tmp_path / "page.html").write_text(report(scored(rows)), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    parts = page.locator(".summary .part")
    assert parts.count() == 20
    assert len({part.evaluate("n => getComputedStyle(n).backgroundColor") for part in parts.all()}) == 20
    page.close()


@needs_browser
def test_a_model_without_stances_shows_how_actors_are_portrayed(browser, tmp_path):
    rows = [{k: v for k, v in r.items() if not k.startswith("p_")} | {"stance": None, "stance_score": None} for r in ROWS]
    (tmp_path / "page.html").write_text(report(scored(rows)), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.get_by_label("All actors, negative: 7 sentences").click()
    has(page.locator("ol.sentences li"), len(ROWS))
    assert {r["sentiment"] for r in exported(page, page.locator(".filters .export"))} == {"negative"}
    page.close()


# --- what needs no browser ------------------------------------------------------------------------------------------------


def test_scored_rows_give_the_articles_back(classifier):
    article = classifier.analyze(ARTICLE, "strait.txt")
    for as_csv in (False, True):
        rows = [{k: "" if v is None else str(v) for k, v in r.items()} if as_csv else r for r in article.rows()]
        (again,) = scored(rows)
        assert [p.row() for p in again.predictions] == [p.row() for p in article.predictions]
        for p, original in zip(again.predictions, article.predictions):
            assert again.text[p.mention_start : p.mention_end] == p.mention
            assert (p.cue_start is None) == (original.cue_start is None)
        assert {a.name: (a.stance, a.stances) for a in again.actors} == {a.name: (a.stance, a.stances) for a in article.actors}


def test_rows_of_given_pairs_get_sentences_of_their_own(classifier):
    pairs = [{"sentence": s, "actor": "Oslo"} for s in ("Oslo denied it.", "Then Oslo warned of war.", "Nothing here.")]
    (article,) = scored([p.row() for p in classifier.predict_many(pairs)])
    assert [s.text for s in article.sentences] == [p["sentence"] for p in pairs]
    assert [article.text[p.mention_start : p.mention_end] for p in article.predictions if p.mention] == ["Oslo", "Oslo"]


@pytest.mark.parametrize(
    ("value", "date"),
    [("2024-03-04", "2024-03-04"), ("2024-03", "2024-03"), (2024, "2024"), ("2024-03-04T10:00:00Z", "2024-03-04")]
    + [("Mon, 4 Mar 2024 10:00:00 GMT", "2024-03-04"), (None, None), ("", None), (float("nan"), None)],
)
def test_dates(value, date):
    assert parse_date(value) == date


@pytest.mark.parametrize("value", ["3/4/2024", "2024-13", "yesterday", "2024-02-30"])
def test_a_date_that_could_mean_two_days_is_none(value):
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        parse_date(value)


def test_the_command_takes_what_analyze_writes_and_keeps_good_rows(tmp_path):
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"id": "x", "text": "Moscow denied it.", "date": "2024-01-02"}\n{"id": "y", "text": 3}\n')
    done = run("report", texts, "-o", tmp_path / "report.html")
    assert done.returncode == 1 and f"{texts}, row 2" in one_line(done)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Moscow denied it." in page and '"2024-01-02"' in page
    scored_rows = tmp_path / "scored.csv"
    assert run("analyze", "--format", "csv", "-o", scored_rows, stdin="Moscow denied it.").returncode == 0
    done = run("report", scored_rows, "-o", "-")
    assert (done.returncode, done.stderr) == (0, "") and "Moscow denied it." in done.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [("a,b\n1,2\n", "nor an article"), ('{"sentence": "x", "actor": "y", "stance": "denying", ', "broken JSON")],
)
def test_input_of_no_use_is_named(tmp_path, content, said):
    path = tmp_path / ("rows.csv" if content[0] == "a" else "rows.jsonl")
    path.write_text(content)
    done = run("report", path, "-o", tmp_path / "report.html")
    lines = done.stderr.splitlines()
    assert done.returncode == 1 and said in lines[0] and str(path) in lines[0] and len(lines) == 2
    assert not (tmp_path / "report.html").exists()


def test_data_cannot_end_its_script(files):
    page = files["corpus"].read_text(encoding="utf-8")
    data = page.split('id="data">')[1].split("</script>")[0]
    assert json.loads(data)["articles"] and "<" not in data


@pytest.mark.parametrize("starts", [(0, 10**15), (50, 0), (-10, 5), (0, 3)])
def test_offsets_that_no_article_has_cost_nothing(starts):
    rows = [row("a", i, "Oslo spoke.", "Oslo", "confirming") for i in range(2)]
    for r, start in zip(rows, starts):
        r |= {"sentence_start": start, "mention_start": start, "mention_end": start + 4}
    (article,) = scored(rows)
    assert len(article.text) < 100
    assert [article.text[p.mention_start : p.mention_end] for p in article.predictions] == ["Oslo", "Oslo"]


def test_columns_carried_along_are_no_labels_and_only_csv_loses_its_apostrophe():
    given = row("a", 0, "'-5 degrees' said Oslo", "Oslo", "confirming") | {"p_id": "x", "p_value": 0.5}
    p = prediction_from_row(given)
    assert list(p.stance_probabilities) == list(stance.STANCES) and p.sentence.startswith("'-5")
    assert prediction_from_row({k: str(v) for k, v in given.items()}).sentence.startswith("-5")


def test_a_number_that_is_none_costs_its_row_alone(tmp_path):
    lines = [ROWS[0] | {"stance_score": "high"}, ROWS[1] | {"sentence_start": float("inf")}, ROWS[3]]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = run("report", tmp_path / "rows.jsonl", "-o", tmp_path / "report.html")
    said = done.stderr.splitlines()
    assert done.returncode == 1 and len(said) == 2 and "row 1: stance_score is 'high'" in said[0] and "row 2" in said[1]
    assert "Moscow warned of a war." in (tmp_path / "report.html").read_text(encoding="utf-8")
