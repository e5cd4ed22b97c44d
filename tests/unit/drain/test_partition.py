"""Work is dealt out whole, in one piece a rank, and in pieces of about equal cost."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.drain.partition import longest, partition
from services.drain.plan import Part, Plan, decode
from services.forecasting.models import MODELS, seconds

parts = st.lists(
    st.builds(
        Part,
        model=st.sampled_from(list(MODELS)),
        horizon=st.integers(1, 30),
        levels=st.just((80, 95)),
        season_length=st.integers(1, 12),
        bounds=st.none() | st.tuples(st.floats(-1e300, 0), st.floats(0.1, 1e300)),
        steps=st.integers(40, 400),
        series=st.integers(1, 200),
    ),
    min_size=1,
    max_size=6,
)


@given(parts, st.integers(1, 9))
def test_every_series_goes_to_one_rank_and_ranks_get_contiguous_pieces(parts: list[Part], ranks: int) -> None:
    plan = partition(parts, ranks)
    assert [sum(share[number] for share in plan.shares) for number in range(len(parts))] == [p.series for p in parts]
    dealt = [number for share in plan.shares for number, count in enumerate(share) for _ in range(count)]
    assert dealt == [number for number, part in enumerate(parts) for _ in range(part.series)]


@given(parts, st.integers(1, 9))
def test_no_rank_gets_much_more_than_its_part_of_the_cost(parts: list[Part], ranks: int) -> None:
    plan = partition(parts, ranks)
    dearest = max(map(cost, parts))
    total = sum(part.series * cost(part) for part in parts)
    spent = [sum(n * cost(part) for n, part in zip(share, parts, strict=True)) for share in plan.shares]
    assert max(spent) <= total / ranks + 2 * dearest


def test_the_rank_with_the_most_to_do_is_the_longest() -> None:
    naive, theta = (Part(model, 1, (80, 95), 1, None, 300, 9) for model in ("naive", "theta"))
    plan = Plan((naive, theta), ((9, 0), (0, 2), (0, 7)))
    assert longest(plan) == seconds("theta", 7, 300)
    assert longest(Plan((naive,), ((9,), (0,)))) == seconds("naive", 9, 300)


@given(parts, st.integers(1, 9))
def test_a_plan_travels_unchanged(parts: Sequence[Part], ranks: int) -> None:
    plan = partition(parts, ranks)
    assert decode(plan.encode()) == plan


def test_a_plan_knows_how_many_values_travel() -> None:
    part = Part("ols", 10, (80, 95), 1, None, 300, 3)
    plan = Plan((part,), ((2,), (1,)))
    assert plan.series_sizes() == [600, 300]
    assert plan.row_sizes() == [104, 52]


def test_a_long_series_alone_weighs_as_much_as_the_steps_that_it_takes_one_after_the_other() -> None:
    alone, many = (Part("theta", 1, (80, 95), 1, None, 300, series) for series in (1, 400))
    assert partition([*[alone] * 2, many], 2).shares == ((1, 1, 0), (0, 0, 400))


def cost(part: Part) -> float:
    return seconds(part.model, part.series, part.steps) / part.series
