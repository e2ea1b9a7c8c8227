"""Hostile, damaged and foreign files under the name of a snapshot: each is refused, none is run.

Every file is opened in a child process that notes, and stops, whatever Python's audit hooks tell
of: imports, code, processes, files other than the one that is opened.
"""

from __future__ import annotations

import itertools
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import stylegan_t
from stylegan_t import CheckpointError
from tests.stylegan_t.checkpoints.test_reference_pickle import STORAGES, STREAMS, TOWERS
from tests.stylegan_t.hostile import bombs, edits, files, places, shared, streams, tensors
from tests.stylegan_t.hostile.gadget_chains import ALL as GADGETS
from tests.stylegan_t.hostile.gadgets import Gadget
from tests.stylegan_t.hostile.places import PLACES, Place, fill
from tests.stylegan_t.hostile.streams import Case
from tests.stylegan_t.reference.opcodes import put_together, stream, take_apart
from tests.stylegan_t.reference.snapshot import SMALLEST, SMALLEST_WITH_TEXT, snapshot_bytes
from tests.stylegan_t.reference.watch import ROOT, Outcome, Watcher

pytestmark = pytest.mark.slow

LIMIT_S = 5.0
"""CPU time for one file.  An idle machine needs less than two seconds for the worst of them."""
LIMIT_MB = 600.0
LONGEST_SENTENCE = 500
EVERYWHERE = [gadget for gadget in GADGETS if gadget.name.startswith("os.system")] + GADGETS[::12]
"""A few gadgets for every place; all of them are tried in the places of `THOROUGH`."""
THOROUGH = ("G_ema", "an attribute", "a parameter", "a hook of D")
BY_NAME = {place.name: place for place in PLACES}


class Judge:
    """Opens files in the watched child and says what went wrong, if anything did."""

    def __init__(self, watcher: Watcher, folder: Path) -> None:
        self._watcher = watcher
        self._path = folder / "network-snapshot-000666.pkl"
        self.marker = folder / "marker"

    def complaints(self, cases: Iterable[Case], may_load: Callable[[str], bool]) -> list[str]:
        """Open each case; a sentence for each thing that should not have been."""
        found: list[str] = []
        for name, data in cases:
            self._path.write_bytes(data)
            outcome = self._watcher.load(self._path)
            found += [f"{name}: {wrong}" for wrong in self._wrong(outcome, may_load(name))]
        return found

    def _wrong(self, outcome: Outcome, may_load: bool) -> Iterator[str]:
        if outcome.kind not in (("refused", "loaded") if may_load else ("refused",)):
            yield f"it {outcome.kind} {outcome.message[-1000:]}"
        if outcome.kind == "refused":
            yield from badly_said(outcome.message, self._path)
        if outcome.events:
            yield f"events {outcome.events}"
        if outcome.cpu_s > LIMIT_S:
            yield f"{outcome.cpu_s:.1f} s"
        if outcome.peak_mb > LIMIT_MB:
            yield f"{outcome.peak_mb:.0f} MB"
        if self.marker.exists():
            self.marker.unlink()
            yield "it was executed"


def badly_said(message: str, path: Path) -> Iterator[str]:
    """What keeps a message from being one sentence that names the file."""
    if not message.isprintable() or len(message) > LONGEST_SENTENCE or message[-1:] not in ".!":
        yield f"no sentence: {message[:300]!r}"
    if path.name not in message:
        yield f"the sentence does not name the file: {message[:300]!r}"


def never(name: str) -> bool:
    """For cases that must be refused."""
    return False


def always(name: str) -> bool:
    """For cases that may load, as long as nothing happens."""
    return True


@pytest.fixture(scope="module")
def watcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watcher]:
    warm_up = tmp_path_factory.mktemp("warm") / "a.pkl"
    warm_up.write_bytes(snapshot_bytes(SMALLEST_WITH_TEXT, clip_options=places.SMALL_TOWER))
    with Watcher(warm_up) as watcher:
        yield watcher


@pytest.fixture
def judge(watcher: Watcher, tmp_path: Path) -> Judge:
    return Judge(watcher, tmp_path)


# -- the tests' own tools --------------------------------------------------------------------------


