"""Figures, tables of pandas and polars, and what a notebook shows."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ARTICLE
from test_cli import one_line, run
from test_report import DATES, EVIL_ACTOR, HOSTILE, ROWS, row, scored

import stance
from stance.plots import plot_actors, plot_article, plot_timeline, save


def texts(figure) -> list[str]:
    return [t.get_text() for axes in figure.axes for t in [*axes.texts, *axes.get_yticklabels(), *axes.get_xticklabels()]]


def test_the_heat_map_counts_sentences_by_actor_and_stance():
    figure = plot_actors(scored(ROWS))
    (axes,) = figure.axes
    names = [t.get_text() for t in axes.get_yticklabels()]
    labels = [t.get_text() for t in axes.get_xticklabels()]
    assert names[:2] == ["Moscow", "Oslo"] and labels[0] == "✓ confirming"
    shares = axes.images[0].get_array()
    assert shares[0].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])
    assert shares[1].tolist() == pytest.approx([1 / 2, 1 / 2, 0, 0])


def test_the_timeline_stacks_stances_by_the_finest_unit_that_all_dates_have():
    (axes,) = plot_timeline(scored(ROWS), DATES).axes
    assert [t.get_text() for t in axes.get_xticklabels()] == ["2024-01", "2024-02", "2024-03"]
    heights = [[bar.get_height() for bar in bars] for bars in axes.containers]
    assert [sum(column) for column in zip(*heights)] == [3, 0, 4]
    (axes,) = plot_timeline(scored(ROWS), {"a1": "2024-01-05", "a2": "2024-01-07"}, actor="Moscow", shares=True).axes
    assert [t.get_text() for t in axes.get_xticklabels()] == ["2024-01-05", "2024-01-06", "2024-01-07"]
    assert [sum(bars[k].get_height() for bars in axes.containers) for k in range(3)] == [1, 0, 1]
    with pytest.raises(ValueError, match="'Nobody'"):
        plot_timeline(scored(ROWS), DATES, actor="Nobody")


def test_a_strip_has_a_sign_for_each_sentence_of_an_actor(classifier):
    article = classifier.analyze(ARTICLE, "strait.txt")
    (axes,) = plot_article(article, most=5).axes
    signs = {(round(t.get_position()[0]), round(t.get_position()[1])): t.get_text() for t in axes.texts}
    looks = stance.palette.palette(classifier.labels.stance)
    wanted = {
        (p.sentence_id + 1, i): looks[p.stance].sign
        for i, actor in enumerate(article.actors[:5])
        for p in article.predictions
        if p.actor == actor.name
    }
    assert signs == wanted


@pytest.mark.parametrize("suffix", ["pdf", "svg", "png"])
@pytest.mark.filterwarnings("ignore:Glyph")
def test_figures_are_saved_with_hostile_names_as_they_are(tmp_path, suffix):
    name = "$x_{ $ " + EVIL_ACTOR
    article = scored([row("a", 0, f"{name} said", name, "confirming"), *ROWS[5:]])[0]
    for figure in (plot_actors([article]), plot_article(article, title=HOSTILE)):
        assert any(t.startswith("$x_{ $") for t in texts(figure))
        save(figure, tmp_path / f"f.{suffix}")
        assert (tmp_path / f"f.{suffix}").stat().st_size > 1000


def test_the_plot_command(tmp_path):
    source, figure = tmp_path / "a.txt", tmp_path / "f.svg"
    source.write_text("Moscow denied it. Oslo warned of war.")
    assert run("plot", source, "-o", figure).returncode == 0
    assert "<svg" in figure.read_text()
    done = run("plot", source, "-o", tmp_path / "f.docx")
    assert done.returncode == 1 and "f.docx" in one_line(done) and "pdf" in one_line(done)
    done = run("plot", source, "--kind", "timeline", "-o", figure)
    assert done.returncode == 1 and "date" in one_line(done)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_predictions_become_a_table_in_one_call(classifier, library):
    pytest.importorskip(library)
    article = classifier.analyze(ARTICLE, "strait.txt")
    to_frame = getattr(stance, f"to_{library}")
    frame = to_frame(article.predictions)
    columns = list(next(article.rows()))
    assert list(frame.columns) == columns and len(frame) == len(article.predictions)
    assert frame["mention_start"].to_list() == [p.mention_start for p in article.predictions]
    assert getattr(article, f"to_{library}")().shape == to_frame([article]).shape == frame.shape
    lost = classifier.predict("Nothing of the kind.", "Oslo")
    mixed = to_frame([article.predictions[0], lost])
    assert mixed["mention_start"].is_null().to_list()[1] if library == "polars" else mixed["mention_start"].isna()[1]
    assert list(to_frame([]).columns) == columns


def test_without_pandas_the_error_says_what_to_install():
    code = "import sys; sys.modules['pandas'] = None; import stance\ntry: stance.to_pandas([])\nexcept ImportError as e: print(e)"
    assert "pip install pandas" in subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout


def test_a_notebook_shows_the_article_and_runs_nothing(classifier):
    html = classifier.analyze(ARTICLE)._repr_html_()
    assert 'title="Russia: denying' in html and "<sup>✗</sup>" in html and ">dismissed</u>" in html
    hostile = scored(ROWS[5:])[0]._repr_html_()
    assert "<script" not in hostile and "<img" not in hostile and "&lt;script&gt;" in hostile and "\u202e" not in hostile


def test_import_and_the_notebook_take_nothing_heavy():
    code = (
        "import sys, stance; from stance.records import Article; Article('a', '')._repr_html_()\n"
        "print(sorted({'torch', 'pandas', 'polars', 'matplotlib', 'jinja2', 'pyarrow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
