"""Scenes of the second demo world: things stand, fly, are lit and coloured as the rows say."""

import pytest
import torch

from stylegan_t.demo.things.attributes import (
    CHOICE,
    COLUMN,
    DRIFT,
    OPEN,
    VALUES,
    WIDTH,
    complete,
    default_count,
    glide,
    sample_named,
    thing_index,
)
from stylegan_t.demo.things.scenes import draw, picture_of
from stylegan_t.demo.things.sprites import sprites_of
from stylegan_t.demo.world import Z_DIM, choices

THINGS = default_count()
SPRITES = sprites_of(THINGS)
FOG = VALUES["weather"].index("fog")


def row(**values: str) -> torch.Tensor:
    usual = {
        "time": "day",
        "weather": "clear",
        "ground": "meadow",
        "style": "flat",
        "size": "medium",
    }
    given = {"side": "centre", **usual, **values}
    rows = torch.full((1, WIDTH), OPEN)
    for name, value in given.items():
        rows[:, COLUMN[name]] = (
            thing_index(value) if name in ("thing", "other") else VALUES[name].index(value)
        )
    return rows


def paint(**values: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The typical picture [3, S, S] in [0, 1] and its mask."""
    image, mask, _ = picture_of(row(**values), torch.zeros(1, Z_DIM), 0.0, 64, THINGS)
    return image[0] / 2 + 0.5, mask[0]


def centre(mask: torch.Tensor) -> tuple[float, float]:
    """x to the right and y upwards, in [-1, 1]."""
    axis = torch.linspace(-1, 1, mask.shape[-1])
    return float((mask.sum(0) * axis).sum() / mask.sum()), float(
        -(mask.sum(1) * axis).sum() / mask.sum()
    )


def test_a_thing_is_large_and_in_the_middle() -> None:
    _, mask = paint(thing="cat")
    rows = (mask > 0.5).any(dim=1).sum() / 64
    assert 0.35 < rows < 0.6
    assert abs(centre(mask)[0]) < 0.1


def test_sizes_and_sides() -> None:
    areas = [paint(thing="cat", size=size)[1].sum() for size in VALUES["size"]]
    assert areas[0] * 1.7 < areas[1] and areas[1] * 1.5 < areas[2]
    x = [centre(paint(thing="cat", side=side)[1])[0] for side in VALUES["side"]]
    assert x[0] < -0.3 and x[2] > 0.3


def test_sky_things_fly_and_others_stand() -> None:
    assert centre(paint(thing="rocket")[1])[1] > 0.15 > centre(paint(thing="dog")[1])[1]


def test_nothing_glows_at_night_but_what_shines() -> None:
    def light(thing: str, time: str) -> float:
        image, mask = paint(thing=thing, time=time)
        return float((image * (mask > 0.9)).sum() / (mask > 0.9).sum() / 3)

    assert light("snowman", "night") < 0.8 * light("snowman", "day")
    assert light("star", "night") == pytest.approx(light("star", "day"), rel=0.02)


def test_clouds_stand_out_as_things_do() -> None:
    cloudless, cloudy, rain = (
        paint(thing="none", weather=weather)[1] for weather in ("clear", "cloudy", "rain")
    )
    assert not cloudless.any() and cloudy.sum() > rain.sum() > 100
    image, _ = paint(thing="none", weather="cloudy")
    assert (
        image[:, cloudy > 0.9].mean() > image[:, (cloudy == 0).logical_and(cloudless == 0)].mean()
    )


def test_where_no_thing_is_named_there_is_none_whatever_the_latent() -> None:
    nothing = row(thing="none", weather="clear").repeat(40, 1)
    unsaid = nothing.clone()
    unsaid[:, COLUMN["thing"]] = OPEN
    z = torch.randn(40, Z_DIM, generator=torch.Generator().manual_seed(4))
    pictures = [picture_of(named, z, 1.0, 16, THINGS)[0] for named in (nothing, unsaid)]
    assert torch.equal(*pictures)


def test_a_thing_is_seen_in_fog_at_night() -> None:
    def contrast(time: str) -> float:
        with_thing, mask = paint(thing="horse", weather="fog", time=time)
        without, _ = paint(thing="none", weather="fog", time=time)
        return float((with_thing - without).abs().mean(dim=0)[mask > 0.9].mean())

    assert contrast("night") > 0.06


def test_a_colour_word_colours() -> None:
    for color, channel in (("red", 0), ("green", 1), ("blue", 2)):
        image, mask = paint(thing="apple", color=color)
        assert (image * (mask > 0.9)).sum(dim=(1, 2)).argmax() == channel


def test_counts_and_pairs() -> None:
    one, two, three = (paint(thing="apple", count=c)[1] for c in VALUES["count"])

    def gaps(mask: torch.Tensor) -> int:
        columns = (mask > 0.5).any(dim=0).int()
        return int((columns.diff() == 1).sum())

    assert [gaps(m) for m in (one, two, three)] == [1, 2, 3]
    assert gaps(paint(thing="apple", other="star", relation="left")[1]) == 2


def test_above_is_above_and_left_is_left() -> None:
    for relation, axis in (("left", 0), ("above", 1), ("on", 1)):
        both = {"thing": "banana", "other": "tomato", "color": "blue", "relation": relation}
        image, mask = paint(**both)
        here = mask > 0.9
        blue = (image[2] - image[0]).clamp(min=0) * here
        red = (image[0] - image[2]).clamp(min=0) * here
        step = centre(blue)[axis] - centre(red)[axis]
        assert (step < -0.3) if relation == "left" else (step > 0.3)


def test_pictures_and_masks_are_in_range_at_every_size() -> None:
    rows = sample_named(60, THINGS, torch.Generator().manual_seed(1))
    u = choices(torch.randn(60, Z_DIM, generator=torch.Generator().manual_seed(2)))
    u = glide(rows, u)
    pictures = {size: draw(rows, u, size, SPRITES) for size in (32, 64)}
    for size, (image, mask) in pictures.items():
        assert image.shape == (60, 3, size, size) and mask.shape == (60, size, size)
        assert image.isfinite().all() and image.min() >= -1 and image.max() <= 1
        cloudless = (rows[:, COLUMN["weather"]] == 0) | (rows[:, COLUMN["weather"]] == FOG)
        bare = (rows[:, COLUMN["thing"]] == 0) & cloudless
        assert (mask[bare] == 0).all() and (mask[~bare].flatten(1).amax(dim=1) > 0.8).all()
        assert bare.any()
    small = torch.nn.functional.avg_pool2d(pictures[64][0], 2)
    assert (small - pictures[32][0]).abs().mean() < 0.08


def test_every_thing_looks_different() -> None:
    rows = torch.cat([row(thing="cat")] * THINGS)
    rows[:, COLUMN["thing"]] = torch.arange(1, THINGS + 1)
    image, _, _ = picture_of(rows, torch.zeros(THINGS, Z_DIM), 0.0, 32, THINGS)
    assert (torch.pdist(image.flatten(1), p=1) / image[0].numel()).min() > 0.005


def test_a_beach_has_sand_before_the_sea() -> None:
    image, _ = paint(ground="beach", thing="none")
    sea, sand = image[:, 40, 32], image[:, 60, 32]
    assert sea[2] > sea[0] and sand[0] > sand[2]


def test_an_open_side_leads_across_the_picture_without_a_jump() -> None:
    steps = 25
    u = torch.full((steps, Z_DIM), 0.5)
    u[:, CHOICE["side"]] = torch.linspace(0.01, 0.99, steps)
    named = row(thing="cat").repeat(steps, 1)
    named[:, COLUMN["side"]] = OPEN
    mask = draw(complete(named, u), glide(named, u), 32, SPRITES)[1]
    share = mask.sum(dim=1) / mask.sum(dim=(1, 2)).unsqueeze(1)
    x = (share * torch.linspace(-1, 1, 32)).sum(dim=1)
    assert x[0] < -0.3 and x[-1] > 0.3
    assert x.diff().min() > -0.02 and x.diff().max() < 0.25


@pytest.mark.parametrize("what", [("relief", "hills"), ("relief", "peaks"), ("weather", "cloudy")])
def test_the_background_moves_as_far_as_the_thing(what: tuple[str, str]) -> None:
    size, deviations = 128, 1.0
    z = torch.zeros(2, Z_DIM)
    u = choices(z, 1.0)
    u[1, CHOICE["side"]] = torch.special.ndtr(torch.tensor(deviations))
    images = []
    for value in (what[1], "none" if what[0] == "relief" else "clear"):
        named = row(thing="none", side="centre", **{"relief": "none", what[0]: value})
        named = named.repeat(2, 1)
        images.append(draw(complete(named, u), glide(named, u), size, SPRITES)[0])
    # The sky above the land, where the two differ only in what is looked for.
    shape = (images[0] - images[1]).abs().sum(dim=1)[:, : size // 2]
    far = range(-32, 33)
    apart = [(shape[0].roll(k, dims=1) - shape[1])[:, 32:-32].square().sum() for k in far]
    moved = far[int(torch.stack(apart).argmin())]
    assert moved == pytest.approx(deviations * DRIFT * size / 2, abs=1)


def test_a_latent_decides_everything_and_seeds_matter() -> None:
    named = row(thing="cat").repeat(10, 1)
    named[:] = OPEN
    named[:, COLUMN["thing"]] = thing_index("cat")
    z = torch.randn(10, Z_DIM, generator=torch.Generator().manual_seed(3))
    once, again = (picture_of(named, z, 1.0, 32, THINGS)[0] for _ in range(2))
    assert torch.equal(once, again)
    assert (torch.pdist(once.flatten(1), p=1) / once[0].numel()).min() > 0.05
