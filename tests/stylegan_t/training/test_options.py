"""Options: presets, sensible values, and what a run that goes on cannot change."""

from typing import Any

import pytest

from stylegan_t import config
from stylegan_t.data.sampling import TrainingError, split_batch
from stylegan_t.training.options import (
    FIXED,
    LEARNING_RATE,
    PRESETS,
    TEXT_LEARNING_RATE,
    RunOptions,
    check_same,
    flag,
    run_options,
)

GIVEN: dict[str, Any] = {"out": "runs/a", "data": "demo"}


def test_presets_fit_the_models_and_the_virtual_batch() -> None:
    assert PRESETS.keys() == config.PRESETS.keys()
    for name in PRESETS:
        options = run_options(**GIVEN, preset=name)
        assert config.PRESETS[name](options.resolution).img_resolution == options.resolution
        assert split_batch(options.batch, 1, None).groups >= 1
    assert run_options(**GIVEN, preset="full").text_tower == "open_clip:ViT-L-14/openai"
    assert run_options(**GIVEN, preset="full").features == "timm:vit_small_patch16_224.dino"


def test_what_is_given_replaces_the_preset() -> None:
    options = run_options(**GIVEN, preset="lite", batch=64, kimg=None, features="random")
    assert (options.batch, options.kimg, options.features) == (64, 25_000, "random")
    assert options.lr_g == options.lr_d == LEARNING_RATE


def test_a_text_tower_alone_learns_slowly() -> None:
    options = run_options(**GIVEN, mode="text-encoder", resume_from="a.safetensors")
    assert options.lr_g == TEXT_LEARNING_RATE and options.lr_d == LEARNING_RATE
    assert options.text_tower is None, "the file's own"


def test_pictures_of_ones_own_need_a_preset() -> None:
    with pytest.raises(TrainingError, match="Pictures of your own need a --preset: lite or full"):
        run_options(out="a", data="pictures")
    assert run_options(out="a", data="pictures", preset="lite").features.startswith("timm:")
    assert run_options(out="a", data="demo").preset == "demo"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"snapshot_minutes": 0}, "--snapshot-minutes"),
        ({"kimg": 0}, "--kimg must be more than 0"),
        ({"kimg": 1e300}, "--kimg must be at most 1e"),
        ({"kimg": 1e-30}, "--kimg must be 0.001 or more"),
        ({"batch": 8 * 10**18}, "--batch must be at most"),
        ({"lr_g": 1e300}, "--lr-g must be at most 1000"),
        ({"blur_start_px": 1e300}, "--blur-start-px must be at most 4096"),
        ({"lr_g": float("nan")}, "--lr-g"),
        ({"blur_fade_kimg": -1}, "--blur-fade-kimg must be 0 or more"),
        ({"keep_states": 0}, "--keep-states"),
        ({"clip_weight": 0.2}, "--clip-weight needs --clip-encoder"),
        ({"mode": "text-encoder"}, "--resume-from"),
        ({"mode": "freeze64", "resolution": 128}, "--resume-from"),
        ({"mode": "freeze64", "resume_from": "a", "resolution": 64}, "128 or more, not 64"),
    ],
)
def test_nonsense_is_told_by_the_word_of_the_command_line(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(TrainingError) as caught:
        run_options(**GIVEN, **changes)
    assert words in str(caught.value)


def test_a_run_goes_on_only_as_it_was() -> None:
    before = run_options(**GIVEN)
    check_same(before, run_options(**GIVEN, kimg=9, keep_states=7, workers=1, batch_per_gpu=8))
    for changes in ({"batch": 64}, {"seed": 1}, {"features": "random"}, {"lr_d": 0.1}):
        (name,) = changes
        with pytest.raises(TrainingError) as caught:
            check_same(before, run_options(**GIVEN, **changes))
        assert f"{flag(name)} {getattr(before, name)} and cannot go on" in str(caught.value)


def test_fixed_options_exist() -> None:
    assert set(FIXED) <= set(RunOptions.__struct_fields__)
