"""What rows of JSON must hold, and where one does not.

A shape is a type, or several (``int | None``); ``[shape]``, a list of such values; ``(shape, shape)``, a list of just these;
``{"name": shape}``, an object with at least these fields; ``OrNull(shape)``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any

Shape = Any
NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false", NoneType: "null"}


@dataclass(frozen=True)
class OrNull:
    shape: Shape


def misfit(value: object, shape: Shape, place: str = "") -> str | None:
    """What is wrong at the first place where ``value``, as json.loads gives it, has not the shape; None if it has."""
    if isinstance(shape, OrNull):
        return None if value is None else misfit(value, shape.shape, place)
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return _told(value, f"an object with {', '.join(shape)}", place)
        missing = next((name for name in shape if name not in value), None)
        if missing is not None:
            return f"no {missing!r}{f' in {place}' if place else ''}; give it {', '.join(shape)}"
        inside = ((value[name], inner, f"{place}.{name}" if place else name) for name, inner in shape.items())
    elif isinstance(shape, list | tuple):
        if not isinstance(value, list):
            return _told(value, "a list", place)
        if isinstance(shape, tuple) and len(value) != len(shape):
            return _told(value, f"a list of {len(shape)}", place)
        inners = shape if isinstance(shape, tuple) else shape * len(value)
        inside = ((v, inner, f"{place}[{i}]") for i, (v, inner) in enumerate(zip(value, inners, strict=True)))
    else:
        kinds = shape.__args__ if isinstance(shape, UnionType) else (shape,)
        return None if type(value) in kinds else _told(value, " or ".join(NAMES[k] for k in kinds), place)
    return next((problem for v, inner, at in inside if (problem := misfit(v, inner, at))), None)


def _told(value: object, asked: str, place: str) -> str:
    return f"{place or 'the row'} is {json.dumps(value, ensure_ascii=False)[:40]}; it must be {asked}"
