"""What rank 0 tells the others of a batch: which parts it has and how many of their series each rank gets."""

import json
from dataclasses import asdict, dataclass

from services.forecasting.rows import RowLayout


@dataclass(frozen=True, slots=True)
class Part:
    """Series of one dataset that want the same model and horizon."""

    model: str
    horizon: int
    levels: tuple[int, ...]
    season_length: int
    bounds: tuple[float, float] | None
    steps: int
    series: int

    @property
    def width(self) -> int:
        """Values of one result row."""
        return RowLayout(self.horizon, self.levels).width


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of a batch; `shares[rank][part]` is how many series of the part the rank gets.

    The series of all parts, one after the other, are cut into one contiguous piece for each rank.
    """

    parts: tuple[Part, ...]
    shares: tuple[tuple[int, ...], ...]

    def series_sizes(self) -> list[int]:
        """For each rank, how many values it is sent."""
        return [sum(n * part.steps for n, part in zip(share, self.parts, strict=True)) for share in self.shares]

    def row_sizes(self) -> list[int]:
        """For each rank, how many values it sends back."""
        return [sum(n * part.width for n, part in zip(share, self.parts, strict=True)) for share in self.shares]

    def encode(self) -> bytes:
        """As it travels; floats survive unchanged."""
        return json.dumps(asdict(self)).encode()


def decode(words: bytes) -> Plan:
    """The inverse of Plan.encode."""
    read = json.loads(words)
    parts = (part | {"levels": tuple(part["levels"]), "bounds": _pair(part["bounds"])} for part in read["parts"])
    return Plan(tuple(Part(**part) for part in parts), tuple(tuple(share) for share in read["shares"]))


def _pair(bounds: list[float] | None) -> tuple[float, float] | None:
    return None if bounds is None else (bounds[0], bounds[1])
