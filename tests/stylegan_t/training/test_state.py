"""The training state file: whole or not at all, and nothing in it is trusted."""

import json
import struct
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace
from safetensors.torch import save_file

from stylegan_t.data.sampling import TrainingError
from stylegan_t.training import state
from stylegan_t.training.state import About, StateReader, write_state
from tests.stylegan_t.training.tiny_run import tiny_options

ABOUT = About(3, 24, tiny_options("a"), ("a red house", "ein Haus ☃"))
TENSORS = {"a": torch.arange(6.0).view(2, 3), "n": torch.tensor([[1, 2, 3]])}


def written(folder: Path, number: int = 0) -> Path:
    path = folder / state.STATE.format(state.number_of(1000 * number))
    write_state(path, TENSORS, ABOUT)
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    reader = StateReader(written(tmp_path))
    assert reader.about == ABOUT
    targets = {"a": torch.zeros(2, 3), "n": torch.zeros(1, 3, dtype=torch.int64)}
    reader.fill("", targets)
    assert all(torch.equal(targets[k], v) for k, v in TENSORS.items())
    assert [p.name for p in tmp_path.iterdir()] == ["training-state-000000.safetensors"]


def test_adams_moments_come_back() -> None:
    weights = {"a": torch.nn.Parameter(torch.randn(3)), "b": torch.nn.Parameter(torch.randn(2))}
    optimizer = torch.optim.Adam(weights.values(), 0.1, (0.0, 0.99))
    weights["a"].grad = torch.ones(3)
    optimizer.step()
    tensors = state.optimizer_tensors("o/", optimizer, weights)
    assert set(tensors) == {"o/a/step", "o/a/exp_avg", "o/a/exp_avg_sq"}


def test_names_sort_by_number_and_stray_files_are_left_alone(tmp_path: Path) -> None:
    for number in (2, 10, 100_000_0, 7):
        written(tmp_path, number)
    stray = tmp_path / "training-state-old.safetensors"
    stray.write_bytes(b"")
    part = tmp_path / ".training-state-000003.safetensors.abc.part"
    part.write_bytes(b"half")
    (tmp_path / ".other.safetensors.abc").write_bytes(b"")
    (tmp_path / ".tmpX7vMv0").write_bytes(b"half")
    numbers = [int(p.stem.rpartition("-")[2]) for p in state.states_in(tmp_path)]
    assert numbers == [1_000_000, 10, 7, 2]
    state.forget_old(tmp_path, keep=2)
    state.sweep(tmp_path)
    assert [p.name for p in state.states_in(tmp_path)] == [
        "training-state-1000000.safetensors",
        "training-state-000010.safetensors",
    ]
    assert stray.exists() and not part.exists() and not (tmp_path / ".tmpX7vMv0").exists()
    assert (tmp_path / ".other.safetensors.abc").exists()
    beside = state.snapshot_beside(state.states_in(tmp_path)[1])
    assert beside.name == "network-snapshot-000010.safetensors"


def test_names_tell_every_number_of_pictures_apart(tmp_path: Path) -> None:
    seen = (0, 8, 999, 1000, 1008, 12_345_678)
    names = [state.STATE.format(state.number_of(n)) for n in seen]
    assert names[1] == "training-state-000000.008.safetensors" and len(set(names)) == 6
    assert names[3] == "training-state-000001.safetensors", "as before, and as the reference"
    for name in names:
        write_state(tmp_path / name, TENSORS, ABOUT)
    assert [p.name for p in state.states_in(tmp_path)] == names[::-1]
    model = state.snapshot_beside(tmp_path / names[-1])
    assert model.name == "network-snapshot-012345.678.safetensors"
    assert state.state_beside(model) == tmp_path / names[-1]
    assert state.state_beside(tmp_path / "network-snapshot-000777.safetensors") is None
    assert state.state_beside(tmp_path / "model.safetensors") is None


def test_models_that_served_only_going_on_are_forgotten_with_their_state(tmp_path: Path) -> None:
    for number, keeps in ((1, True), (2, False), (3, False)):
        path = tmp_path / state.STATE.format(state.number_of(1000 * number))
        write_state(path, TENSORS, replace(ABOUT, keeps_model=keeps))
        state.snapshot_beside(path).write_bytes(b"")
    state.forget_old(tmp_path, keep=1)
    assert [p.name for p in state.states_in(tmp_path)] == ["training-state-000003.safetensors"]
    models = sorted(p.name for p in tmp_path.glob("network-*"))
    assert models == [f"network-snapshot-00000{k}.safetensors" for k in (1, 3)]


def test_a_failure_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path)
    before = path.read_bytes()

    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_state(path, {}, ABOUT)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def hostile(folder: Path, header: dict[str, str] | bytes) -> Path:
    path = folder / state.STATE.format(0)
    if isinstance(header, bytes):
        path.write_bytes(header)
    else:
        save_file(TENSORS, path, metadata=header)
    return path


GOOD = {
    "training_state": "1",
    "about": json.dumps({"step": 1, "seen": 8, "options": {"out": "a", "data": "demo"}}),
}


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b"", "is damaged"),
        (b"\x80\x04.", "is damaged"),
        (struct.pack("<Q", 1 << 60) + b"{}", "is damaged"),
        ({}, "is not a training state"),
        ({**GOOD, "training_state": "2"}, "is not a training state"),
        ({**GOOD, "about": "{"}, "header of .* is damaged"),
        ({**GOOD, "about": "[" * 100_000}, "header of .* is damaged"),
        ({**GOOD, "about": GOOD["about"].replace("1", "-1", 1)}, "header of .* is damaged"),
        ({**GOOD, "about": GOOD["about"].replace('"a"', "7")}, "header of .* is damaged"),
    ],
)
def test_what_is_no_state_is_refused(
    header: dict[str, str] | bytes, words: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=words):
        StateReader(hostile(tmp_path, header))


@pytest.mark.parametrize(
    ("name", "like", "words"),
    [
        ("gone", torch.zeros(1), "lacks gone"),
        ("a", torch.zeros(3, 2), r"a in .* is \[2, 3\]"),
        ("a", torch.zeros(2, 3, dtype=torch.float16), "float32 instead of"),
    ],
)
def test_a_state_of_another_run_is_told(
    name: str, like: torch.Tensor, words: str, tmp_path: Path
) -> None:
    reader = StateReader(written(tmp_path))
    with pytest.raises(TrainingError, match=words):
        reader.tensor(name, like)
