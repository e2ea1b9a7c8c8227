"""`stylegan-t metrics` from the command line: figures, files, charts, sentences, many processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import stylegan_t
from stylegan_t.metrics.report import read_measured
from tests.stylegan_t.metrics.test_pictures import coco
from tests.stylegan_t.metrics.tiny import tiny_generator, write_pictures
from tests.stylegan_t.training.tiny_run import shades, write_shard, write_zip
from visualizer.cli import cli
from visualizer.options.metric_options import PRESETS


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, ["metrics", *(str(arg) for arg in args)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model and real pictures."""
    folder = tmp_path_factory.mktemp("metrics")
    stylegan_t.save(tiny_generator(), folder / "model.safetensors")
    write_pictures(folder / "real", 14)
    return folder


@pytest.fixture
def common(folder: Path, tmp_path: Path) -> list[object]:
    """Arguments that every run here has."""
    return [
        *(folder / "model.safetensors", "--cache", folder / "cache", "--out", tmp_path / "out"),
        *("--device", "cpu", "--batch", 5),
    ]


@pytest.mark.slow
def test_a_folder_of_pictures_is_measured_offline(
    folder: Path, common: list[object], tmp_path: Path
) -> None:
    wanted = ("--fid", 12, "--pr", "--diversity", "--psi", 1, "--psi", 0)
    result = run(*common, "--real", folder / "real", "--features", "random", *wanted)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0].split() == [
        *("pictures", "FID", "precision", "recall", "diversity")
    ]
    assert "psi 0" in result.stdout and "random convolutions" in result.stdout
    assert "Real pictures" in result.stderr and "Real pictures" not in result.stdout
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        *("metrics.csv", "metrics.json")
    ]
    measured = read_measured(tmp_path / "out" / "metrics.json")
    assert [row.psi for row in measured.rows] == [1, 0]
    assert measured.sha256 == stylegan_t.load(folder / "model.safetensors").sha256
    assert measured.software


