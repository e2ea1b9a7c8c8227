"""The demo world: captions that say what they name, scenes that show it."""

import random

import pytest
import torch

from stylegan_t.demo.captions import WORDS, caption
from stylegan_t.demo.scenes import captioned, draw, picture_of
from stylegan_t.demo.world import (
    ATTRIBUTES,
    COLUMN,
    NAMES,
    OPEN,
    Z_DIM,
    choices,
    complete,
    glide,
    sample_named,
)


def z_of(seed: int, n: int = 1) -> torch.Tensor:
    return torch.randn(n, Z_DIM, generator=torch.Generator().manual_seed(seed))


def test_every_value_has_words_and_no_word_means_two_values() -> None:
    for name, values in ATTRIBUTES.items():
        words = [word for value in values for word in WORDS[name][value]]
        assert len(set(words)) >= len(values)
        for value in values:
            others = {w for v in values if v != value for w in WORDS[name][v]}
            assert not others & set(WORDS[name][value])


def test_captions_name_what_they_claim() -> None:
    rng, rows = random.Random(0), sample_named(400, torch.Generator().manual_seed(0)).tolist()
    clean = 0
    for row in rows:
        text, named = caption(row, rng)
        for k, name in enumerate(NAMES):
            assert named[k] in (OPEN, row[k])
            if named[k] == OPEN or name in ("time", "size"):
                continue
            # One caption in twenty has a slip of the finger somewhere.
            clean += any(w in text for w in WORDS[name][ATTRIBUTES[name][row[k]]])
    assert clean > 1200


def test_named_attributes_are_kept_and_open_ones_filled() -> None:
    _, named = captioned(200, random.Random(1), torch.Generator().manual_seed(1))
    rows = complete(named, choices(z_of(0, 200)))
    assert torch.equal(rows[named != OPEN], named[named != OPEN])
    assert (rows >= 0).all()
    for k, name in enumerate(NAMES):
        assert (rows[:, k] < len(ATTRIBUTES[name])).all()


def test_psi_zero_is_one_typical_scene() -> None:
    nothing = torch.full((8, len(NAMES)), OPEN)
    image, _, rows = picture_of(nothing, z_of(2, 8), 0.0, 32)
    assert (rows == rows[0]).all() and (image == image[0]).all()
    typical = {name: ATTRIBUTES[name][rows[0, COLUMN[name]]] for name in NAMES}
    assert typical["object"] == "house" and typical["time"] == "day"
    assert typical["style"] == "flat" and typical["weather"] == "clear"


def test_seeds_matter_at_psi_one() -> None:
    named = torch.full((12, len(NAMES)), OPEN)
    image, _, _ = picture_of(named, z_of(3, 12), 1.0, 32)
    distances = torch.pdist(image.flatten(1), p=1) / image[0].numel()
    assert distances.min() > 0.05


def test_a_latent_decides_everything() -> None:
    named = sample_named(6, torch.Generator().manual_seed(4))
    once, again = (picture_of(named, z_of(5, 6), 1.0, 64)[0] for _ in range(2))
    assert torch.equal(once, again)


def test_pictures_and_masks_are_in_range() -> None:
    named = sample_named(96, torch.Generator().manual_seed(6))
    image, mask = draw(named, choices(z_of(7, 96)), 64)
    assert image.shape == (96, 3, 64, 64) and mask.shape == (96, 64, 64)
    assert image.isfinite().all() and image.min() >= -1 and image.max() <= 1
    bare = named[:, COLUMN["object"]] == ATTRIBUTES["object"].index("none")
    assert (mask[bare] == 0).all() and (mask[~bare].flatten(1).amax(dim=1) > 0.9).all()


@pytest.mark.parametrize("name", [n for n in NAMES if n != "moon"])
def test_every_value_looks_different(name: str) -> None:
    base = torch.tensor([[1, 0, 0, 1, 0, 0, 0, 1, 1, 0]])
    rows = base.repeat(len(ATTRIBUTES[name]), 1)
    rows[:, COLUMN[name]] = torch.arange(len(rows))
    image, _ = draw(rows, choices(z_of(8)).expand(len(rows), -1), 64)
    assert (torch.pdist(image.flatten(1), p=1) / image[0].numel()).min() > 0.004