def test_the_gadgets_are_real(tmp_path: Path) -> None:
    """Python's own reader runs them; else it would mean nothing that ours does not."""
    live = [gadget for gadget in GADGETS if gadget.live]
    assert len(live) > 50
    for index, gadget in enumerate(live):
        data = stream(gadget.make(tmp_path / f"marker{index}"))
        (tmp_path / f"{index}.pkl").write_bytes(data)
    script = (
        "import pathlib, pickle, sys\n"
        "for path in pathlib.Path(sys.argv[1]).glob('*.pkl'):\n"
        "    try: pickle.loads(path.read_bytes())\n"
        "    except Exception: pass\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    dead = [gadget.name for i, gadget in enumerate(live) if not (tmp_path / f"marker{i}").exists()]
    assert dead == []


def test_the_watcher_notices(watcher: Watcher, tmp_path: Path) -> None:
    """A file that is opened the careless way is seen to do what it does."""
    marker, path = tmp_path / "marker", tmp_path / "a.pkl"
    gadget = next(gadget for gadget in GADGETS if gadget.name == "builtins.eval")
    path.write_bytes(stream(gadget.make(marker)))
    outcome = watcher.load(path, careless=True)
    assert outcome.kind == "crashed" and outcome.events and not marker.exists()


def test_a_hole_can_be_filled(judge: Judge) -> None:
    """A snapshot taken apart and filled with what belongs there is a good one."""
    good = [
        ("a parameter", fill(BY_NAME["a parameter"], tensors.good())),
        ("nothing in front", places.before(streams.NONE)),
        ("as it is", places.plain()),
    ]
    assert judge.complaints(good, always) == []
    assert [name for name, _ in good if not judge.complaints([(name, _)], never)] == []


@pytest.mark.parametrize("options", (STORAGES | STREAMS | TOWERS).values())
def test_good_snapshots_cause_no_event(
    judge: Judge, watcher: Watcher, tmp_path: Path, options: dict[str, Any]
) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(snapshot_bytes(**options))
    outcome = watcher.load(path)
    assert outcome.kind == "loaded" and outcome.events == []


# -- gadgets ---------------------------------------------------------------------------------------


def gadget_cases(
    gadgets: Iterable[Gadget], marker: Path, put: Callable[[bytes], bytes]
) -> Iterator[Case]:
    """A file for each gadget."""
    for gadget in gadgets:
        yield gadget.name, put(gadget.make(marker))


NAMED = {gadget.name: gadget.named for gadget in GADGETS}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_gadgets_in_a_snapshot(judge: Judge, place: Place) -> None:
    gadgets = GADGETS if place.name in THOROUGH else EVERYWHERE
    cases = gadget_cases(gadgets, judge.marker, lambda piece: fill(place, piece))
    may_load = never if place.strict else lambda name: not NAMED[name]
    assert judge.complaints(cases, may_load) == []


def test_gadgets_alone(judge: Judge) -> None:
    assert judge.complaints(gadget_cases(GADGETS, judge.marker, places.whole), never) == []


@pytest.mark.parametrize("put", [places.before, places.behind])
def test_gadgets_around_a_snapshot(judge: Judge, put: Callable[[bytes], bytes]) -> None:
    cases = gadget_cases(GADGETS, judge.marker, put)
    assert judge.complaints(cases, lambda name: not NAMED[name]) == []


@pytest.mark.parametrize("name", ["OrderedDict", "_rebuild_tensor_v2", "_load_from_bytes"])
def test_a_name_in_the_memo_becomes_another(judge: Judge, name: str) -> None:
    """The name that all tensors share is overwritten, once it is in the memo."""
    ops = take_apart(snapshot_bytes(SMALLEST, vit_width=8, protocol=3))
    [at] = [
        i for i, op in enumerate(ops) if op.name == "GLOBAL" and str(op.argument).endswith(name)
    ]
    before, note, behind = put_together(ops[: at + 1]), ops[at + 1].raw, put_together(ops[at + 2 :])
    values = {
        "os.system": streams.function("os.system"),
        "by getattr": streams.call(
            streams.function("builtins.getattr"),
            streams.call(streams.function("dill._dill._import_module"), streams.text("os")),
            streams.text("system"),
        ),
        "torch.load": streams.function("torch.load"),
        "a class": streams.GENERATOR,
        "a number": streams.integer(3),
        "nothing": streams.NONE,
    }
    cases = [(key, before + note + value + note + b"0" + behind) for key, value in values.items()]
    unread = ("a class", "a number", "nothing") if name == "OrderedDict" else ()  # as hooks
    assert judge.complaints(cases, unread.__contains__) == []


# -- damage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cases",
    [
        files.no_pickles,
        files.other_pickles,
        streams.damaged,
        streams.claims,
        streams.floods,
    ],
    ids=lambda cases: cases.__name__,
)
def test_files_that_are_no_snapshots(judge: Judge, cases: Callable[[], Iterable[Case]]) -> None:
    assert judge.complaints(cases(), never) == []


