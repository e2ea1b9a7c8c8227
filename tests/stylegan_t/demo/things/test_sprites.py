"""The things' pictures: cut apart for recolouring, and a sentence where the atlas is damaged."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from stylegan_t.demo.things import sprites
from stylegan_t.demo.things.catalogue import AtlasError, all_things
from stylegan_t.demo.things.sprites import FILE, LEVELS, PALETTE, apart, sprite, sprites_of

BY_NAME = {thing.name: thing for thing in all_things()}
CPU = torch.device("cpu")


@pytest.mark.parametrize(
    "name", ["cat", "apple", "robot", "lighthouse", "hot air balloon", "panda"]
)
def test_parts_add_up_to_the_picture(name: str) -> None:
    thing = BY_NAME[name]
    picture = sprite(thing)
    parts = apart(picture, thing.color)
    torch.testing.assert_close(parts[:3] + parts[3:6], picture[:3] * picture[3], atol=1e-5, rtol=0)
    assert torch.equal(parts[7], picture[3])
    share = (parts[6] > 0.05).sum() / (parts[7] > 0.5).sum()
    assert share > 0.15  # the part that can be recoloured is large


@pytest.mark.parametrize("name", ["apple", "car", "dress", "star", "elephant"])
@pytest.mark.parametrize("color", ["blue", "pink", "black"])
def test_recoloured_things_have_that_colour(name: str, color: str) -> None:
    thing = BY_NAME[name]
    parts = apart(sprite(thing), thing.color)
    main = parts[6] > 0.5
    rgb = (parts[6:7] * torch.tensor(PALETTE[color]).view(3, 1, 1))[:, main].mean(dim=1)
    assert (rgb - torch.tensor(PALETTE[color])).abs().max() < 0.2


def test_things_stand_on_the_lower_edge() -> None:
    for name in ("cat", "robot", "lighthouse"):
        rows = (sprite(BY_NAME[name])[3] > 0.5).any(dim=1).nonzero()
        assert rows.max() >= 92


def test_levels_halve_and_keep_the_mean() -> None:
    kept = sprites_of(5)
    index = torch.arange(5)
    full = kept.at(0, index, CPU)
    for level in range(LEVELS):
        small = kept.at(level, index, CPU)
        assert small.shape[-1] == full.shape[-1] >> level
        torch.testing.assert_close(
            small.mean(dim=(2, 3)), full.mean(dim=(2, 3)), atol=0.01, rtol=0.02
        )


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "small", "png"])
def test_a_damaged_atlas_is_a_sentence(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "atlas.webp"
    if damage == "empty":
        file.write_bytes(b"")
    elif damage == "cut":
        file.write_bytes(FILE.read_bytes()[:5000])
    elif damage == "small":
        Image.new("RGBA", (96 * 20, 96), "red").save(file)
    elif damage == "png":
        Image.new("RGBA", (96 * 20, 96 * 22), "red").save(file, format="PNG")
    with pytest.raises(AtlasError, match=r"atlas.webp, are missing or damaged: install"):
        sprites._atlas(file)
