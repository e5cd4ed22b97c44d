"""Files that somebody has edited, or that are not whole: a restore names the place and leaves nothing."""

import re
from pathlib import Path

import pytest

from services.errors import InvalidError
from services.exporter import snapshot
from services.exporter.restoring import restore_files
from services.store.connection import Store
from tests.exporter import content, process

pytestmark = pytest.mark.anyio


def first(pattern: bytes, new: bytes) -> process.Change:
    """Another text in the first place that matches."""
    return lambda text: re.sub(pattern, new, text, count=1)


async def refusal(store: Store, folder: Path, name: str, change: process.Change) -> str:
    """What a restore says of a file that was changed."""
    await content.fill(store)
    await snapshot.write(store, folder)
    await store.command("FLUSHALL")
    text = process.contents(folder)[name]
    assert change(text) != text
    (folder / name).write_bytes(change(text))
    with pytest.raises(InvalidError) as refused:
        await restore_files(store, folder)
    # Not counting what an exporter notes for itself: that of the other tests' server may export the empty store.
    assert await content.everything(store) == {}
    return refused.value.detail


@pytest.mark.parametrize(
    ("name", "change", "what"),
    [
        ("users.json", first(b'"version":1', b'"version":2'), "its version is 2"),
        ("users.json", first(b'"store":', b'"shop":'), "does not say of which store"),
        ("users.json", first(b'"store":"', b'"store":"0'), "different stores"),
        ("users.json", lambda _: b"", "line 1"),
        ("queues.json", lambda text: text[: len(text) // 2], "line"),
        ("queues.json", lambda text: text[: text.rindex(b"\n]}")], "ends in the middle"),
        ("queues.json", first(b'"places"', b'"palaces"'), "palaces"),
        ("masterdata.json", first(b'{"id":2,', b'{"id":2;'), "masterdata.json, line 3:"),
        ("results.json", lambda text: text.replace(b"{", b"[{", 2).replace(b"}", b"}]", 1), "results.json"),
    ],
)
async def test_what_is_no_file_of_the_exporter(
    store: Store, tmp_path: Path, name: str, change: process.Change, what: str
) -> None:
    assert what in await refusal(store, tmp_path, name, change)


@pytest.mark.parametrize(
    ("name", "change", "where", "what"),
    [
        ("users.json", first(b'"employee"', b'"Employee"'), "line 3:", "Employee"),
        ("masterdata.json", first(b'{"id":2,', b'{"id":"two",'), "line 3:", "two"),
        ("masterdata.json", first(b'"owner":"ada"', b'"owner":{}'), "line", "neither text"),
        ("masterdata.json", first(b'"status":"done"', b'"status":"eaten"'), "line 6:", "eaten"),
        ("masterdata.json", first(b'"model":"ols",', b""), "line 2:", "model"),
        ("masterdata.json", first(b'"size":3', b'"size":"XL"'), "line 2:", "XL"),
        ("masterdata.json", first(b'"updated":[^,}]*', b'"updated":"yesterday"'), "line 2:", "yesterday"),
        ("masterdata.json", first(b'"updated":[^,}]*', b'"updated":"nan"'), "line 2 and", "not a valid float"),
        ("masterdata.json", first(b'"score":[0-9]+', b'"score":"high"'), "line 2:", "high"),
        ("masterdata.json", first(b'{"values_of":[^\n]*\n', b""), ":", "prices have 0 bytes, and its shape needs 1200"),
        ("results.json", first(b'"mean":', b'"maen":'), "line 2:", "mean"),
        ("results.json", first(b'"horizon":10', b'"horizon":9'), "line 3:", "47"),
        ("queues.json", first(b'"state":"open"', b'"state":"Open"'), "line 2:", "Open"),
        ("queues.json", first(b'"max_attempts":1', b'"max_attempts":"lots"'), "line 2:", "lots"),
        ("queues.json", first(b'"value":"1"', b'"value":"few"'), "line", "few"),
        ("queues.json", first(b'"state":"stopped"', b'"state":"over"'), "line", "over"),
        ("queues.json", first(b'"last":', b'"first":'), ":", "last"),
    ],
)
async def test_records_that_nobody_could_read_in_the_store(
    store: Store, tmp_path: Path, name: str, change: process.Change, where: str, what: str
) -> None:
    said = await refusal(store, tmp_path, name, change)
    assert re.match(f"{name}(, )?{where}", said)
    assert what in said


async def test_a_missing_file_is_named(store: Store, tmp_path: Path) -> None:
    await snapshot.write(store, tmp_path)
    (tmp_path / "results.json").unlink()
    with pytest.raises(InvalidError, match=r"results\.json cannot be read: No such file"):
        await restore_files(store, tmp_path)
