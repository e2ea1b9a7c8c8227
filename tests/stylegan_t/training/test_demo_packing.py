"""A run's newest model becomes one file, with a card that says what it is."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from msgspec import json

import stylegan_t
from stylegan_t import config
from stylegan_t.checkpoints.checkpoint import save
from stylegan_t.demo.things.attributes import default_count
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.demo.things.known_words import known_words
from stylegan_t.encoders.text import WordTower
from stylegan_t.files.tensors import save_tensors
from stylegan_t.generator import Generator
from stylegan_t.metrics.thing_judge import ThingJudge
from stylegan_t.training.demo import Plan
from stylegan_t.training.demo_packing import main
from stylegan_t.training.thing_text import tower_config

THINGS = default_count()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    judge = ThingJudge(THINGS, width=2).eval()
    monkeypatch.setattr("stylegan_t.training.demo_packing.load_thing_judge", lambda: judge)
    folder = tmp_path / "run"
    for size, images in ((32, 180_000), (64, 90_400)):
        (folder / str(size)).mkdir(parents=True)
        save(
            Generator(config.things(size, CodeBook(THINGS).c_dim)),
            folder / str(size) / "model.safetensors",
        )
        (folder / str(size) / "log.jsonl").write_text(
            '{"step": 1, "images": 8}\n' + f'{{"step": 2, "images": {images}, "l1": 0.1}}\n'
        )
    (folder / "plan.json").write_bytes(json.encode(Plan(THINGS, 1, (1, 1, 1))))
    tower = WordTower(tower_config(CodeBook(THINGS)), "demo words", known_words(THINGS))
    save_tensors(folder / "text.safetensors", tower.state_dict())
    return folder


@pytest.mark.slow
def test_the_latest_stage_is_packed_with_its_tower_and_its_figures(
    run: Path, tmp_path: Path
) -> None:
    file = tmp_path / "demo-2.safetensors"
    arguments = [str(run), str(file), "--hours", "2 h on a toaster", "--prompts", "50"]
    arguments += ["--note", "It is half done."]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0 and str(file) in done.output
    packed, trained = stylegan_t.load(file), stylegan_t.load(run / "64" / "model.safetensors")
    assert packed.config.img_resolution == 64 and packed.text is not None
    assert packed.encode_text(["a cat"]).shape == (1, CodeBook(THINGS).c_dim)
    for name, value in trained.synthesis.state_dict().items():
        torch.testing.assert_close(packed.synthesis.state_dict()[name], value, atol=1e-2, rtol=1e-3)
    assert packed.card.description.endswith(" It is half done.")
    figures = dict(packed.card.figures)
    assert figures["trained on"] == (
        "pictures: 180 thousand at 32 px, 90 thousand at 64 px; 2 h on a toaster"
    )
    assert "50 held-out prompts" in figures["judged on"] and "crispness" in figures
    assert all(" (" in figures[name] for name in ("thing", "colour", "together"))


def test_a_run_without_a_model_is_a_sentence(run: Path, tmp_path: Path) -> None:
    for size in ("32", "64"):
        (run / size / "model.safetensors").unlink()
    done = CliRunner().invoke(main, [str(run), str(tmp_path / "a.safetensors"), "--hours", "1"])
    assert done.exit_code == 1 and "contains no model yet" in done.output
