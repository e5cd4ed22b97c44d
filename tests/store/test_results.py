"""A packed result tells what it is, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import NotFoundError
from services.store import claims, results
from services.store.connection import Store
from tests.store.samples import push, take

headers = st.tuples(
    st.integers(1, 10_000),
    st.lists(st.integers(1, 99), max_size=5).map(tuple),
    st.integers(1, 100_000),
    st.integers(1, 2**31),
    st.floats(0, 1e11),
)


@given(headers, st.binary(max_size=200))
def test_what_is_packed_is_unpacked(header: tuple[int, tuple[int, ...], int, int, float], rows: bytes) -> None:
    found = results.unpack(results.pack(*header) + rows)
    assert found == results.StoredResult(*header, rows=rows)


@given(st.binary(max_size=60))
def test_other_bytes_are_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="not a packed result"):
        results.unpack(packed)


@given(headers, st.data())
def test_a_result_that_is_cut_off_is_refused(
    header: tuple[int, tuple[int, ...], int, int, float], data: st.DataObject
) -> None:
    packed = results.pack(*header)
    with pytest.raises(ValueError, match="packed result"):
        results.unpack(packed[: data.draw(st.integers(0, len(packed) - 1))])


@pytest.mark.anyio
async def test_results_of_many_jobs_at_once(store: Store, queue: int) -> None:
    first, second, third = await push(store, queue, 3)
    claim, _ = await take(store, queue)
    packed = [(i, results.pack(i, (80, 95), 2, 1, 0.5) + b"rows") for i in (third, first)]
    await claims.complete(store, claim, [claims.Outcome(i, 2, value) for i, value in packed])
    found = await results.get_many(store, [third, second, first])
    assert {i: (result.horizon, result.rows) for i, result in found.items()} == {
        third: (third, b"rows"),
        first: (first, b"rows"),
    }
    assert await results.get(store, first) == found[first]
    with pytest.raises(NotFoundError, match=f"job {second} has no result"):
        await results.get(store, second)
    assert await results.get_many(store, []) == {}
