"""Keys are told from the first of their kind, over any number of chunks and runs."""

import random

import polars as pl

from shegong.intake.seen_keys import SeenKeys


def keys(values) -> pl.Series:
    return pl.Series(values, dtype=pl.UInt64)


def test_every_key_is_new_once_over_many_chunks(monkeypatch) -> None:
    monkeypatch.setattr(SeenKeys, "_RUN", 64)
    random.seed(3)
    seen, known = SeenKeys(), set()
    for size in (1, 50, 7, 100, 0, 300, 20, 20, 20):
        values = [random.randrange(400) for _ in range(size)]
        expected = []
        for value in values:
            expected.append(value in known)
            known.add(value)
        assert seen.again(keys(values)).to_list() == expected
    assert seen.holds(keys(range(400))).to_list() == [value in known for value in range(400)]


def test_only_the_last_ones_are_remembered_where_that_is_asked(monkeypatch) -> None:
    monkeypatch.setattr(SeenKeys, "_RUN", 10)
    seen = SeenKeys(most=25)
    for first in range(0, 100, 10):
        assert not seen.again(keys(range(first, first + 10))).any()
    assert not seen.holds(keys(range(50))).any()
    assert seen.holds(keys(range(75, 100))).all()
