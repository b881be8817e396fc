"""The command line, a module a command: ``stance analyze | score | report | ...``.

Exit codes: 0 all done, 1 something could not be read or scored, 2 wrong usage, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import sys

# isort: off
from stance.cli import (  # noqa: F401  (in the order of --help)
    analyze,
    score,
    report,
    plot,
    train,
    evaluate,
    compare,
    agreement,
    check,
    export,
    push,
    data,
)
from stance.cli.app import app

# isort: on


def main() -> None:
    try:
        app()
    except KeyboardInterrupt:
        print("stance: stopped", file=sys.stderr)
        sys.exit(130)
