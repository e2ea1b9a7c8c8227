"""A run: it goes on bit by bit as if nothing had happened, and its files are of use."""

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

import stylegan_t
from stylegan_t.data.sampling import TrainingError
from stylegan_t.training import state, trainer
from stylegan_t.training.run_folder import recorded_options
from stylegan_t.training.trainer import Trainer
from tests.stylegan_t.training.test_adversarial import mode_options
from tests.stylegan_t.training.tiny_run import (
    shades,
    tiny_options,
    tiny_trainer,
    write_folder,
    write_shard,
)


def everything(run: Trainer) -> dict[str, Tensor]:
    """All that decides how the run goes on."""
    return {
        **{name: value.clone() for name, value in run.state_tensors().items()},
        "positions": run.loader.positions,
        "step": torch.tensor(run.step),
        "seen": torch.tensor(run.seen),
    }


def equal(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(b[k], v) for k, v in a.items())


def data_of(kind: str, folder: Path) -> str:
    if kind == "folder":
        return str(write_folder(folder / "pictures", shades(11)))
    if kind == "shards":
        return str(write_shard(folder / "a.tar", shades(11)))
    return "demo"


@dataclass(frozen=True)
class Finished:
    """A run that has ended, where its files lie, and what it said."""

    folder: Path
    run: Trainer
    lines: list[str]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """For tests that only look at it."""
    folder = tmp_path_factory.mktemp("finished")
    lines: list[str] = []
    run = Trainer(tiny_options(folder), lines.append)
    run.run()
    return Finished(folder, run, lines)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["demo", "folder", "shards"])
def test_a_run_that_goes_on_equals_one_that_never_stopped(kind: str, tmp_path: Path) -> None:
    data = data_of(kind, tmp_path)
    whole = tiny_trainer(tmp_path / "whole", data=data, kimg=0.04)
    assert whole.run()
    for kimg in (0.016, 0.024, 0.04):
        parts = tiny_trainer(tmp_path / "parts", data=data, kimg=kimg)
        parts.run()
    assert parts.step == 5 and equal(everything(whole), everything(parts))
    files = [
        tmp_path / name / "network-snapshot-000000.040.safetensors" for name in ("whole", "parts")
    ]
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["text-encoder", "freeze64"])
def test_the_other_modes_go_on_too(mode: str, tmp_path: Path) -> None:
    changes = {**mode_options(mode, tmp_path), "kimg": 0.016}
    whole = tiny_trainer(tmp_path / "whole", **changes)
    whole.run()
    tiny_trainer(tmp_path / "parts", **{**changes, "kimg": 0.008}).run()
    Path(changes["resume_from"]).unlink()  # the run's own files are enough
    parts = tiny_trainer(tmp_path / "parts", **changes)
    assert parts.step == 1
    parts.run()
    assert equal(everything(whole), everything(parts))
    assert equal(whole.players.generator.state_dict(), parts.players.generator.state_dict())


@pytest.mark.slow
def test_looking_does_not_change_the_run(tmp_path: Path) -> None:
    often = tiny_trainer(tmp_path / "often", snapshot_kimg=0.008, log_every=1)
    seldom = tiny_trainer(tmp_path / "seldom", snapshot_kimg=100, log_every=100)
    often.run()
    seldom.run()
    assert equal(everything(often), everything(seldom))


def test_snapshots_open_as_models_and_draw(finished: Finished) -> None:
    model = stylegan_t.load(finished.folder / "network-snapshot-000000.032.safetensors")
    image = model(torch.randn(1, 64), model.encode_text(["a red house"]))
    assert image.shape == (1, 3, 16, 16) and image.isfinite().all()
    assert model.card.name == "StyleGAN-T, demo" and "demo" in model.card.training_data
    average = finished.run.players.average.state_dict()
    assert all(torch.equal(average[k], v) for k, v in model.state_dict().items())


def test_the_folder_holds_sheets_prompts_and_logs(finished: Finished) -> None:
    folder, lines = finished.folder, finished.lines
    sheets = sorted((folder / "samples").glob("sheet-*.png"), key=lambda path: path.stem)
    assert [s.name for s in sheets] == [f"sheet-000000{end}.png" for end in ("", ".016", ".032")]
    assert all(Image.open(sheet).size == (6 * 16, 8 * 16) for sheet in sheets)
    assert Image.open(folder / "samples" / "real.png").size == (6 * 16, 2 * 16)
    assert len((folder / "samples" / "prompts.txt").read_text().splitlines()) == 8
    entries = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [e["images"] for e in entries] == [8, 16, 24, 32]
    assert all(e["img_s"] > 0 and e["loss_d"] > 0 for e in entries)
    assert (folder / "tensorboard").is_dir()
    assert lines[0] == "Training data: the demo world, drawn on the fly."
    assert lines[1] == "Preset: demo." and lines[2].startswith("Text tower: demo words, 128")
    assert "random:16,4,2,16,8, which have learned nothing" in lines[3]
    assert "img/s" in lines[-1] and lines[-1].endswith("0 s left")