PIECES = (streams.nested, streams.loops, streams.laughs)
STRICT_PLACES = ("G_ema", "the state of G_ema", "a module", "a parameter", "a size")
LOOSE_PLACES = ("an attribute", "a gain", "a hook of D", "a path")
DEEPEST_PLACES = ("a parameter", "an attribute", "a hook of D")


@pytest.mark.parametrize("pieces", PIECES, ids=lambda pieces: pieces.__name__)
@pytest.mark.parametrize("place", STRICT_PLACES)
def test_endless_values(judge: Judge, pieces: Callable[[], Iterable[Case]], place: str) -> None:
    cases = ((name, fill(BY_NAME[place], piece)) for name, piece in pieces())
    assert judge.complaints(cases, never) == []


@pytest.mark.parametrize("pieces", PIECES, ids=lambda pieces: pieces.__name__)
@pytest.mark.parametrize("place", LOOSE_PLACES)
def test_endless_values_that_nobody_reads(
    judge: Judge, pieces: Callable[[], Iterable[Case]], place: str
) -> None:
    cases = ((name, fill(BY_NAME[place], piece)) for name, piece in pieces())
    assert judge.complaints(cases, always) == []


@pytest.mark.parametrize("pieces", PIECES, ids=lambda pieces: pieces.__name__)
@pytest.mark.parametrize("put", [places.whole, streams.snapshot_of, streams.snapshot_of_state])
def test_endless_values_alone(
    judge: Judge, pieces: Callable[[], Iterable[Case]], put: Callable[[bytes], bytes]
) -> None:
    cases = ((name, put(piece)) for name, piece in pieces())
    assert judge.complaints(cases, never) == []


@pytest.mark.parametrize("place", DEEPEST_PLACES)
def test_the_deepest_values(judge: Judge, place: str) -> None:
    cases = ((name, fill(BY_NAME[place], piece)) for name, piece in streams.deeply_nested())
    assert judge.complaints(cases, always) == []


def test_many_modules_that_share_many_tensors(judge: Judge) -> None:
    piece = streams.heavy_modules(tensors.good())
    assert judge.complaints([("heavy", fill(BY_NAME["G_ema"], piece))], never) == []


@pytest.mark.parametrize("options", [{}, {"protocol": 2}], ids=["usual", "protocol 2"])
def test_cut_anywhere(judge: Judge, options: dict[str, Any]) -> None:
    """At opcodes, and in the middle of some."""
    data = snapshot_bytes(SMALLEST, with_d=False, edit=lambda p: p.update(G=None), **options)
    ends = [0]
    for op in take_apart(data):
        ends.append(ends[-1] + len(op.raw))
    data = put_together(take_apart(data))
    assert ends[-1] == len(data)
    every = 4 if not options else 20
    middles = [(a + b) // 2 for a, b in itertools.pairwise(ends[:: 2 * every])]
    cases = ((f"cut at {end}", data[:end]) for end in [*ends[:-1:every], *middles])
    assert judge.complaints(cases, never) == []


# -- tensors and generators ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cases",
    [tensors.views, tensors.calls, tensors.kinds, tensors.legacy, tensors.zips],
    ids=lambda cases: cases.__name__,
)
def test_tensors(judge: Judge, cases: Callable[[Path], Iterable[Case]]) -> None:
    place = BY_NAME["a parameter"]
    made = ((name, fill(place, piece)) for name, piece in cases(judge.marker))
    assert judge.complaints(made, tensors.TOLERATED.__contains__) == []


