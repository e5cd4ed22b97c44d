"""A forecast drawn in the terminal, in characters."""

import os
import shutil
import sys
from typing import Any

import plotext

from cli.sketch import LEVELS, Sketch
from cli.talk import printable

COLOURS = {"95": "gray", "80": "cyan", "history": "blue+", "forecast": "orange+"}
TERMINAL = ("default", "default")


def draw(sketch: Sketch) -> str:
    """The drawing as lines of text, as wide as the terminal; coloured only where colours are seen."""
    figure = plotext.figure
    figure.clear()
    _dress(figure, sketch)
    for level in LEVELS:
        _band(figure, sketch, level)
    if sketch.history:
        _line(figure, sketch.past, sketch.history, "history")
    # The forecast hangs on the last value, so that the eye sees one line.
    _line(figure, [*sketch.past[-1:], *sketch.ahead], [*sketch.history[-1:], *sketch.mean], "forecast")
    text: str = figure.build().string()
    return text if coloured() else plotext.uncolorize(text)


def coloured() -> bool:
    """Whether stdout shows colours: a terminal, and NO_COLOR is not set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _dress(figure: Any, sketch: Sketch) -> None:
    size = shutil.get_terminal_size((100, 30))
    plotext.terminal.limit(False, False)
    figure.plot_size(max(size.columns, 40), max(12, min(size.lines - 2, 28)))
    figure.canvas("default")
    figure.axes(pixel=TERMINAL)
    for axis in ("x", "y"):
        figure.ruler(axis).pixel(TERMINAL)
    figure.title(plotext.colorize(printable(sketch.title), TERMINAL))
    figure.label(plotext.colorize("step", TERMINAL), "x")
    figure.label(plotext.colorize("value", TERMINAL), "y")
    figure.legend(pixel=TERMINAL)


def _band(figure: Any, sketch: Sketch, level: str) -> None:
    marker = plotext.marker("braille", COLOURS[level])
    lower = figure.signal(sketch.ahead, sketch.lower[level], marker=marker).lines()
    upper = figure.signal(sketch.ahead, sketch.upper[level], marker=marker).lines()
    upper.fill(lower).label(f"{level} % interval")
    figure.draw(lower)
    figure.draw(upper)


def _line(figure: Any, steps: list[int], values: list[float], label: str) -> None:
    marker = plotext.marker("braille", COLOURS[label])
    figure.draw(figure.signal(steps, values, marker=marker).lines().label(label))