@pytest.mark.slow
def test_states_are_numbered_and_the_newest_are_kept(tmp_path: Path) -> None:
    run = tiny_trainer(tmp_path, keep_states=2)
    run._open_log()
    for kimg in (1, 2, 3):
        run.train_step()
        run.seen = 1000 * kimg
        run.snapshot()
    names = sorted(p.name for p in tmp_path.glob("*.safetensors"))
    assert names == [
        *(f"network-snapshot-00000{k}.safetensors" for k in (1, 2, 3)),
        *(f"training-state-00000{k}.safetensors" for k in (2, 3)),
    ]
    again = tiny_trainer(tmp_path)
    assert (again.step, again.seen) == (3, 3000)


@pytest.mark.slow
def test_snapshots_finer_than_a_thousand_pictures_stand_side_by_side(tmp_path: Path) -> None:
    tiny_trainer(tmp_path, kimg=0.024, snapshot_kimg=0.008).run()
    names = sorted(p.name for p in tmp_path.glob("network-*"))
    assert names == [f"network-snapshot-000000.0{n}.safetensors" for n in ("08", "16", "24")]
    assert tiny_trainer(tmp_path, kimg=0.032).step == 3


@pytest.mark.slow
def test_the_sheets_captions_are_the_models_examples(tmp_path: Path) -> None:
    data = str(write_folder(tmp_path / "pictures", shades(11)))
    run = tiny_trainer(tmp_path / "run", data=data, kimg=0.008)
    run.run()
    card = stylegan_t.load(next((tmp_path / "run").glob("network-*"))).card
    assert len(card.example_prompts) == 8 and set(card.example_prompts) <= {
        t for _, t in shades(11)
    }
    shown = (tmp_path / "run" / "samples" / "prompts.txt").read_text().splitlines()
    assert list(card.example_prompts) == shown
    again = tiny_trainer(tmp_path / "run", data=data, kimg=0.016)
    again.run()
    later = stylegan_t.load(tmp_path / "run" / "network-snapshot-000000.016.safetensors").card
    assert later == card


@pytest.mark.slow
def test_pictures_that_cannot_be_used_are_told_as_they_are_met(tmp_path: Path) -> None:
    data = write_folder(tmp_path / "pictures", [*shades(7), (b"broken", "broken")])
    lines: list[str] = []
    Trainer(tiny_options(tmp_path / "run", data=str(data), kimg=0.04), lines.append).run()
    told = [k for k, line in enumerate(lines) if "could not be used and was skipped" in line]
    assert len(told) == 1 and told[0] < len(lines) - 2, "early, and once"


@pytest.mark.slow
def test_time_makes_snapshots_too_and_their_models_go_with_their_states(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 10_000, 50))
    monkeypatch.setattr(trainer.time, "monotonic", lambda: float(next(clock)))
    changes = {"snapshot_kimg": 0.032, "snapshot_minutes": 0.8, "keep_states": 1}
    tiny_trainer(tmp_path, kimg=0.048, **changes).run()
    seen = [
        json.loads(line)["images"] for line in (tmp_path / "log.jsonl").read_text().split("\n")[:-1]
    ]
    assert seen[-1] == 48
    sheets = {p.stem for p in (tmp_path / "samples").glob("sheet-*")}
    assert {f"sheet-000000.0{n}" for n in ("08", "16", "24", "32", "40", "48")} <= sheets
    kept = sorted(p.name for p in tmp_path.glob("network-*"))
    assert kept == [f"network-snapshot-000000.0{n}.safetensors" for n in ("32", "48")]


@pytest.mark.slow
def test_one_run_at_a_time_has_a_folder(tmp_path: Path) -> None:
    second: list[Trainer] = []
    trouble: list[str] = []

    def meddle(line: str) -> None:
        if "img/s" in line and not second:
            second.append(tiny_trainer(tmp_path))
            with pytest.raises(TrainingError) as caught:
                second[0].run()
            trouble.append(str(caught.value))

    Trainer(tiny_options(tmp_path), meddle).run()
    assert "Another run is using" in trouble[0] and f"process {os.getpid()}" in trouble[0]
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 4
    with pytest.raises(TrainingError, match=r"gone on in .* meanwhile"):
        second[0].run()
    assert tiny_trainer(tmp_path, kimg=0.04).run(), "nothing stands in the way afterwards"


