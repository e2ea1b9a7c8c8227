"""Hostile snapshots of relatives, and hostile files of weights alone: none is run, each is told.

As in `test_reference_pickle_hostile`, every file is opened in a child process that notes whatever
Python's audit hooks tell of, and how long it took and how much memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.stylegan_t.hostile import relatives, streams
from tests.stylegan_t.hostile.gadget_chains import ALL as GADGETS
from tests.stylegan_t.hostile.streams import Case
from tests.stylegan_t.test_reference_pickle_hostile import (
    EVERYWHERE,
    NAMED,
    Judge,
    always,
    gadget_cases,
    judge,
    never,
    watcher,
)

pytestmark = pytest.mark.slow
__all__ = ["judge", "watcher"]

FEW = EVERYWHERE[:10]
THOROUGH = ("module_src", "a hook", "state")


def unnamed(name: str) -> bool:
    """For places where what no name makes suspicious may stand."""
    return not NAMED[name]


def test_good_files_load_and_cause_no_event(judge: Judge) -> None:
    good = [(name, wrapped.whole) for name, wrapped in relatives.files().items()]
    assert judge.complaints(good, always) == []
    assert [name for name, _ in good if not judge.complaints([(name, _)], never)] == []


def test_source_code_is_never_looked_at(judge: Judge) -> None:
    cases = list(relatives.sources())
    assert judge.complaints(cases, always) == []
    assert [name for name, _ in cases if not judge.complaints([(name, _)], never)] == []


@pytest.mark.parametrize("place", relatives.STRICT)
def test_gadgets_where_a_network_stands(judge: Judge, place: str) -> None:
    gadgets = GADGETS if place in THOROUGH else FEW
    cases = gadget_cases(gadgets, judge.marker, lambda p: relatives.fill_snapshot(place, p))
    assert judge.complaints(cases, never) == []


@pytest.mark.parametrize("place", relatives.LOOSE)
def test_gadgets_where_anything_may_stand(judge: Judge, place: str) -> None:
    gadgets = GADGETS if place in THOROUGH else FEW
    cases = gadget_cases(gadgets, judge.marker, lambda p: relatives.fill_snapshot(place, p))
    assert judge.complaints(cases, unnamed) == []


@pytest.mark.parametrize("place", relatives.WEIGHTS)
@pytest.mark.parametrize("form", relatives.FORMS)
def test_gadgets_among_weights(judge: Judge, form: str, place: str) -> None:
    cases = gadget_cases(FEW, judge.marker, lambda p: relatives.fill_weights(form, place, p))
    assert judge.complaints(cases, never if relatives.WEIGHTS[place][1] else unnamed) == []


PIECES: tuple[Callable[[], Iterable[Case]], ...] = (streams.loops, streams.laughs)


@pytest.mark.parametrize("pieces", PIECES, ids=lambda pieces: pieces.__name__)
@pytest.mark.parametrize("place", ["state", "a parameter", "the modules"])
def test_endless_values(judge: Judge, pieces: Callable[[], Iterable[Case]], place: str) -> None:
    cases = ((name, relatives.fill_snapshot(place, piece)) for name, piece in pieces())
    assert judge.complaints(cases, never) == []


@pytest.mark.parametrize("pieces", PIECES, ids=lambda pieces: pieces.__name__)
@pytest.mark.parametrize("place", ["module_src", "_init_kwargs", "a hook", "D"])
def test_endless_values_that_nobody_reads(
    judge: Judge, pieces: Callable[[], Iterable[Case]], place: str
) -> None:
    cases = ((name, relatives.fill_snapshot(place, piece)) for name, piece in pieces())
    assert judge.complaints(cases, always) == []


@pytest.mark.parametrize("form", relatives.FORMS)
def test_endless_values_among_weights(judge: Judge, form: str) -> None:
    pieces = [*streams.loops(), *streams.laughs()]
    inside = ((n, relatives.fill_weights(form, "a tensor", piece)) for n, piece in pieces)
    assert judge.complaints(inside, never) == []
    beside = ((n, relatives.fill_weights(form, "beside", piece)) for n, piece in pieces)
    assert judge.complaints(beside, always) == []


def test_cut_anywhere(judge: Judge) -> None:
    assert judge.complaints(relatives.cuts(), never) == []


def test_parts_of_other_networks(judge: Judge) -> None:
    """Where they fit, the two are a network; where not, a sentence says so."""
    cases = list(relatives.swapped())
    assert judge.complaints(cases, always) == []
    assert len([name for name, data in cases if judge.complaints([(name, data)], never)]) < 12


def test_the_files_are_counted(tmp_path: Path) -> None:
    """So many are opened here; fewer would mean that a family went missing."""
    snapshots = len(relatives.STRICT | relatives.LOOSE) * len(FEW)
    weights = len(relatives.WEIGHTS) * len(relatives.FORMS) * len(FEW)
    assert snapshots + weights + len(list(relatives.cuts())) > 800
