"""How one row of float64 holds all that is known of one series: what ranks send back and what is stored."""

from dataclasses import dataclass

from services.forecasting.panel import FloatArray


@dataclass(frozen=True, slots=True)
class RowLayout:
    """`[mean | lower, upper of level 0 | lower, upper of level 1 | ... | mase | naive_mase]`, each part `horizon` wide.

    The last two are one value each. The methods give views of `rows` (series, width); a single row (width,) will do.
    """

    horizon: int
    levels: tuple[int, ...]

    @property
    def forecast_width(self) -> int:
        """Values a row before the two errors."""
        return self.horizon * (1 + 2 * len(self.levels))

    @property
    def width(self) -> int:
        """Values a row."""
        return self.forecast_width + 2

    def mean(self, rows: FloatArray) -> FloatArray:
        """(series, horizon): the forecasts."""
        return self._part(rows, 0)

    def lower(self, rows: FloatArray, level_index: int) -> FloatArray:
        """(series, horizon): the lower ends of the prediction intervals at `levels[level_index]`."""
        return self._part(rows, 1 + 2 * range(len(self.levels))[level_index])

    def upper(self, rows: FloatArray, level_index: int) -> FloatArray:
        """(series, horizon): the upper ends of the prediction intervals at `levels[level_index]`."""
        return self._part(rows, 2 + 2 * range(len(self.levels))[level_index])

    def mase(self, rows: FloatArray) -> FloatArray:
        """(series,): the model's error over the held-out steps; NaN where it has no scale (see accuracy.py)."""
        return rows[..., -2]

    def naive_mase(self, rows: FloatArray) -> FloatArray:
        """(series,): the naive baseline's error over the same steps."""
        return rows[..., -1]

    def _part(self, rows: FloatArray, index: int) -> FloatArray:
        return rows[..., index * self.horizon : (index + 1) * self.horizon]