@pytest.mark.slow
def test_the_sweep_on_the_demo_world_draws_its_charts(common: list[object], tmp_path: Path) -> None:
    stylegan_t.save(tiny_generator(size=64), tmp_path / "large.safetensors")
    common[0] = tmp_path / "large.safetensors"
    result = run(*common, "--sweep", "psi", "--fid", 16, "--speed", "--attributes", 20)
    assert result.exit_code == 0, result.output
    measured = read_measured(tmp_path / "out" / "metrics.json")
    assert [row.psi for row in measured.rows] == [1, 0.8, 0.6, 0.4, 0.2, 0, None]
    assert all(row.alignment is not None and row.fid is not None for row in measured.rows)
    assert len(measured.attributes["style"]) == 7 and measured.speed is not None
    for name in ("tradeoff.png", "speed.png"):
        assert (tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG")
    assert "not CLIP's score" in result.stdout and "shown as asked" in result.stdout
    again = run(*common, "--fid", 16)
    assert again.exit_code == 1 and "--overwrite" in again.output
    beside = tmp_path / "earlier.json"
    beside.write_bytes((tmp_path / "out" / "metrics.json").read_bytes())
    half = ("--precision", "bfloat16")
    both = run(*common, "--fid", 16, *half, "--beside", beside, "--overwrite")
    assert both.exit_code == 0, both.output
    lowered = read_measured(tmp_path / "out" / "metrics.json")
    assert len(lowered.rows) == 2 and lowered.precision == "bfloat16"
    assert lowered.rows[0].fid == pytest.approx(measured.rows[0].fid, rel=0.2)
    assert lowered.rows[0].fid != measured.rows[0].fid


def test_coco_captions_decide_what_is_drawn(
    folder: Path, common: list[object], tmp_path: Path
) -> None:
    captions = coco(tmp_path / "val")
    result = run(
        *common, "--real", tmp_path / "val", "--captions", captions, "--features", "random",
        *("--fid", 10, "--preset", "coco-30k-64"),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    measured = read_measured(tmp_path / "out" / "metrics.json")
    assert measured.size == PRESETS["coco-30k-64"] == 64
    assert measured.real == "10 captions of captions.json against 8 pictures"
    assert measured.noise == "random" and "Zero-shot COCO as in the paper" in result.stdout


def test_zips_shards_and_damaged_pictures_are_measured(
    common: list[object], tmp_path: Path
) -> None:
    samples = [*shades(7), (b"broken", "a broken one")]
    for place in (
        write_zip(tmp_path / "a.zip", samples),
        write_shard(tmp_path / "a.tar", samples),
    ):
        result = run(*common, "--real", place, "--features", "random", "--fid", 8, "--overwrite")
        assert result.exit_code == 0, result.output
        assert "Of the real pictures, 1 picture could not be used" in result.stdout


def figures(file: Path) -> dict[str, Any]:
    facts = json.loads(file.read_text())
    return {key: facts[key] for key in ("rows", "features_key", "real", "seed")}


@pytest.mark.slow
def test_two_processes_measure_what_one_does(
    folder: Path, common: list[object], tmp_path: Path
) -> None:
    wanted = ("--fid", 14, "--pr", "--diversity", "--clip-score")
    assert run(*common, *wanted).exit_code == 0
    alone = figures(tmp_path / "out" / "metrics.json")
    for file in (folder / "cache").glob("real-*"):
        file.unlink()
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "-m", "visualizer", "metrics", "--overwrite"]
    result = subprocess.run(
        [*command, *(str(arg) for arg in (*common, *wanted))],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=Path(stylegan_t.__file__).parents[1],
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("psi 1") == 1, "only one process tells"
    together = figures(tmp_path / "out" / "metrics.json")
    for one, two in zip(alone.pop("rows"), together.pop("rows"), strict=True):
        assert one.keys() == two.keys()
        for name in one.keys() - {"psi"}:
            assert one[name] == pytest.approx(two[name], rel=1e-6), name
    assert alone == together


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        ([], 2, "Say what to measure"),
        (["--fid", "1"], 2, "--fid"),
        (["--fid", "9", "--real", "nowhere"], 1, "no pictures at nowhere"),
        (["--fid", "9", "--features", "vgg"], 1, "vgg"),
        (["--fid", "9", "--preset", "coco-30k-64"], 2, "--captions"),
        (["--fid", "9", "--captions", "a.json"], 2, "--real PLACE"),
        (["--fid", "9", "--inception", "a.pth"], 2, "--features inception"),
        (["--fid", "9", "--psi", "1000"], 2, "--psi"),
        (["--fid", "9", "--psi", "nan"], 2, "--psi"),
        (["--fid", "9", "--psi", "inf"], 2, "--psi"),
        (["--fid", "9", "--real", ".", "--captions", "/dev/zero"], 1, "/dev/zero is not a file"),
        (["--speed", "--beside", "/dev/zero"], 1, "/dev/zero is not a file"),
        (["--fid", "9", "--features", "inception", "--inception", "/dev/zero"], 1, "is not a file"),
        (["--clip-score", "--clip-tower", "open_clip:ViT-B-32//dev/zero"], 1, "no weights"),
        (["--attributes", "9", "--precision", "float16"], 2, "float32"),
        (["--speed", "--device", "cuda:99"], 1, "cuda"),
        (["--speed", "--beside", "none.json"], 1, "none.json"),
        (["--clip-score", "--clip-tower", "open_clip:no-such/x"], 1, "no-such"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    common: list[object], tmp_path: Path, args: list[str], code: int, word: str
) -> None:
    device = [] if "--device" in args else ["--device", "cpu"]
    result = run(*common[:5], *device, *args)
    assert result.exit_code == code and word.lower() in result.output.lower(), result.output
    assert not (tmp_path / "out").exists()


def test_a_model_without_a_tower_says_how_to_get_one(common: list[object], tmp_path: Path) -> None:
    generator = tiny_generator()
    generator.text = None
    stylegan_t.save(generator, tmp_path / "deaf.safetensors")
    result = run(tmp_path / "deaf.safetensors", *common[1:], "--fid", 9)
    assert result.exit_code == 1 and "--text-tower" in result.output


def test_help_tells_the_presets_and_the_processes() -> None:
    result = run("--help")
    for word in ("coco-30k-256", "torchrun", "--inception", "--download"):
        assert word in result.output
