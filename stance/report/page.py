"""A template and its data -> one self-contained page: no font, script or picture from elsewhere, and no network.

The page's Content-Security-Policy lets run only the scripts that are written here, by their hash, so text that were taken for
markup could still run nothing. Templates escape (Jinja2's autoescape), and data for scripts is JSON with ``<``, ``>``, ``&``
escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from stance.palette import Swatch, ink_on

TEMPLATES = Path(__file__).parent / "templates"


def render(
    template: str,
    *,
    title: str,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    labels: Mapping[str, Mapping[str, Swatch]] | None = None,
    data: object = None,
    folders: Sequence[Path] = (),
    **context: object,
) -> str:
    """The page of ``template``, which extends ``base.html``.

    ``styles``, ``scripts``: files beside the templates, put into the page. ``labels``: prefix -> palette (``label_style``).
    ``data``: what the page's scripts read, as JSON in the element ``data``. ``folders``: where templates and files of one's own
    are. ``kicker``, ``lede`` and ``footer`` are shown above the title, under it and at the end.
    Raises ``ModuleNotFoundError`` without Jinja2 (``pip install 'stance[report]'``).
    """
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"a page needs {error.name}: pip install 'stance[report]'", name=error.name) from None

    places = [*folders, TEMPLATES]
    environment = Environment(
        loader=FileSystemLoader(places), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":"), "allow_nan": False}
    code = [_read(name, places) for name in scripts]
    style = [_read(name, places) for name in ("base.css", *styles)]
    if labels:
        style += [label_style(swatches, prefix) for prefix, swatches in labels.items()]
    page = environment.get_template(template).render(
        {"kicker": "", "lede": "", "footer": ""} | context,
        title=title,
        policy=_policy(code),
        style=Markup("\n".join(style)),
        scripts=[Markup(text) for text in code],
        data=data,
    )
    return page.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be written


def label_style(swatches: Mapping[str, Swatch], prefix: str) -> str:
    """CSS classes ``PREFIX0``, ``PREFIX1``..., one a label in order, that set ``--c`` (its colour) and ``--on`` (ink on it)."""

    def rules(colours: list[str]) -> str:
        return "\n".join(f".{prefix}{i} {{ --c: {colour}; --on: {ink_on(colour)}; }}" for i, colour in enumerate(colours))

    light = rules([swatch.light for swatch in swatches.values()])
    dark = rules([swatch.dark for swatch in swatches.values()])
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _read(name: str, places: Sequence[Path]) -> str:
    return next(place / name for place in places if (place / name).is_file()).read_text(encoding="utf-8")


def _policy(scripts: Sequence[str]) -> str:
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts)
    return (
        f"default-src 'none'; script-src {hashes or chr(39) + 'none' + chr(39)}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
