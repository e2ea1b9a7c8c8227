"""Native files of every kind: written and read again, and refused in a sentence when damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace
from torch import Tensor

import stylegan_t
from stylegan_t import CheckpointError
from stylegan_t.checkpoints.native import known_words
from stylegan_t.demo.built_in import BUILT_IN, SECOND
from stylegan_t.encoders.classes import ClassTower
from stylegan_t.encoders.known_words import KnownWords
from stylegan_t.files.tensors import save_tensors
from stylegan_t.network import AnyNetwork
from tests.stylegan_t.checkpoints.test_checkpoint import rewritten
from tests.stylegan_t.family.recorded import NAMES, recorded


def drawn(name: str, network: AnyNetwork) -> Tensor:
    """The image of the recorded latents."""
    known = recorded(name)
    with torch.inference_mode():
        return network.synthesis(network.mapping(known.io["z"], known.label), noise_mode="const")


def saved(name: str, folder: Path) -> Path:
    """A native file of a recorded network."""
    network = recorded(name).model()
    network.card = replace(network.card, name=name, licence="none")
    path = folder / "model.safetensors"
    stylegan_t.save(network, path)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_draws_the_same_after_it_was_saved(name: str, tmp_path: Path) -> None:
    path = saved(name, tmp_path)
    before, after = recorded(name).model(), stylegan_t.load(path)
    assert after.anatomy == before.anatomy and after.config == before.config
    assert after.card.name == name and after.card.licence == "none" and not after.warning
    assert torch.equal(drawn(name, before), drawn(name, after))
    again = tmp_path / "again.safetensors"
    stylegan_t.save(after, again)
    third = tmp_path / "third.safetensors"
    stylegan_t.save(stylegan_t.load(again), third)
    assert again.read_bytes() == third.read_bytes()


def test_a_cut_file_is_named_as_a_cut_snapshot_is(tmp_path: Path) -> None:
    path = saved("xl_uncond", tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CheckpointError) as caught:
        stylegan_t.load(path)
    assert str(caught.value).startswith("model.safetensors cannot be opened: ")


def test_half_precision_halves_the_file_of_a_relative(tmp_path: Path) -> None:
    path, half = saved("sg2_cond", tmp_path), tmp_path / "half.safetensors"
    stylegan_t.save(stylegan_t.load(path), half, torch.float16)
    assert half.stat().st_size < 0.6 * path.stat().st_size
    assert torch.allclose(
        drawn("sg2_cond", stylegan_t.load(half)), drawn("sg2_cond", stylegan_t.load(path)), atol=0.1
    )


def test_the_names_of_classes_travel_inside(tmp_path: Path) -> None:
    network = recorded("sg2_cond").model()
    names = ("cat", "dog", "owl", "fox", "日本")
    network.text = ClassTower(names, "animals")
    path = tmp_path / "animals.safetensors"
    stylegan_t.save(network, path)
    after = stylegan_t.load(path)
    assert isinstance(after.text, ClassTower)
    assert after.text.names == names and after.text.name == "animals"
    assert after.card.vocabulary == (("Classes", names),)
    assert after.encode_text(["an owl"]).argmax() == 2
    # a list beside the file is what its owner says last
    path.with_name("animals.classes.txt").write_text("a\nb\nc\nd\ne")
    relabelled = stylegan_t.load(path).text
    assert isinstance(relabelled, ClassTower) and relabelled.names == tuple("abcde")


def test_programs_that_know_stylegan_t_alone_call_it_newer(tmp_path: Path) -> None:
    from safetensors import safe_open

    with safe_open(str(saved("sg3_t", tmp_path)), framework="pt") as archive:
        metadata = dict(archive.metadata())
    assert metadata["stylegan_t"] == "2" and metadata["kind"] == "StyleGAN3"


def refused(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        stylegan_t.load(path)
    message = str(caught.value)
    assert "model.safetensors" in message and "\n" not in message and message.endswith(".")
    return message


@pytest.mark.parametrize("kind", ["", "StyleGAN4", "StyleGAN2 ", "\x1b[2J", "x" * 100_000])
def test_a_kind_that_is_not_known(kind: str, tmp_path: Path) -> None:
    assert "newer version" in refused(rewritten(saved("sg2_cond", tmp_path), kind=kind))


@pytest.mark.parametrize("kind", ["StyleGAN-T", "StyleGAN3", "StyleGAN-XL", "LAFITE"])
def test_another_kind_than_the_files(kind: str, tmp_path: Path) -> None:
    assert "damaged" in refused(rewritten(saved("sg2_cond", tmp_path), kind=kind))


Change = Callable[[dict[str, Any]], object]


def layer(index: int, **changes: Any) -> Change:
    """Change what a config says of a layer."""
    return lambda config: config["layers"][index].update(changes)


HARMFUL: list[tuple[str, Change, str]] = [
    ("sg2_cond", lambda c: c.update(z_dim=0), "magnitude"),
    ("sg2_cond", lambda c: c.update(w_dim=1 << 40), "magnitude"),
    ("sg2_cond", lambda c: c.update(channels=[8] * 40), "magnitude"),
    ("sg2_cond", lambda c: c.update(channels=[1 << 16] * 11), "smaller than the model"),
    ("sg2_cond", lambda c: c.update(mapping_layers=10**9), "magnitude"),
    ("sg2_cond", lambda c: c.update(fir_taps=[1] * 10**4), "magnitude"),
    ("sg2_cond", lambda c: c.update(fir_taps=[1e300] * 4), "magnitude"),
    ("sg2_cond", lambda c: c.update(conv_clamp=-1), "clamp"),
    ("sg2_cond", lambda c: c.update(architecture="deep"), "architecture"),
    ("sg2_cond", lambda c: c.update(hidden=1), "hidden"),
    ("sg2_cond", lambda c: c.update(c_dim=6), "wrong shape"),
    ("sg2_cond", lambda c: c.update(use_noise=False), "unknown tensor"),
    ("lafite", lambda c: c.update(structures=[2]), "takes the text"),
    ("lafite", lambda c: c.update(structures=[4, 4, 4]), "damaged"),
    ("lafite", lambda c: c.update(f_dim=-5), "magnitude"),
    ("sg3_t", lambda c: c.update(layers=[]), "list of layers"),
    ("sg3_t", lambda c: c.update(layers=c["layers"] * 100), "list of layers"),
    ("sg3_t", lambda c: c.update(layers=c["layers"][:1] * 8), "list of layers"),
    ("sg3_t", lambda c: c["layers"].reverse(), "colours"),
    ("sg3_t", layer(0, name="forward"), "unusual name"),
    ("sg3_t", layer(0, name="L0_36_24\n"), "unusual name"),
    ("sg3_t", layer(0, in_rate=0), "sampling rates"),
    ("sg3_t", layer(0, in_rate=1e-9), "magnitude"),
    ("sg3_t", layer(0, lrelu_upsampling=10**15), "magnitude"),
    ("sg3_t", layer(-1, lrelu_upsampling=-1), "sampling rates"),
    ("sg3_t", layer(0, filter_size=10**9), "magnitude"),
    ("sg3_t", layer(0, in_size=10**9), "magnitude"),
    ("sg3_t", layer(0, kernel=10**9), "magnitude"),
    ("sg3_t", layer(0, in_cutoff=1e200), "filters"),
    ("sg3_t", layer(1, in_channels=5), "does not fit"),
    ("sg3_t", layer(1, in_size=35), "does not fit"),
    ("sg3_t", layer(0, conv_clamp=0), "clamp"),
    ("sg3_t", lambda c: c.update(mapping_lr_multiplier=0), "scaled"),
    ("sg3_t", lambda c: c.update(output_scale=1e30), "scaled"),
    ("sg3_t", lambda c: c.update(bandwidth=-1e30), "scaled"),
    ("xl_stem", lambda c: c.update(table=[1 << 62, 1 << 62]), "magnitude"),
    ("xl_stem", lambda c: c.update(table=[1 << 20, 1 << 20]), "smaller than the model"),
    ("xl_stem", lambda c: c.update(c_dim=1000), "fewer embeddings"),
]


@pytest.mark.parametrize(("name", "change", "told"), HARMFUL)
def test_a_harmful_config_is_refused(name: str, change: Change, told: str, tmp_path: Path) -> None:
    path = saved(name, tmp_path)
    config = json.loads(metadata_of(path)["config"])
    change(config)
    assert told in refused(rewritten(path, config=json.dumps(config)))


@pytest.mark.parametrize("config", ['{"z_dim":', "[" * 100_000, "1e999", '{"z_dim":1e999}', "{}"])
@pytest.mark.parametrize("name", ["sg2_cond", "sg3_t", "xl_stem", "lafite"])
def test_a_config_that_is_none(name: str, config: str, tmp_path: Path) -> None:
    assert "damaged" in refused(rewritten(saved(name, tmp_path), config=config))


@pytest.mark.parametrize(
    "text",
    [
        '{"kind":"classes","name":"a","config":{"names":[]}}',
        '{"kind":"classes","name":"a","config":{"names":["a","b"]}}',
        '{"kind":"classes","name":"a","config":{"names":7}}',
        '{"kind":"classes","name":"a","config":{}}',
        '{"kind":"shell","name":"a","config":{}}',
    ],
)
def test_names_of_classes_that_cannot_be_right(text: str, tmp_path: Path) -> None:
    refused(rewritten(saved("sg2_cond", tmp_path), text=text))


@pytest.mark.parametrize("name", ["sg2_cond", "sg3_t", "xl_superres", "lafite"])
def test_a_shortened_file(name: str, tmp_path: Path) -> None:
    path = saved(name, tmp_path)
    whole = path.read_bytes()
    for share in (0.0001, 0.01, 0.3, 0.9, 0.9999):
        path.write_bytes(whole[: int(len(whole) * share)])
        refused(path)


def metadata_of(path: Path) -> dict[str, str]:
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as archive:
        return dict(archive.metadata())


def test_known_words_are_read_from_the_header_alone(tmp_path: Path) -> None:
    assert "cat" in (known_words(BUILT_IN[SECOND].file) or KnownWords()).words
    bare = tmp_path / "bare.safetensors"
    save_tensors(bare, {"x": torch.zeros(1)}, {})
    assert known_words(bare) is None
    save_tensors(bare, {"x": torch.zeros(1)}, {"text": "{"})
    with pytest.raises(CheckpointError, match=r"header of bare\.safetensors is damaged"):
        known_words(bare)
    with pytest.raises(CheckpointError, match="cannot be"):
        known_words(tmp_path / "none.safetensors")
