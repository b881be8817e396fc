"""Colours: told apart by colour-blind readers, readable on their paper, distinct for any label set."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from colorspacious import cspace_convert

from stance.labels import SENTIMENTS, STANCES
from stance.palette import DARK_PAPER, LIGHT_PAPER, contrast, ink_on, palette

VISION = {
    "normal": None,
    "deuteranopia": {"name": "sRGB1+CVD", "cvd_type": "deuteranomaly", "severity": 100},  # Machado et al. 2009
    "protanopia": {"name": "sRGB1+CVD", "cvd_type": "protanomaly", "severity": 100},
}
TWENTY = [f"label {i}" for i in range(20)]


def seen(colour: str, vision: dict | None) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    if vision:
        rgb = np.clip(cspace_convert(rgb, vision, "sRGB1"), 0, 1)
    return cspace_convert(rgb, "sRGB1", "CAM02-UCS")


# In CAM02-UCS 1 is a just noticeable difference; 10 is seen at a glance.
@pytest.mark.parametrize("paper", ["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("labels", "least"), [(STANCES, 12), (SENTIMENTS, 12), (TWENTY, 5)])
def test_colour_blind_readers_tell_the_labels_apart(labels, least, vision, paper):
    colours = [getattr(swatch, paper) for swatch in palette(labels).values()]
    apart = [np.linalg.norm(seen(a, VISION[vision]) - seen(b, VISION[vision])) for a, b in combinations(colours, 2)]
    assert min(apart) >= least


@pytest.mark.parametrize("labels", [STANCES, SENTIMENTS, TWENTY])
def test_colours_stand_out_from_their_paper_and_the_sign_from_the_colour(labels):
    for swatch in palette(labels).values():
        for colour, paper in ((swatch.light, LIGHT_PAPER), (swatch.dark, DARK_PAPER)):
            assert contrast(colour, paper) >= 3
            assert contrast(colour, ink_on(colour)) >= 4.5


@pytest.mark.parametrize(
    "labels",
    [
        STANCES,
        TWENTY,
        [f"{i}" for i in range(150)],
        ["deny", "denying", "DENYING", "support", "favor", "Support "],
        ["support", "oppose", "other", "ooze", "", " ", "<b>", "否定", "肯定"],
    ],
)
def test_no_two_labels_share_a_colour_or_a_sign(labels):
    found = palette(labels)
    assert list(found) == list(dict.fromkeys(labels))
    for part in ("sign", "light", "dark"):
        assert len({getattr(swatch, part) for swatch in found.values()}) == len(found)
    assert all(1 <= len(swatch.sign) <= 3 for swatch in found.values())


def test_a_label_keeps_its_look_in_every_order():
    assert palette(STANCES)["denying"] == palette(reversed(STANCES))["denying"]
    assert palette(["deny", "denying"])["denying"] == palette(STANCES)["denying"]
