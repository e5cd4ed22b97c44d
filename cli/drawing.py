"""A forecast drawn in the terminal, in characters."""

import os
import shutil
import sys
from dataclasses import dataclass
from typing import Any

import plotext

from cli.sketch import LEVELS, Sketch
from cli.talk import printable


@dataclass(frozen=True, slots=True)
class Pen:
    """What a line or band is drawn with: its name below the plot, its marker, and its colour where colours are seen."""

    name: str
    marker: str
    colour: str

    def drawn(self) -> Any:
        """The marker with its colour."""
        return plotext.marker(self.marker, self.colour)

    def explained(self) -> str:
        """Its place in the legend."""
        sign = {"braille": "━"}.get(self.marker, self.marker) * 2
        return f"{plotext.colorize(sign, self.colour).string()} {self.name}"


# Shades and not colours alone tell the bands apart, so that a plot without colours can be read as well.
PENS = {
    "history": Pen("history", "braille", "blue+"),
    "forecast": Pen("forecast", "●", "orange+"),
    "80": Pen("80 % interval", "▒", "cyan"),
    "95": Pen("95 % interval", "░", "gray+"),
}


def draw(sketch: Sketch) -> str:
    """The drawing as lines of text, as wide as the terminal; coloured only where colours are seen."""
    figure = plotext.figure
    figure.clear()
    _dress(figure, sketch)
    for level in LEVELS:
        _band(figure, sketch, level)
    if sketch.history:
        figure.draw(figure.signal(sketch.past, sketch.history, marker=PENS["history"].drawn()).lines())
    figure.draw(figure.signal(sketch.ahead, sketch.mean, marker=PENS["forecast"].drawn()).lines())
    legend = "   ".join(pen.explained() for pen in PENS.values())
    text = f"{figure.build().string()}      {legend}"
    return text if coloured() else str(plotext.uncolorize(text))


def coloured() -> bool:
    """Whether stdout shows colours: a terminal that is not dumb, and NO_COLOR is not set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _dress(figure: Any, sketch: Sketch) -> None:
    size = shutil.get_terminal_size((100, 30))
    width = max(size.columns, 40)
    plotext.terminal.limit(False, False)
    figure.plot_size(width, max(12, min(size.lines - 3, 28)))
    # The frame in the terminal's own colours, whatever these are.
    figure.theme("simple")
    figure.ruler("x").ticks(ticks([*sketch.past, *sketch.ahead], width // 12))
    title = printable(sketch.title)
    figure.title(title if len(title) < width else title[: width - 2] + "…")
    figure.label("step", "x")
    figure.label("value", "y")


def ticks(steps: list[int], most: int) -> list[int]:
    """Round steps within a range, at most about `most` of them."""
    first, last = steps[0], steps[-1]
    sizes = (base * 10**power for power in range(12) for base in (1, 2, 5))
    size = next(size for size in sizes if (last - first) / size <= max(most, 1))
    return [step for step in range(first - first % size, last + 1, size) if step >= first]


def _band(figure: Any, sketch: Sketch, level: str) -> None:
    marker = PENS[level].drawn()
    lower = figure.signal(sketch.ahead, sketch.lower[level], marker=marker).lines()
    upper = figure.signal(sketch.ahead, sketch.upper[level], marker=marker).lines()
    upper.fill(lower)
    figure.draw(lower)
    figure.draw(upper)
