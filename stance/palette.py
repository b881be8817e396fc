"""A colour and a sign for every label, the same in terminals, pages and plots.

Colours are told apart by readers with deuteranopia and protanopia (in simulation, CAM02-UCS; ``tests/test_palette.py``) and stand
out from their background by 3:1 or more, which WCAG 2.2 asks of graphics. The sign says the same without colour.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stance.labels import SENTIMENTS, STANCES

if TYPE_CHECKING:
    from stance.records import Article

LIGHT_PAPER, DARK_PAPER = "#ffffff", "#15181d"  # the backgrounds that the colours were chosen on


@dataclass(frozen=True, slots=True)
class Swatch:
    """How a label looks: a sign of one or two characters, colours on light and dark paper, the colour in a terminal of 16."""

    label: str
    sign: str
    light: str
    dark: str
    terminal: str


# What the shipped model says, and what other label sets call the same.
CONFIRMING = ("✓", "#0f6cbd", "#5aaefc", "cyan")
WARNING = ("!", "#c98300", "#ffc44d", "yellow")
DENYING = ("✗", "#9f1a4b", "#ff6f7d", "red")
NONE = ("·", "#80858c", "#747a82", "dim")
NEGATIVE = ("−", "#7b3294", "#c9a0e0", "red")
POSITIVE = ("+", "#1b7837", "#6fcf8a", "green")
NEUTRAL = ("○", "#80858c", "#747a82", "dim")
KNOWN = {
    "confirming": CONFIRMING,
    "warning": WARNING,
    "denying": DENYING,
    "unknown": NONE,
    "negative": NEGATIVE,
    "neutral": NEUTRAL,
    "positive": POSITIVE,
    "support": CONFIRMING,
    "favor": CONFIRMING,
    "favour": CONFIRMING,
    "agree": CONFIRMING,
    "deny": DENYING,
    "against": DENYING,
    "disagree": DENYING,
    "none": NONE,
    "unrelated": NONE,
    "neither": NONE,
}
# For every other label, (light, dark) in the order of their distance from the colours above and from each other.
OTHERS = (
    ("#221188", "#aaeeee"),
    ("#552200", "#996600"),
    ("#995500", "#3366ee"),
    ("#5599cc", "#55bbbb"),
    ("#aa8866", "#55ffbb"),
    ("#336677", "#dd8811"),
    ("#660044", "#6677aa"),
    ("#4488ff", "#dd1166"),
    ("#1111dd", "#33ddff"),
    ("#005588", "#11ddbb"),
    ("#aa5555", "#6688ff"),
    ("#664411", "#5599aa"),
    ("#ee5599", "#bb7744"),
    ("#bb6633", "#00bb99"),
    ("#005544", "#ddbb77"),
    ("#6699aa", "#eeaadd"),
    ("#5555ff", "#77ff88"),
    ("#660022", "#4499cc"),
    ("#004466", "#ff9944"),
    ("#885533", "#dd4488"),
    ("#aa0099", "#bb7700"),
    ("#aa5599", "#55aa77"),
    ("#aa6677", "#77dd99"),
    ("#0088cc", "#5577cc"),
)
TERMINAL = (
    "magenta",
    "blue",
    "green",
    "bright_cyan",
    "bright_yellow",
    "bright_red",
    "bright_magenta",
    "bright_blue",
    "bright_green",
)


def palette(labels: Iterable[str]) -> dict[str, Swatch]:
    """Label -> swatch, in the order given. No two share a colour or a sign."""
    found: dict[str, Swatch] = {}
    labels = list(dict.fromkeys(labels))
    # A label that is known by its own name has its look before one that only means the same.
    known: dict[tuple[str, ...], str] = {}
    for label in sorted(labels, key=lambda label: label not in STANCES + SENTIMENTS):
        if (look := KNOWN.get(label.strip().lower())) and not _same_colour(look, known):
            known[look] = label
    named = {label: look for look, label in known.items()}
    signs = {look[0] for look in known}
    others = 0
    for label in labels:
        if label in named:
            found[label] = Swatch(label, *named[label])
            continue
        sign = _sign(label, signs)
        signs.add(sign)
        found[label] = Swatch(label, sign, *_other(others), TERMINAL[others % len(TERMINAL)])
        others += 1
    return found


def label_sets(articles: Iterable[Article]) -> tuple[dict[str, Swatch], dict[str, Swatch]]:
    """The palettes of the stances and of the sentiments that the articles' predictions know."""
    stances: dict[str, None] = {}
    sentiments: dict[str, None] = {}
    for article in articles:
        for p in article.predictions:
            stances |= dict.fromkeys(p.stance_probabilities)
            sentiments |= dict.fromkeys(p.sentiment_probabilities)
            if p.stance:
                stances.setdefault(p.stance)
            if p.sentiment:
                sentiments.setdefault(p.sentiment)
    return palette(stances), palette(sentiments)


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on a colour (``#rrggbb``)."""
    return "#000000" if contrast(colour, "#000000") >= contrast(colour, "#ffffff") else "#ffffff"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    a, b = sorted((_luminance(one), _luminance(other)))
    return (b + 0.05) / (a + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _same_colour(look: tuple[str, ...], taken: Iterable[tuple[str, ...]]) -> bool:
    return any(look[1] == other[1] for other in taken)


def _sign(label: str, taken: set[str]) -> str:
    """A letter of the label that no other has, else two, else a number."""
    letters = [c for c in label.upper() if c.isalnum()]
    pairs = [letters[0] + c.lower() for c in letters[1:]] if letters else []
    numbers = (str(n) for n in range(1, len(taken) + 2))
    return next(sign for sign in (*letters[:1], *pairs, *letters[1:], *numbers) if sign not in taken)


def _other(number: int) -> tuple[str, str]:
    if number < len(OTHERS):
        return OTHERS[number]
    hue = (number * 0.61803398875) % 1.0  # past the list, steps of the golden angle: distinct, though close to each other
    red, green, blue = (round(255 * c) for c in colorsys.hls_to_rgb(hue, 0.36 + number % 3 * 0.02, 0.7))
    light = f"#{red:02x}{green:02x}{blue:02x}"
    red, green, blue = (round(255 * c) for c in colorsys.hls_to_rgb(hue, 0.68 + number % 3 * 0.02, 0.7))
    return light, f"#{red:02x}{green:02x}{blue:02x}"
