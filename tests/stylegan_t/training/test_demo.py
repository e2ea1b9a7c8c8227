"""The documented command trains a model from nothing to a file that the tool opens."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import click
import pytest
import torch
from click.testing import CliRunner

import stylegan_t
from stylegan_t import Generator, GeneratorConfig
from stylegan_t.config import DEMO
from stylegan_t.data.sampling import TrainingError
from stylegan_t.demo.built_in import SECOND
from stylegan_t.demo.things import sprites
from stylegan_t.demo.things.attributes import NAMES, VALUES, default_count, thing_index
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.metrics.thing_judge import ThingJudge
from stylegan_t.training import demo_plan
from stylegan_t.training.demo import main, practised_value, say_judgement
from stylegan_t.training.demo_plan import Plan, Speeds, plan_in, plan_of_run
from stylegan_t.training.processes import Processes

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SHORT = "--images 16 16 8 --text-steps 1 --namer-steps 1 --no-compile --fp32 --judged 20"


@pytest.fixture(autouse=True)
def quick_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """The speed of a machine is known already; `test_demo_plan` measures one."""
    speeds = Speeds({32: 40.0, 64: 14.0, 128: 6.0}, 0.3, 0.1)
    monkeypatch.setattr(demo_plan, "measured", lambda *_: speeds)


def train(out: Path) -> str:
    command = [sys.executable, "-m", "stylegan_t.training.demo", "--out", str(out), *SHORT.split()]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=out.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_process_and_again(tmp_path: Path) -> None:
    said = train(tmp_path / "run")
    assert "no adversarial stage" in said  # one step does not teach anybody to name things
    first = stylegan_t.load(tmp_path / "run" / "demo.safetensors")
    assert first.config.img_resolution == 128 and first.card.example_prompts
    assert first.text is not None and first.text.unknown_words("a cat and a zzyzx")
    train(tmp_path / "run")  # finished stages are not trained again
    again = stylegan_t.load(tmp_path / "run" / "demo.safetensors")
    for name, value in first.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name


def test_minutes_lead_through_every_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_plan, "TEXT_STEPS", (1, 1))
    monkeypatch.setattr(demo_plan, "NAMER_STEPS", (1, 1))
    monkeypatch.setattr("stylegan_t.training.demo.ENOUGH", 0.0)
    out = tmp_path / "run"
    options = ["--minutes", "0.05", "--no-compile", "--fp32", "--judged", "20"]
    done = CliRunner().invoke(main, ["--out", str(out), *options], catch_exceptions=False)
    assert done.exit_code == 0 and "20 held-out prompts" in done.output
    plan = plan_in(out)
    assert all(plan.images) and plan.sharpened
    seen = [torch.load(out / stage / "state.pt")["seen"] for stage in ("32", "128", "sharpened")]
    assert seen[0] >= plan.images[0] and seen[1] >= plan.images[2] and seen[2] >= plan.sharpened
    taught, sharpened, final = (
        stylegan_t.load(out / file)
        for file in ("128/model.safetensors", "sharpened/model.safetensors", "demo.safetensors")
    )
    weights = [m.synthesis.block(128).torgb.weight for m in (taught, sharpened, final)]
    assert not torch.equal(weights[0], weights[1])
    torch.testing.assert_close(weights[2], weights[1], atol=1e-3, rtol=1e-3)


def test_a_trained_model_is_trained_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylegan_t.training.demo.ENOUGH", 0.0)
    out = tmp_path / "run"
    command = ["--out", str(out), "--no-compile", "--fp32", "--judged", "20", "--namer-steps", "1"]
    first = [*command, "--minutes", "0.01", "--start-from", SECOND, "--sharpened", "8"]
    done = CliRunner().invoke(main, first, catch_exceptions=False)
    assert done.exit_code == 0 and not (out / "128").exists()
    before, after = stylegan_t.load(SECOND), stylegan_t.load(out / "demo.safetensors")
    ours, theirs = after.synthesis.state_dict(), before.synthesis.state_dict()
    apart = [(ours[name] - theirs[name]).abs().max().item() for name in ours]
    assert 0 < max(apart) < 0.1  # a step on, from where it stood
    prompt = ["a cat beside a red car at night"]
    torch.testing.assert_close(after.encode_text(prompt), before.encode_text(prompt))
    # Whoever goes on need not say it again.
    done = CliRunner().invoke(main, [*command, "--sharpened", "24"], catch_exceptions=False)
    assert done.exit_code == 0 and "Resumed" in done.output and not (out / "128").exists()
    assert torch.load(out / "sharpened" / "state.pt")["seen"] == 24


@pytest.mark.parametrize(
    "start, sentence",
    [
        (DEMO, "demo cannot be trained further here"),
        ("nowhere.safetensors", "There is no file at nowhere.safetensors."),
    ],
)
def test_what_cannot_be_trained_further_is_told(tmp_path: Path, start: str, sentence: str) -> None:
    options = ["--out", str(tmp_path / "run"), "--minutes", "0.01", "--start-from", start]
    done = CliRunner().invoke(main, options)
    assert done.exit_code == 1 and f"Error: {sentence}" in done.output


def test_a_run_that_goes_on_has_the_things_that_it_began_with(tmp_path: Path) -> None:
    plan_of_run(tmp_path, lambda: Plan(3, 1, (0, 0, 0), start=SECOND), {})
    done = CliRunner().invoke(main, ["--out", str(tmp_path)])
    assert done.exit_code == 1 and "no model of the demo's 3 things" in done.output


def test_what_is_practised_has_to_be_known(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--out", str(tmp_path / "run"), "--practise", "zzyzx"])
    assert done.exit_code == 2 and "knows no thing by the name of “zzyzx”" in done.output
    assert not (tmp_path / "run").exists()


def test_processes_wait_half_a_day_for_the_one_that_trains_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[timedelta | None] = []

    def met(device: str, patience: timedelta | None) -> Processes:
        asked.append(patience)
        raise TrainingError("enough is known")

    monkeypatch.setattr("stylegan_t.training.demo.Processes", met)
    assert CliRunner().invoke(main, ["--out", str(tmp_path / "run")]).exit_code == 1
    assert asked[0] is not None and asked[0] > timedelta(hours=12)


def test_a_device_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--out", str(tmp_path / "run"), "--device", "cuda:99"])
    assert done.exit_code == 1 and "There is no CUDA device 99" in done.output


def test_things_and_values_can_be_practised() -> None:
    assert practised_value("cat") == ("thing", thing_index("cat"))
    assert practised_value("weather=cloudy") == ("weather", VALUES["weather"].index("cloudy"))


@pytest.mark.parametrize(
    "text", ["cloudy", "weather=", "weather=wet", "moon=full", "thing=cat", ""]
)
def test_what_cannot_be_practised_is_told(text: str) -> None:
    with pytest.raises(click.BadParameter, match="no such value"):
        practised_value(text)


def test_a_damaged_atlas_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "atlas.webp"
    file.write_bytes(b"RIFF")
    read = sprites._atlas.__wrapped__
    monkeypatch.setattr(sprites, "_atlas", lambda: read(file))
    sprites.sprites_of.cache_clear()
    done = CliRunner().invoke(main, ["--out", str(tmp_path / "run")])
    assert done.exit_code == 1
    assert done.output.startswith("Error: The pictures of the demo world's things")
    assert "missing or damaged: install the program again" in done.output


def test_the_judge_has_the_last_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = ThingJudge(default_count(), width=2).eval()
    monkeypatch.setattr("stylegan_t.training.demo.load_thing_judge", lambda: judge)
    tower = WordTower(WordTowerConfig(c_dim=8, width=8, layers=1, heads=2, buckets=64)).eval()
    model = Generator(GeneratorConfig(16, 256, 16, 1, 8, gn_groups=4), tower).eval()
    say_judgement(model, default_count(), prompts=50)
    said = capsys.readouterr().out.splitlines()
    assert "50 held-out prompts" in said[0] and len(said) == len(NAMES) + 3
    say_judgement(model, 3, prompts=50)
    assert "nothing to say of 3" in capsys.readouterr().out