def sweep(name: str, steps: int = 33) -> tuple[torch.Tensor, torch.Tensor]:
    """Masks and open rows while the choice of one attribute runs from end to end."""
    u = torch.full((steps, Z_DIM), 0.5)
    u[:, COLUMN[name]] = torch.linspace(0.01, 0.99, steps)
    named = torch.full((steps, len(NAMES)), OPEN)
    rows = complete(named, u)
    return draw(rows, glide(named, u), 64)[1], rows


def test_an_open_side_leads_across_the_picture_without_a_jump() -> None:
    mask, rows = sweep("side")
    assert rows[:, COLUMN["side"]].unique().tolist() == [0, 1, 2]
    share = mask.sum(dim=1) / mask.sum(dim=(1, 2)).unsqueeze(1)
    centre = (share * torch.linspace(-1, 1, 64)).sum(dim=1)
    steps = centre.diff()
    assert centre[0] < -0.4 and centre[-1] > 0.4
    assert steps.min() > -1e-3 and steps.max() < 0.2


def test_an_open_size_grows_without_a_jump() -> None:
    mask, rows = sweep("size")
    assert rows[:, COLUMN["size"]].unique().tolist() == [0, 1, 2]
    side = mask.sum(dim=(1, 2)).sqrt()
    growth = side[1:] / side[:-1]
    assert side[-1] > 1.6 * side[0] and growth.min() > 0.94 and growth.max() < 1.12


def test_a_named_side_and_size_do_not_glide() -> None:
    named, u = sample_named(8, torch.Generator().manual_seed(13)), choices(z_of(14, 8))
    assert torch.equal(glide(named, u), u)


def test_the_middle_of_all_choices_does_not_glide() -> None:
    nothing, u = torch.full((1, len(NAMES)), OPEN), torch.full((1, Z_DIM), 0.5)
    torch.testing.assert_close(glide(nothing, u), u)


def test_pixel_art_is_made_of_tiles_at_every_size() -> None:
    row = torch.tensor([[1, 0, 0, 1, 0, 0, 0, 1, 1, ATTRIBUTES["style"].index("pixel")]])
    small, middle, large = (draw(row, choices(z_of(11)), size)[0] for size in (32, 64, 128))
    tiles = large.view(3, 32, 4, 32, 4)
    assert torch.equal(tiles[:, :, 1, :, 1], tiles[:, :, 2, :, 2])  # one colour inside
    inside, edge = tiles[:, :, 2, :, 2], tiles[:, :, 2, :, 3]
    assert (inside - edge).mean() > 0.1  # and a dark rim
    pooled = torch.nn.functional.avg_pool2d(large, 2)
    assert (pooled - middle).abs().mean() < 0.03
    assert (torch.nn.functional.avg_pool2d(large, 4) - small).abs().mean() < 0.03


def test_falling_snow_is_plain_to_see() -> None:
    rows = torch.tensor([[3, w, 0, 1, 0, 6, 0, 1, 1, 0] for w in (1, 3)])
    image, _ = draw(rows, choices(z_of(12)).expand(2, -1), 128)
    white = (image.amin(dim=1) > 0.6).float().mean(dim=(1, 2))
    assert white[1] > 2 * white[0]


def test_a_walk_between_latents_is_smooth() -> None:
    row = torch.tensor([[1, 1, 0, 1, 0, 0, 0, 1, 1, 0]])
    a, b = z_of(9), z_of(10)
    walk = torch.cat([torch.lerp(a, b, t / 40) for t in range(41)])
    image, _ = draw(row.expand(41, -1), choices(walk), 64)
    steps = (image[1:] - image[:-1]).abs().flatten(1).mean(dim=1)
    assert steps.max() < 6 * steps.median() + 0.01
