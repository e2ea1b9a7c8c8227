"""The model that ships: small, honest about itself, and it listens."""

import random

import pytest
import torch
from torch import Tensor

import stylegan_t
from stylegan_t import Generator
from stylegan_t.demo.built_in import BUILT_IN
from stylegan_t.demo.scenes import captioned, picture_of
from stylegan_t.demo.world import ATTRIBUTES, COLUMN
from stylegan_t.metrics.crispness import crispness

SCENES = 120


@pytest.fixture(scope="module")
def model() -> Generator:
    return stylegan_t.load_generator("demo")


def pictures(model: Generator, prompt: str, psi: float = 1.0, seeds: int = 4) -> Tensor:
    z = torch.randn(seeds, 64, generator=torch.Generator().manual_seed(1))
    c = model.encode_text([prompt]).expand(seeds, -1)
    with torch.inference_mode():
        return model.synthesis(model.mapping(z, c, psi), noise_mode="const").clamp(-1, 1)


@pytest.fixture(scope="module")
def beside(model: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Unseen captions' pictures by the model, the scenes they stand for, and what they name."""
    generator = torch.Generator().manual_seed(424_242)
    texts, named = captioned(SCENES, random.Random(424_242), generator)
    z = torch.randn(SCENES, 64, generator=generator)
    with torch.inference_mode():
        c = model.encode_text(texts)
        fake = [
            model.synthesis(model.mapping(z[i : i + 20], c[i : i + 20]), noise_mode="const")
            for i in range(0, SCENES, 20)
        ]
    return torch.cat(fake).clamp(-1, 1), picture_of(named, z, 1.0, 128)[0], named


def test_it_is_small_and_has_a_card(model: Generator) -> None:
    assert BUILT_IN["demo"].file.stat().st_size <= 25e6
    assert model.text is not None and len(model.sha256) == 64
    card = model.card
    assert card.name and card.training_data and card.figures
    assert len(card.example_prompts) >= 6 and len(card.vocabulary) == 10
    for prompt in card.example_prompts:
        assert model.text.count(prompt)[2] is None


def test_it_tells_the_words_that_it_was_not_taught_and_no_other(model: Generator) -> None:
    tower = model.text
    assert tower is not None
    taught = [word for _, words in model.card.vocabulary for word in words]
    for prompt in (*model.card.example_prompts, *taught, "crimson cottages", "a red hosue"):
        assert tower.unknown_words(prompt) == {}, prompt
    assert tower.unknown_words("a cat in a mansion") == {"cat": (), "mansion": ("cottage",)}
    assert list(tower.unknown_words("a horse by the sea")) == ["horse"]


@pytest.mark.parametrize(("color", "channel"), [("red", 0), ("green", 1), ("blue", 2)])
def test_the_thing_has_the_colour_that_was_asked_for(
    model: Generator, color: str, channel: int
) -> None:
    prompt = "a large {} house in the middle in a snowy field at noon, vector art"
    asked = pictures(model, prompt.format(color), psi=0.3)
    white = pictures(model, prompt.format("white"), psi=0.3)
    size = asked.shape[-1]
    wall = slice(size // 2, 3 * size // 4)
    shift = (asked - white)[:, :, wall, size // 3 : 2 * size // 3].mean(dim=(0, 2, 3))
    assert shift.argmax() == channel and shift[channel] - shift.min() > 0.2


def test_night_is_darker_than_noon(model: Generator) -> None:
    day = pictures(model, "a house in a meadow at noon, vector art").mean()
    night = pictures(model, "a house in a meadow at night, vector art").mean()
    assert night < day - 0.5


def test_things_stand_where_they_are_told(model: Generator) -> None:
    left, right = (
        pictures(model, f"a large red house on the {side} in a snowy field at noon", psi=0.3)
        for side in ("left", "right")
    )
    redness = ((x[:, 0] - x[:, 2]).clamp(min=0).mean(dim=(0, 1)) for x in (left, right))
    centres = [float((r * torch.arange(len(r))).sum() / r.sum()) / len(r) for r in redness]
    assert centres[0] < 0.4 and centres[1] > 0.6


def test_seeds_matter_at_psi_one_and_not_at_psi_zero(model: Generator) -> None:
    varied = pictures(model, "a red house", psi=1.0)
    typical = pictures(model, "a red house", psi=0.0)
    assert (torch.pdist(varied.flatten(1), p=1) / varied[0].numel()).min() > 0.05
    assert (typical - typical[:1]).abs().max() < 1e-4


@pytest.mark.slow
def test_pictures_are_the_scenes_that_the_words_stand_for(
    beside: tuple[Tensor, Tensor, Tensor],
) -> None:
    fake, real, _ = beside
    error = (fake - real).abs().mean()
    assert error < 0.125
    assert error < 0.5 * (fake - real.roll(1, dims=0)).abs().mean()


@pytest.mark.slow
@pytest.mark.parametrize("style", ATTRIBUTES["style"])
def test_pictures_are_about_as_crisp_as_scenes(
    beside: tuple[Tensor, Tensor, Tensor], style: str
) -> None:
    fake, real, named = beside
    here = named[:, COLUMN["style"]] == ATTRIBUTES["style"].index(style)
    assert here.sum() >= 5
    share = (crispness(fake[here]).mean() / crispness(real[here]).mean()).item()
    assert 0.65 < share < 1.1


def test_pixel_art_is_made_of_tiles(model: Generator) -> None:
    columns = [
        pictures(model, f"a red house in a meadow at noon, {style}").mean(dim=(0, 1, 2))
        for style in ("pixel art", "vector art")
    ]
    rims = [line.view(-1, 4)[:, :3].mean() - line.view(-1, 4)[:, 3].mean() for line in columns]
    assert rims[0] > 0.1 and rims[1].abs() < 0.03


def test_falling_snow_is_plain_to_see(model: Generator) -> None:
    clear, snow = (
        pictures(model, f"a red house in a meadow {weather} at night, vector art", psi=0.5)
        for weather in ("under a clear sky", "in falling snow")
    )
    # On the dark ground, where neither moon nor stars are.
    bright = [(x[:, :, 80:].amin(dim=1) > 0.4).float().mean() for x in (clear, snow)]
    assert bright[1] > bright[0] + 0.005


@pytest.mark.parametrize("prompt", ["", "qwxz", "日本の家 😀", "red " * 5000, "\n\t,,,"])
def test_every_prompt_gives_a_sound_picture(model: Generator, prompt: str) -> None:
    image = pictures(model, prompt, seeds=1)
    assert image.isfinite().all() and image.std() > 0.1
