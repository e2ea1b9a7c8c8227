"""Text towers as the render stages open them: really from files, and never from the network."""

from __future__ import annotations

import pytest
import torch
from msgspec.structs import replace
from safetensors.torch import save_file

import stylegan_t
from renderer.models.text_towers import open_tower
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import ModelRef, Recipe
from stylegan_t import Generator, GeneratorConfig
from tests.renderer.fakes import recipe
from tests.stylegan_t.tiny_clip import C_DIM, HEADS, tiny_clip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A checkpoint that takes text and contains no tower."""
    path = tmp_path_factory.mktemp("models") / "silent.safetensors"
    torch.manual_seed(0)
    stylegan_t.save(Generator(GeneratorConfig(16, 128, 8, 1, C_DIM, z_dim=16, gn_groups=4)), path)
    return str(path)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small CLIP in a file."""
    path = tmp_path_factory.mktemp("towers") / "clip.safetensors"
    save_file({k: v.contiguous() for k, v in tiny_clip().state_dict().items()}, path)
    return f"{path}?quick_gelu&heads={HEADS}"


def with_tower(model: str, tower: str, prompt: str = "a red house") -> Recipe:
    return replace(recipe(prompt), model=ModelRef(model, tower=tower))


@pytest.mark.slow
def test_a_file_s_tower_reads_the_prompts(model: str, spec: str) -> None:
    renderer = Renderer("cpu")
    frames = [renderer.render(with_tower(model, spec, text)) for text in ("a house", "the sea")]
    assert [frame.error for frame in frames] == [None, None]
    assert frames[0].tokens[0].limit == 75
    assert not (frames[0].pixels() == frames[1].pixels()).all()
    assert frames[0].notes == ()
    silent = renderer.render(with_tower(model, ""))
    assert "no text tower" in silent.notes[0]


@pytest.mark.parametrize("tower", ["/none/clip.pt", "open_clip:ViT-L-14/openai", "open_clip:?/?"])
def test_a_tower_that_is_not_here_is_a_sentence(model: str, tower: str) -> None:
    frame = Renderer("cpu").render(with_tower(model, tower))
    assert frame.fault == "tower"
    assert frame.error
    assert "Traceback" not in frame.error


def test_opening_asks_for_no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    from stylegan_t.encoders import towers

    asked: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        towers, "open_tower", lambda spec, download, progress: asked.append((spec, download))
    )
    open_tower("open_clip:ViT-L-14/openai")
    assert asked == [("open_clip:ViT-L-14/openai", False)]
