"""Ratios are of one round, the median counts, and what others disturbed does not."""

import pytest

from bench.harness import rounds
from bench.harness.client import Load
from bench.harness.rounds import (
    MOST_REPEATS,
    QUIET,
    Contender,
    Sample,
    compare,
    counted,
    measure_quietly,
    ratios,
    summarise,
)

DISTURBED = QUIET + 0.01


def sample(rate, others=0.0):
    return Sample(rate, 100, 50, 10, 1, 2, others)


def done(pieces=100):
    return Load(pieces, pieces, 2.0, 0.01, 8, 1.0, 2.0)


@pytest.fixture
def others(monkeypatch):
    """Give what others take in each measurement, in turn; the last for ever."""
    figures = [0.0]
    meter = lambda pid: lambda: figures.pop(0) if len(figures) > 1 else figures[0]  # noqa: E731
    monkeypatch.setattr(rounds, "others_meter", meter)
    return figures


def test_ratio_is_the_median_of_ratios_within_rounds():
    # The machine is twice as quick in the second round, and both with it.
    taken = [
        {"base": sample(100), "other": sample(80)},
        {"base": sample(200), "other": sample(180)},
        {"base": sample(100), "other": sample(70)},
    ]

    found = summarise(taken, "base")

    assert (found["other"].ratio, found["other"].lowest, found["other"].highest) == (
        *(0.8, 0.7, 0.9),
    )
    assert found["base"].ratio == 1
    assert ratios(taken, "other", "base") == [0.8, 0.9, 0.7]


def test_disturbed_rounds_do_not_count():
    quiet = {"base": sample(100), "other": sample(80)}
    disturbed = {"base": sample(100), "other": sample(10, DISTURBED)}

    assert counted([quiet, disturbed, quiet]) == [quiet, quiet]


def test_all_rounds_count_where_most_are_disturbed():
    quiet = {"base": sample(100)}
    disturbed = {"base": sample(10, DISTURBED)}

    assert counted([quiet, disturbed, disturbed]) == [quiet, disturbed, disturbed]


def test_a_disturbed_measurement_is_repeated(others):
    others[:] = [DISTURBED, 0.1]

    assert measure_quietly(Contender(lambda seconds: done()), 1).others == 0.1


def test_repetition_has_an_end_and_the_quietest_stays(others):
    others[:] = [0.9, 0.5, 0.7, 0.3]

    assert measure_quietly(Contender(lambda seconds: done()), 1).others == 0.5
    assert len(others) == 4 - (MOST_REPEATS + 1)


def test_contenders_run_in_turn_each_after_its_warm_up(others):
    ran = []

    def contender(name, warm_up):
        return Contender(
            lambda seconds: ran.append((name, seconds)) or done(), warm_up=warm_up
        )

    contenders = {"a": contender("a", 0.5), "b": contender("b", 0)}
    rounds = compare(contenders, rounds=6, seconds=3)

    first, second = [("a", 0.5), ("a", 3)], [("b", 3)]
    taken = [ran[start : start + 3] for start in range(0, 18, 3)]
    assert len(ran) == 18
    assert first + second in taken
    assert second + first in taken
    assert [list(each) for each in rounds] == [["a", "b"]] * 6


def test_cpu_is_of_the_measurement_alone_for_each_piece_of_work(others):
    clocks = {"server": iter([10.0, 10.5]), "database": iter([20.0, 20.2])}
    contender = Contender(
        lambda seconds: done(1000),
        lambda: next(clocks["server"]),
        lambda: next(clocks["database"]),
        warm_up=0,
    )

    found = measure_quietly(contender, 2)

    assert (round(found.server_us), round(found.database_us), found.rate) == (
        500,
        200,
        500,
    )
