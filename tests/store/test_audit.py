"""The trail keeps the newest entries, and a page of it never looks at very many."""

import asyncio

import pytest

from services.store import audit, keys
from services.store.audit import Action, Entry, Outcome
from services.store.connection import Store

pytestmark = pytest.mark.anyio


def entry(subject: str, target: str = "") -> Entry:
    return Entry(subject, Action.LOGIN, target, Outcome.DONE, "10.0.0.1", "id")


async def fill(store: Store, count: int, most: int) -> None:
    await asyncio.gather(*(audit.keep(store, entry("emil", str(number)), most) for number in range(count)))


async def test_the_oldest_go(store: Store) -> None:
    await fill(store, 1000, 100)
    found, _ = await audit.page(store, "", 10, lambda _: True)
    assert [one.target for one in found] == [str(number) for number in range(999, 989, -1)]
    assert 100 <= int(await store.command("XLEN", keys.AUDIT)) <= 200


async def test_an_entry_comes_back_as_it_was(store: Store) -> None:
    kept = Entry("Ünal", Action.USER_CHANGE, "bob", Outcome.REFUSED, "::1", "r-1", "role manager")
    await audit.keep(store, kept, 100)
    ((found,), after) = await audit.page(store, "", 10, lambda _: True)
    assert after == ""
    assert found.time > 1_700_000_000
    assert (
        Entry(found.subject, found.action, found.target, found.outcome, found.client, found.request_id, found.detail)
        == kept
    )


async def test_a_filter_that_matches_hardly_anything_takes_several_pages(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_PIECE", 10)
    monkeypatch.setattr(audit, "_MOST_LOOKED_AT", 50)
    await audit.keep(store, entry("ann"), 1000)
    await fill(store, 51, 1000)
    found, after = await audit.page(store, "", 10, lambda one: one.subject == "ann")
    assert found == []
    found, after = await audit.page(store, after, 10, lambda one: one.subject == "ann")
    assert [one.subject for one in found] == ["ann"]
    assert after == ""


async def test_pages_follow_each_other_without_a_gap(store: Store) -> None:
    await fill(store, 25, 100)
    seen, after = await audit.page(store, "", 10, lambda _: True)
    while after:
        found, after = await audit.page(store, after, 10, lambda _: True)
        seen += found
    assert [one.target for one in seen] == [str(number) for number in range(24, -1, -1)]