@pytest.mark.slow
def test_options_are_recorded_from_the_start(tmp_path: Path) -> None:
    run = tiny_trainer(tmp_path)
    folder = run._open_folder()
    assert folder is not None and recorded_options(tmp_path) == run.options
    folder.close()
    tiny_trainer(tmp_path, batch=16)  # nothing was made yet that could be lost
    run.run()
    for path in state.states_in(tmp_path):
        path.unlink()
    with pytest.raises(TrainingError, match="--batch 8 and cannot go on with 16"):
        tiny_trainer(tmp_path, batch=16)


@pytest.mark.slow
def test_a_damaged_state_leaves_the_one_before(tmp_path: Path) -> None:
    run = tiny_trainer(tmp_path, kimg=2)
    run._open_log()
    for kimg in (1, 2):
        run.train_step()
        run.seen = 1000 * kimg
        run.snapshot()
    newest = state.states_in(tmp_path)[0]
    newest.write_bytes(newest.read_bytes()[:1000])
    lines: list[str] = []
    again = Trainer(tiny_options(tmp_path, kimg=2), lines.append)
    assert again.step == 1 and "is damaged" in lines[0]
    for path in state.states_in(tmp_path):
        path.write_bytes(b"")
    with pytest.raises(TrainingError, match="is damaged"):
        tiny_trainer(tmp_path)


def test_a_state_needs_the_model_beside_it(tmp_path: Path) -> None:
    tiny_trainer(tmp_path, kimg=0.008).run()
    (tmp_path / "network-snapshot-000000.008.safetensors").unlink()
    with pytest.raises(TrainingError, match=r"needs the model beside it: .*There is no file"):
        tiny_trainer(tmp_path)


def test_another_run_is_not_mixed_in(finished: Finished) -> None:
    with pytest.raises(TrainingError, match="--batch 8 and cannot go on with 16"):
        tiny_trainer(finished.folder, batch=16)


def test_nothing_is_written_before_the_run(tmp_path: Path) -> None:
    run = tiny_trainer(tmp_path / "run")
    run.train_step()
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.parametrize("failing", ["save", "write_state", "write_png"])
def test_a_full_disk_leaves_what_was_there(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_trainer(tmp_path, kimg=0.008).run()
    run = tiny_trainer(tmp_path, kimg=0.016)

    def full(*args: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state if failing == "write_state" else trainer, failing, full)
    with pytest.raises(OSError, match="No space"):
        run.run()
    monkeypatch.undo()
    again = tiny_trainer(tmp_path, kimg=0.016)
    assert again.step == (2 if failing == "write_png" else 1)
    again.run()
    whole = tiny_trainer(tmp_path / "whole", kimg=0.016)
    whole.run()
    assert equal(everything(whole), everything(again))


@pytest.mark.slow
def test_ctrl_c_writes_a_snapshot_and_ends(tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        if "img/s" in line and run.step == 1:
            os.kill(os.getpid(), signal.SIGINT)

    run = Trainer(tiny_options(tmp_path, kimg=100, snapshot_kimg=100), interrupt)
    assert not run.run()
    assert tiny_trainer(tmp_path, kimg=100).step == run.step == 2


def test_a_folder_that_not_all_machines_share_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = torch.tensor([[0], [5]])
    monkeypatch.setattr(trainer.Processes, "gather_rows", lambda self, own: rows)
    with pytest.raises(TrainingError, match="a disk that all machines share"):
        tiny_trainer(tmp_path)


@pytest.mark.gpu
@pytest.mark.parametrize("kind", ["demo", "folder"])
def test_a_graphics_card_trains_and_goes_on(kind: str, tmp_path: Path) -> None:
    changes = {"data": data_of(kind, tmp_path), "device": "cuda", "precision": "auto"}
    run = tiny_trainer(tmp_path / "run", kimg=0.016, **changes)
    assert run.game.half and run.players.generator.device.type == "cuda"
    run.run()
    again = tiny_trainer(tmp_path / "run", kimg=0.032, **changes)
    assert again.step == 2 and equal(everything(run), everything(again))
    again.run()
    model = stylegan_t.load(tmp_path / "run" / "network-snapshot-000000.032.safetensors")
    assert all(value.isfinite().all() for value in model.state_dict().values())