def test_generators_that_cannot_be_computed(judge: Judge) -> None:
    cases = (
        (name, snapshot_bytes(SMALLEST, with_d=False, edit=edit))
        for name, edit in edits.EDITS.items()
    )
    assert judge.complaints(cases, never) == []


@pytest.mark.parametrize(
    ("name", "edit"), bombs.BOMBS.items(), ids=lambda given: given if isinstance(given, str) else ""
)
def test_bombs(judge: Judge, name: str, edit: edits.Edit) -> None:
    data = snapshot_bytes(SMALLEST, with_d=False, edit=edit)
    assert judge.complaints([(name, data)], bombs.TOLERATED.__contains__) == []


@pytest.mark.parametrize(
    ("name", "edit"),
    bombs.TOWER_BOMBS.items(),
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_bombs_in_the_tower(judge: Judge, name: str, edit: edits.Edit) -> None:
    given = {"with_d": False, "clip_options": places.SMALL_TOWER}
    data = snapshot_bytes(SMALLEST_WITH_TEXT, edit=edit, **given)
    assert judge.complaints([(name, data)], never) == []


@pytest.mark.parametrize("name", shared.FILES)
def test_what_thousands_of_parts_share_is_read_once(judge: Judge, name: str) -> None:
    assert judge.complaints([(name, shared.FILES[name]())], never) == []


def test_a_load_can_be_cancelled_while_the_stream_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(shared.FILES["one dictionary"]())
    shares: list[float] = []

    def cancel(share: float) -> None:
        shares.append(share)
        if len(shares) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stylegan_t.load(path, progress=cancel)
    assert shares == [0.0] * 5


# -- files that are none ---------------------------------------------------------------------------


@pytest.mark.parametrize("head", ["nothing", "half a snapshot", "a snapshot"])
def test_huge_sparse_files(watcher: Watcher, tmp_path: Path, head: str) -> None:
    path = tmp_path / "sparse.pkl"
    good = places.plain()
    path.write_bytes({"nothing": b"", "half a snapshot": good[:50_000], "a snapshot": good}[head])
    os.truncate(path, 100 << 30)
    outcome = watcher.load(path)
    assert outcome.kind == "refused" and outcome.events == [], outcome
    assert list(badly_said(outcome.message, path)) == []
    assert outcome.cpu_s < LIMIT_S and outcome.peak_mb < LIMIT_MB


def refusal(path: str | Path) -> str:
    """What the refusal of a file says."""
    with pytest.raises(CheckpointError) as caught:
        stylegan_t.load(path)
    return str(caught.value)


def test_folders_pipes_and_missing_files(watcher: Watcher, tmp_path: Path) -> None:
    (tmp_path / "folder.pkl").mkdir()
    os.mkfifo(tmp_path / "pipe.pkl")
    (tmp_path / "loop.pkl").symlink_to("loop.pkl")
    (tmp_path / "zero.pkl").symlink_to("/dev/zero")
    for name in ("folder", "pipe", "loop", "zero", "missing", "long" * 100):
        path = tmp_path / f"{name}.pkl"
        outcome = watcher.load(path)
        assert outcome.kind == "refused", (name, outcome)
        assert name == "long" * 100 or list(badly_said(outcome.message, path)) == []


def test_a_path_with_a_zero_byte() -> None:
    assert "\0" not in refusal("a\0b.pkl")


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path, share: float) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(snapshot_bytes(clip=False))

    def shrink(done: float) -> None:
        if done > share:
            os.truncate(path, 1000)

    with pytest.raises(CheckpointError, match=r"a\.pkl"):
        stylegan_t.load(path, progress=shrink)


def test_pickle_itself_is_not_used() -> None:
    """The reader imports no unpickler that could be turned on by mistake."""
    from stylegan_t.checkpoints import pickle_stream, reference_pickle, torch_storage

    for module in (pickle_stream, reference_pickle, torch_storage):
        assert pickle not in vars(module).values()
