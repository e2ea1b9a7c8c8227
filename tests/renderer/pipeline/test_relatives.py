"""StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE in the renderer: every word of a recipe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from renderer.frame.frame import ANNOUNCED, Frame
from renderer.frame.layer_report import Choice
from renderer.pipeline.inspector import Inspector
from renderer.pipeline.progressive import EarlyImages
from renderer.pipeline.renderer import Renderer
from renderer.pipeline.text_stage import NO_CLASS
from renderer.recipe.recipe import (
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    ModelRef,
    Move,
    NoisePart,
    Prompt,
    Recipe,
    TextPart,
    TransformPart,
)
from stylegan_t.generator import to_uint8
from tests.stylegan_t.family.recorded import recorded
from tests.stylegan_t.reference import family_snapshot

KINDS = ("sg2_cond", "sg2_uncond", "sg2_resnet", "sg3_t", "sg3_r", "xl_superres", "xl_uncond")
CLASSES = ("sg2_cond", "sg2_resnet", "xl_superres")


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(device="cpu")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("relatives")
    return {
        name: family_snapshot.write(name, folder / f"{name}.pkl") for name in (*KINDS, "lafite")
    }


def drawn(renderer: Renderer, recipe: Recipe) -> np.ndarray:
    """The pixels of a recipe that must succeed."""
    return shown(renderer, recipe).pixels()


def shown(renderer: Renderer, recipe: Recipe) -> Frame:
    frame = renderer.render(recipe)
    assert frame.error is None
    return frame


def start(file: Path, text: str = "", psi: float = 1.0) -> Recipe:
    return Recipe(ModelRef(str(file)), TextPart((Prompt(text),)), LatentPart(seed=3), psi=psi)


def differ(first: np.ndarray, second: np.ndarray) -> bool:
    return bool((first != second).any())


@pytest.mark.parametrize("name", [*KINDS, "lafite"])
def test_a_written_latent_gives_the_recorded_image(
    renderer: Renderer, files: dict[str, Path], name: str
) -> None:
    known = recorded(name)
    label = known.io.get("c")
    words = "" if label is None else str(int(label[0].argmax()))
    recipe = replace(
        start(files[name], words), latent=LatentPart(values=tuple(known.io["z"][0].tolist()))
    )
    if name == "lafite":
        pixels = drawn(renderer, recipe)
        assert pixels.shape == (16, 16, 3)
        return
    expected = to_uint8(known.io["img_const"][:1])[0].numpy().astype(int)
    if expected.shape[-1] == 3:
        assert np.abs(drawn(renderer, recipe).astype(int) - expected).max() <= 1


@pytest.mark.parametrize("name", [*KINDS, "lafite"])
def test_every_instrument_changes_the_image(
    renderer: Renderer, files: dict[str, Path], name: str
) -> None:
    recipe = start(files[name])
    frame = shown(renderer, recipe)
    assert frame.model is not None
    info, plain = frame.model, frame.pixels()
    assert differ(plain, drawn(renderer, replace(recipe, psi=0.3)))
    halves = (0.2,) + (None,) * (len(info.blocks) - 1)
    assert differ(plain, drawn(renderer, replace(recipe, psi_blocks=halves)))
    assert differ(plain, drawn(renderer, replace(recipe, latent=LatentPart(seed=4))))
    source = MixSource(seed=9, latent=MixTrack(rows=((1, 1.0),)))
    mixed = replace(recipe, mixing=MixingPart((source,)))
    assert differ(plain, drawn(renderer, mixed))
    for move in (Move("mapped", amount=2.0), Move("style", row=1, amount=2.0)):
        assert differ(plain, drawn(renderer, replace(recipe, moves=(move,)))), move
    noise = replace(recipe, noise=NoisePart(mode="none"))
    assert differ(plain, drawn(renderer, noise)) == info.has_noise
    moved = replace(recipe, transform=TransformPart(rotate_deg=40.0))
    assert differ(plain, drawn(renderer, moved)) == info.has_transform


@pytest.mark.parametrize("name", [*KINDS, "lafite"])
def test_every_layer_is_looked_into(renderer: Renderer, files: dict[str, Path], name: str) -> None:
    recipe = start(files[name])
    model = shown(renderer, recipe).model
    assert model is not None
    report = Inspector().look(renderer, recipe, Choice(layer=model.layers[2].name))
    assert [layer.name for layer in report.layers] == [layer.name for layer in model.layers]
    assert report.view.layer == model.layers[2].name
    clamps = [seen.name for seen in report.layers if seen.clamped is not None]
    assert bool(clamps) == (name != "sg2_cond")  # which has no clamp


@pytest.mark.parametrize("name", [*KINDS, "lafite"])
def test_the_prepared_network_draws_only_the_blocks_that_an_edit_reaches(
    renderer: Renderer, files: dict[str, Path], name: str
) -> None:
    recipe = start(files[name])
    frame = shown(renderer, recipe)
    assert frame.model is not None
    info = frame.model
    fast = renderer._loads.store.get(recipe.model.path).fast
    assert fast is not None
    start_of_last = info.rows_of_block[-1][0]
    late = replace(recipe, moves=(Move("style", row=start_of_last, amount=2.0),))
    late_pixels = drawn(renderer, late)
    assert fast.blocks_drawn == 1
    assert differ(frame.pixels(), late_pixels)
    fast.forget()
    renderer._pictures.clear()
    assert not differ(late_pixels, drawn(renderer, late)), "what was kept changes nothing"
    assert fast.blocks_drawn == len(info.blocks)


@pytest.mark.parametrize("name", ["sg2_uncond", "sg2_resnet", "sg3_t", "xl_superres", "lafite"])
def test_coarse_images_come_early_where_there_are_any(
    renderer: Renderer, files: dict[str, Path], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EarlyImages, "worth", lambda self: True)
    recipe, early = replace(start(files[name]), latent=LatentPart(seed=77)), list[Frame]()
    frame = renderer.render(recipe, early=early.append)
    assert frame.error is None and frame.model is not None
    coarse = frame.model.blocks[:-1] if name in ("sg2_uncond", "lafite") else ()
    assert [each.early for each in early] == list(coarse)
    assert all(each.pixels().shape == frame.pixels().shape for each in early)


def test_a_model_with_examples_is_announced_before_an_empty_picture(
    renderer: Renderer, tmp_path: Path
) -> None:
    path = family_snapshot.write("sg2_cond", tmp_path / "named.pkl")
    (tmp_path / "named.classes.txt").write_text("cat\ndog\nhouse\nsea\nsnow\n")
    empty, early = Recipe(model=ModelRef(str(path))), list[Frame]()
    frame = renderer.render(empty, early=early.append)
    assert frame.model is not None and frame.model.example_prompts
    assert (early[0].early, early[0].model) == (ANNOUNCED, frame.model)
    assert early[0].pixels().shape == frame.pixels().shape
    renderer.render(replace(empty, psi=0.5), early=early.append)
    # A slow machine adds coarse pictures.
    told = [each for each in early if each.early == ANNOUNCED]
    assert len(told) == 1, "there is something in it"


@pytest.mark.parametrize("name", ["sg2_uncond", "sg3_r", "lafite"])
def test_looking_into_layers_leaves_the_prepared_network_as_it_is(
    renderer: Renderer, files: dict[str, Path], name: str
) -> None:
    recipe = start(files[name])
    before = drawn(renderer, recipe)
    fast = renderer._loads.store.get(recipe.model.path).fast
    assert fast is not None
    Inspector().look(renderer, recipe, Choice())
    fast.forget()
    renderer._pictures.clear()
    assert not differ(before, drawn(renderer, recipe))
    assert fast.blocks_drawn > 0


@pytest.mark.parametrize("name", CLASSES)
def test_prompts_are_classes_that_blend(
    renderer: Renderer, files: dict[str, Path], name: str
) -> None:
    file = files[name]
    one, two = drawn(renderer, start(file, "1")), drawn(renderer, start(file, "2"))
    assert differ(one, two)
    assert not differ(one, drawn(renderer, start(file, "class 1")))
    both = Recipe(ModelRef(str(file)), TextPart((Prompt("1"), Prompt("2"))), LatentPart(seed=3))
    blend = drawn(renderer, both)
    assert differ(blend, one)
    assert differ(blend, two)
    frame = shown(renderer, start(file, "zeppelin"))
    assert [word for word, _ in frame.unknown] == ["zeppelin"]
    assert frame.notes == (NO_CLASS,)
    assert shown(renderer, start(file, "")).notes == ()  # nothing was asked for


def test_names_of_classes_stand_beside_the_checkpoint(renderer: Renderer, tmp_path: Path) -> None:
    file = family_snapshot.write("sg2_cond", tmp_path / "pets.pkl")
    names = ["cat", "tabby cat", "dog", "sea lion", "lion"]
    (tmp_path / "pets.classes.txt").write_text("\n".join(names))
    frame = shown(renderer, start(file, "a sea lion"))
    assert frame.model is not None
    assert frame.model.vocabulary == (("Classes", tuple(names)),)
    assert "lion" in frame.model.example_prompts
    third = frame.pixels()
    assert not differ(third, drawn(renderer, start(file, "3")))
    assert not differ(drawn(renderer, start(file, "Tabby cat")), drawn(renderer, start(file, "1")))


@pytest.mark.parametrize("name", CLASSES)
def test_a_source_of_mixing_has_classes_of_its_own(
    renderer: Renderer, files: dict[str, Path], name: str
) -> None:
    recipe = start(files[name], "0")
    rows = MixTrack(weights=(1.0,) * 8)

    def with_source(words: str) -> np.ndarray:
        source = MixSource(seed=3, prompt=words, latent=rows)
        return drawn(renderer, replace(recipe, mixing=MixingPart((source,))))

    assert differ(with_source("1"), with_source("2"))
    assert not differ(with_source(""), drawn(renderer, recipe))


def test_text_of_lafite_stands_in_the_rows(renderer: Renderer, files: dict[str, Path]) -> None:
    """Without a text tower it says so, and draws."""
    frame = shown(renderer, start(files["lafite"], "a dog"))
    assert frame.model is not None
    assert (frame.model.kind, frame.model.condition, frame.model.c_dim) == ("LAFITE", "text", 24)
    assert any("text tower" in note for note in frame.notes)


def test_four_channels_are_refused_in_a_sentence(renderer: Renderer, tmp_path: Path) -> None:
    file = family_snapshot.write("sg2_orig", tmp_path / "four.pkl")
    frame = renderer.render(start(file))
    assert frame.error is not None
    assert "4 channels" in frame.error


def test_other_sizes_are_told(renderer: Renderer, files: dict[str, Path]) -> None:
    frame = renderer.render(replace(start(files["sg3_t"]), latent=LatentPart(values=(0.1, 0.2))))
    assert frame.error is not None
    assert "2 values" in frame.error
