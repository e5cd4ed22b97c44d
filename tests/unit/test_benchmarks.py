"""Every benchmark runs and yields its rows: what they say is for `make bench`, on a machine at rest."""

import asyncio
import importlib
import json
from pathlib import Path

import pytest

from benchmarks import drain, exporter, forecasting, report
from benchmarks.measure import Row
from benchmarks.store_commands import Bench
from services.store import queues
from services.store.embedded import EmbeddedStore
from tests.store.soundness import connected

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine
ROWS = {
    "drain": 1,
    "push": 2,
    "cli": 3,
    "forecasting": 4,
    "memory": 3,
    "length": 1,
    "store_commands": 2,
    "exporter": 3,
    "logins": 1,
}
RIVALS = Path(drain.__file__).parent / "rivals"


@pytest.mark.parametrize("name", report.BENCHMARKS)
def test_it_runs_at_a_tiny_size(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The rivals are installed by `make bench` alone.
    monkeypatch.setattr(forecasting, "looped", float)
    rows = list(importlib.import_module(f"benchmarks.{name}").rows(quick=True))
    assert len(rows) == ROWS[name]
    assert all(row.name and row.figures for row in rows)
    assert all(row.ratio is None or row.ratio > 0 for row in rows)


@pytest.mark.parametrize(("rounds", "said"), [(1, "(one round)"), (0, "(the smallest of 3 rounds)")])
def test_a_figure_says_of_how_many_rounds_it_is(store_server: EmbeddedStore, rounds: int, said: str) -> None:
    async def measured() -> str:
        async with connected(store_server.url) as store:
            bench = Bench(store, 1, 1, 3)
            await bench.measure("see queues", lambda: queues.page(store, 0, 1), rounds)
            return bench.worst[1]

    assert asyncio.run(measured()).endswith(said)


def test_an_exporter_that_does_not_start_ends_its_benchmark(tmp_path: Path) -> None:
    async def start() -> None:
        async with exporter.exporting("", tmp_path, interval=-1):
            pass

    with pytest.raises(AssertionError, match="ended before"):
        asyncio.run(start())


def test_there_is_a_program_for_every_rival_and_none_besides() -> None:
    assert {path.stem for path in RIVALS.glob("noop_*.py")} == {f"noop_{name}" for name in drain.RIVALS}


@pytest.mark.parametrize(
    ("row", "target", "met"),
    [
        (Row("a", 10.0, least=10), ">= 10", True),
        (Row("a", 9.9, least=10), ">= 10", False),
        (Row("a", 1.2, most=1.2), "<= 1.2", True),
        (Row("a", 1.3, most=1.2), "<= 1.2", False),
        (Row("a", None), "", None),
    ],
)
def test_a_target_is_met_or_missed(row: Row, target: str, met: bool | None) -> None:
    assert (row.target, row.met) == (target, met)


def test_the_committed_results_are_those_of_the_page() -> None:
    rows = json.loads(report.JSON.read_text("utf-8"))["rows"]
    page = report.MARKDOWN.read_text("utf-8")
    assert {row["benchmark"] for row in rows} <= set(report.BENCHMARKS)
    assert all(f"| {row['name']} |" in page for row in rows)
