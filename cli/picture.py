"""A forecast drawn into a file: PNG, SVG or PDF."""

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cli.errors import UsageError
from cli.sketch import LEVELS, Sketch

# Blue and orange are told apart by everyone, and each band is a lighter shade of its forecast.
HISTORY, FORECAST = "#1f4e79", "#d1660a"
SHADES = {"95": 0.18, "80": 0.32}


def save(sketch: Sketch, path: Path) -> None:
    """Write the picture of a forecast. Raises UsageError where the file cannot be written."""
    figure = Figure(figsize=(9, 4.5), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    if sketch.history:
        axes.plot(sketch.past, sketch.history, color=HISTORY, linewidth=1.3, label="history")
        joint = [sketch.past[-1], sketch.ahead[0]], [sketch.history[-1], sketch.mean[0]]
        axes.plot(*joint, color=FORECAST, linewidth=1.2, linestyle=":")
        axes.axvline(sketch.origin - 0.5, color="#999999", linewidth=0.8, linestyle="--")
    axes.plot(sketch.ahead, sketch.mean, color=FORECAST, linewidth=1.8, marker="o", markersize=3, label="forecast")
    for level in reversed(LEVELS):
        band = sketch.lower[level], sketch.upper[level]
        label = f"{level} % prediction interval"
        axes.fill_between(sketch.ahead, *band, color=FORECAST, alpha=SHADES[level], linewidth=0, label=label)
    # People name assets and datasets: a $ among them begins no mathematics.
    axes.set_title(sketch.title, parse_math=False)
    axes.set(xlabel="step", ylabel="value")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.13))
    try:
        figure.savefig(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
