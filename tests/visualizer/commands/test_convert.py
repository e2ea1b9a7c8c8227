"""`convert` and `info` from the command line, on real files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result
from safetensors import safe_open

import stylegan_t
from stylegan_t.files.hashes import file_sha256
from tests.stylegan_t.hostile import places
from tests.stylegan_t.reference.opcodes import by_stack, call, text
from tests.stylegan_t.reference.snapshot import fixture, write_snapshot
from visualizer.cli import cli


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snapshots")
    return write_snapshot(folder / "network-snapshot-000123.pkl", "tiny_cond")


@pytest.mark.slow
def test_a_snapshot_becomes_a_native_file_bit_by_bit(snapshot: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.safetensors"
    result = run("convert", snapshot, out, "--name", "Tiny")
    assert result.exit_code == 0, result.output
    before, after = stylegan_t.load_generator(snapshot), stylegan_t.load(out)
    assert after.config == before.config and after.card.name == "Tiny"
    own, other = before.state_dict(), after.state_dict()
    assert own.keys() == other.keys()
    for name, tensor in own.items():
        assert torch.equal(tensor, other[name]), name
    _, state, _ = fixture("tiny_cond")
    for name, tensor in state.items():
        assert torch.equal(tensor, other[name]), name
    prompts = ["a red house", "日本 😀"]
    assert torch.equal(before.encode_text(prompts), after.encode_text(prompts))


def test_again_gives_the_same_bytes(snapshot: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.safetensors", tmp_path / "two.safetensors"
    assert run("convert", snapshot, one).exit_code == 0
    assert run("convert", one, two).exit_code == 0
    assert one.read_bytes() == two.read_bytes()


def test_half_precision_halves_the_file(snapshot: Path, tmp_path: Path) -> None:
    full, half = tmp_path / "full.safetensors", tmp_path / "half.safetensors"
    assert run("convert", snapshot, full).exit_code == 0
    assert run("convert", snapshot, half, "--half").exit_code == 0
    assert half.stat().st_size < 0.55 * full.stat().st_size
    with safe_open(str(half), framework="pt") as archive:
        kinds = {archive.get_tensor(name).dtype for name in list(archive.keys())}
    assert kinds == {torch.float16}
    own = stylegan_t.load_generator(half).state_dict()
    for name, tensor in stylegan_t.load_generator(full).state_dict().items():
        assert torch.equal(own[name], tensor.half().float()), name


def test_weights_beyond_half_precision_are_not_lost_silently(tmp_path: Path) -> None:
    generator = stylegan_t.load_generator("demo")
    with torch.no_grad():
        generator.synthesis.block(8).torgb.bias[0] = 1e6
    big, out = tmp_path / "big.safetensors", tmp_path / "out.safetensors"
    stylegan_t.save(generator, big)
    result = run("convert", big, out, "--half")
    assert result.exit_code == 1
    assert "torgb.bias" in result.output and "--half" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["big.safetensors"]


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        (["demo", "out.pkl"], 2, ".safetensors"),
        (["demo", "nowhere/out.safetensors"], 1, "no folder"),
        (["demo", "there.safetensors"], 1, "exists already"),
        (["missing.pkl", "out.safetensors"], 1, "no file"),
        (["page.pkl", "out.safetensors"], 1, "web page"),
        (["demo", "out.safetensors", "--download"], 2, "--text-tower"),
        (["demo", "out.safetensors", "--text-tower", "nowhere.safetensors"], 1, "nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], code: int, word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.safetensors").write_bytes(b"mine")
    Path("page.pkl").write_text("<!DOCTYPE html><html></html>")
    result = run("convert", *args)
    assert result.exit_code == code and word in result.output
    assert Path("there.safetensors").read_bytes() == b"mine"
    assert not Path("out.safetensors").exists()


def test_overwrite_replaces(tmp_path: Path) -> None:
    out = tmp_path / "out.safetensors"
    out.write_bytes(b"old")
    assert run("convert", "demo", out, "--overwrite").exit_code == 0
    assert stylegan_t.load_generator(out).config == stylegan_t.load("demo").config


def test_info_tells_what_is_in_a_snapshot(snapshot: Path) -> None:
    result = run("info", snapshot)
    assert result.exit_code == 0, result.output
    for word in ("32 x 32", "10 rows of w", "ClipTower", "synthesis 403,989", snapshot.name):
        assert word in result.output, word
    facts = json.loads(run("info", snapshot, "--json").output)
    assert facts["sha256"] == file_sha256(snapshot)
    assert facts["config"]["c_dim"] == 32 and facts["num_ws"] == 10


def test_info_of_the_demo_model_shows_its_card() -> None:
    result = run("info", "demo")
    assert result.exit_code == 0
    assert "little landscapes" in result.output and "SHA-256" in result.output


def test_info_refuses_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "empty.pkl"
    path.touch()
    result = run("info", path)
    assert result.exit_code == 1 and result.output.startswith("Error: empty.pkl is empty.")


def test_a_picture_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "house.pkl"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    for command in (["info", path], ["convert", path, tmp_path / "a.safetensors"]):
        result = run(*command)
        assert result.exit_code == 1
        assert result.output == "Error: house.pkl is a picture, not a model.\n"


@pytest.mark.slow
def test_info_and_convert_warn_of_what_no_snapshot_names(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(places.before(call(by_stack("types", "FunctionType"), text("a"))))
    told = run("info", path)
    assert told.exit_code == 0 and "Warning" in told.stdout
    assert "types.FunctionType" in told.stdout and "types.FunctionType" in told.stderr
    assert "types.FunctionType" in json.loads(run("info", "--json", path).stdout)["warning"]
    done = run("convert", path, tmp_path / "b.safetensors")
    assert done.exit_code == 0 and "types.FunctionType" in done.stderr
    assert run("info", tmp_path / "b.safetensors").stderr == ""


LIMITED = """
import resource, sys
from visualizer.cli import main
sys.argv[1:] = ["convert", "demo", sys.argv[1], "--overwrite"]
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
main()
"""


@pytest.mark.slow
def test_a_disk_without_room_ends_in_a_sentence(tmp_path: Path) -> None:
    """The system's limit on files fails during writing, as a full disk does."""
    path = tmp_path / "out.safetensors"
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"{path} cannot be written: the file is too large" in done.stderr
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]
