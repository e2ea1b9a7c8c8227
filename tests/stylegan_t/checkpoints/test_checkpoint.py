"""Native checkpoints: exact round trips, and one sentence for everything that is not one."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import save_file

import stylegan_t
from stylegan_t import CheckpointError, Generator, GeneratorConfig, ModelCard
from stylegan_t.encoders.known_words import KnownWords
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.inference.precision import lower
from stylegan_t.inference.prepared import prepared
from tests.stylegan_t.files.test_tensors import grown, replaced, shortened
from tests.stylegan_t.files.test_tensors import rewritten as rewritten_bytes
from tests.stylegan_t.reference.snapshot import write_snapshot

CONFIG = GeneratorConfig(16, 256, 16, 1, c_dim=8, gn_groups=4)
TOWER = WordTowerConfig(c_dim=8, width=8, layers=1, heads=2, buckets=64, window=6)


def tiny(text: bool = True) -> Generator:
    torch.manual_seed(3)
    tower = WordTower(TOWER, "tiny words") if text else None
    card = ModelCard("Tiny", example_prompts=("a house", "ein Haus"))
    return Generator(CONFIG, tower, card).eval()


def saved(folder: Path, generator: Generator) -> Path:
    path = folder / "tiny.safetensors"
    stylegan_t.save(generator, path)
    return path


def rewritten(path: Path, **changes: str | None) -> Path:
    """The same tensors under other metadata."""
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as archive:
        metadata = dict(archive.metadata())
        tensors = {name: archive.get_tensor(name) for name in archive.keys()}  # noqa: SIM118
    for key, value in changes.items():
        if value is None:
            metadata.pop(key)
        else:
            metadata[key] = value
    save_file(tensors, path, metadata=metadata)
    return path


def test_round_trip_is_exact(tmp_path: Path) -> None:
    before = tiny()
    after = stylegan_t.load(saved(tmp_path, before))
    assert after.config == before.config and after.card == before.card
    assert after.text is not None and after.text.name == "tiny words"
    for name, tensor in before.state_dict().items():
        assert torch.equal(tensor, after.state_dict()[name]), name
    z, prompts = torch.randn(2, 64), ["a red house", "日本 😀"]
    images = [
        g.synthesis(g.mapping(z, g.encode_text(prompts)), noise_mode="const")
        for g in (before, after)
    ]
    assert torch.equal(*images)


def test_the_words_that_a_tower_was_taught_travel_with_it(tmp_path: Path) -> None:
    before = tiny()
    known = KnownWords(("a red house",), ("with",), (("sofa", ("couch",)), ("日本", ())))
    before.text = WordTower(TOWER, "told", known)
    after = stylegan_t.load(saved(tmp_path, before)).text
    assert isinstance(after, WordTower)
    assert after.known == known
    assert after.unknown_words("a sofa with a house") == {"sofa": ("couch",)}
    plain = stylegan_t.load(saved(tmp_path, tiny())).text
    assert isinstance(plain, WordTower)
    assert plain.known is None


def test_taught_words_that_cannot_be_shown_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, tiny())
    config = '{"c_dim":8,"width":8,"layers":1,"heads":2,"buckets":64,"window":6}'
    known = '{"words":["a\\u001b[2J"]}'
    text = f'{{"kind":"words","name":"bad","config":{config},"known":{known}}}'
    with pytest.raises(CheckpointError, match="cannot be shown"):
        stylegan_t.load(rewritten(path, text=text))


def test_half_precision_stays_close(tmp_path: Path) -> None:
    path = tmp_path / "half.safetensors"
    stylegan_t.save(tiny(), path, torch.float16)
    state = stylegan_t.load(path).state_dict()
    for name, tensor in tiny().state_dict().items():
        assert state[name].dtype == torch.float32
        torch.testing.assert_close(state[name], tensor, atol=2e-3, rtol=2e-3)


def test_a_failed_save_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, tiny())
    before = path.read_bytes()

    def full_disk(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        stylegan_t.save(tiny(), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_loading_tells_how_far_it_is(tmp_path: Path) -> None:
    shares: list[float] = []
    stylegan_t.load(saved(tmp_path, tiny()), progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 10


def refused(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        stylegan_t.load(path)
    message = str(caught.value)
    assert message and "\n" not in message.strip()
    return message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.safetensors", b""),
        ("page.safetensors", b"<!DOCTYPE html><html>not found</html>" * 20),
        ("short.safetensors", struct.pack("<Q", 10_000) + b"{}"),
        ("huge.safetensors", struct.pack("<Q", 1 << 62) + b"{}" * 50),
        ("brackets.safetensors", struct.pack("<Q", 5000) + b"[" * 5000 + b"\0" * 99),
        ("list.safetensors", struct.pack("<Q", 2) + b"[]" + b"\0" * 99),
        ("model.pt", b"PK\x03\x04"),
        ("model.pkl", b"\x80\x04K\x01."),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert name in refused(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.safetensors"
    assert refused(path) == f"There is no file at {path}."
    (tmp_path / "folder.safetensors").mkdir()
    assert "not a file" in refused(tmp_path / "folder.safetensors")


def test_truncated_anywhere(tmp_path: Path) -> None:
    path = saved(tmp_path, tiny())
    whole = path.read_bytes()
    for share in (0.001, 0.01, 0.1, 0.5, 0.9, 0.999):
        path.write_bytes(whole[: int(len(whole) * share)])
        refused(path)


def test_tensors_without_our_header(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.ones(3)}, path)
    assert "no generator" in refused(path) and "such as weight" in refused(path)


def test_newer_format(tmp_path: Path) -> None:
    assert "newer version" in refused(rewritten(saved(tmp_path, tiny()), stylegan_t="3"))


@pytest.mark.parametrize(
    "config",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        json.dumps({"img_resolution": 24, "channel_base": 1, "channel_max": 1}),
        json.dumps(
            {"img_resolution": 16, "channel_base": -5, "channel_max": 16, "num_res_blocks": 1}
        ),
        json.dumps(
            {"img_resolution": 16, "channel_base": 2**19, "channel_max": 2**15, "num_res_blocks": 9}
        ),
    ],
)
def test_damaged_config(tmp_path: Path, config: str) -> None:
    refused(rewritten(saved(tmp_path, tiny()), config=config))


def test_weights_must_fit_the_header(tmp_path: Path) -> None:
    assert "text tower" in refused(
        rewritten(
            saved(tmp_path, tiny()), text=json.dumps({"kind": "words", "name": "", "config": {}})
        )
    )
    assert "unknown tensor text." in refused(rewritten(saved(tmp_path, tiny()), text=None))


def test_values_must_be_numbers(tmp_path: Path) -> None:
    generator = tiny()
    with torch.no_grad():
        generator.synthesis.block(8).torgb.bias[1] = float("nan")
    assert "synthesis.b8.torgb.bias" in refused(saved(tmp_path, generator))


NUMBERS = {"conv_clamp": 256.0, "layer_scale_init": 1e-5}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["1e308", "1e31", "-1.0", "1e999", "NaN", "null"])
def test_numbers_beyond_the_mathematics_are_refused(tmp_path: Path, name: str, value: str) -> None:
    path = saved(tmp_path, tiny())
    config = json.loads(msgspec.json.encode(CONFIG)) | {name: "?"}
    text = json.dumps(config).replace('"?"', value)
    assert "header" in refused(rewritten(path, config=text))


@pytest.mark.parametrize("clamp", [1e30, 65504.0, 1e-30])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_every_clamp_draws_in_every_precision(clamp: float, dtype: torch.dtype) -> None:
    torch.manual_seed(3)
    generator = Generator(msgspec.structs.replace(CONFIG, conv_clamp=clamp)).eval()
    lower(generator, dtype)
    fast = prepared(generator.synthesis, 1 << 30)
    ws = torch.randn(1, CONFIG.num_ws, CONFIG.w_dim)
    with torch.inference_mode():
        for draw in (generator.synthesis, *([] if fast is None else [fast])):
            assert torch.isfinite(draw(ws, noise_mode="const")).all()


@pytest.mark.parametrize("change", [shortened, rewritten_bytes, replaced, grown])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, change: Callable[[Path], None], share: float
) -> None:
    path = saved(tmp_path, tiny())
    changed: list[float] = []

    def tell(done: float) -> None:
        if done > share and not changed:
            changed.append(done)
            change(path)

    with pytest.raises(CheckpointError, match=r"tiny\.safetensors: it changed while it was read"):
        stylegan_t.load(path, progress=tell)


@pytest.mark.slow
def test_a_snapshot_that_is_replaced_while_it_is_read(tmp_path: Path) -> None:
    """Its hash would be that of another file."""
    path = write_snapshot(tmp_path / "a.pkl", "smallest")

    with pytest.raises(CheckpointError, match="changed while it was read"):
        stylegan_t.load(path, progress=lambda share: replaced(path))
