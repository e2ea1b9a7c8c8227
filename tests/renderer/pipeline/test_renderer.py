"""Recipes to frames: what is computed, what is not, and what goes wrong."""

from __future__ import annotations

import gc
import math
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace

from renderer.errors import Abandoned
from renderer.frame.frame import Frame, TokenCount
from renderer.pipeline import progressive, text_stage
from renderer.pipeline.renderer import STAGES, Renderer
from renderer.recipe.recipe import (
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    ModelRef,
    NoisePart,
    Prompt,
    Recipe,
    TextPart,
    TransformPart,
)
from stylegan_t import CheckpointError, Generator, to_uint8
from tests.renderer.fakes import (
    CountingLoader,
    FakeTowers,
    nothing,
    plain_loader,
    raising,
    recipe,
    tiny_model,
    tiny_tower,
)


@pytest.fixture
def loader() -> CountingLoader:
    return CountingLoader()


@pytest.fixture
def renderer(loader: CountingLoader) -> Renderer:
    return Renderer("cpu", load=loader, open_tower=FakeTowers())


def picture(renderer: Renderer, wanted: Recipe) -> torch.Tensor:
    frame = renderer.render(wanted)
    assert frame.error is None
    assert frame.image is not None
    return frame.image


def worked(frame: Frame) -> set[str]:
    """The stages that did something."""
    assert tuple(name for name, _ in frame.stage_ms) == STAGES
    return {name for name, ms in frame.stage_ms if ms > 0}


NO_TRACK = MixTrack()


def mixed_with(
    seed: int = 1, prompt: str = "", latent: MixTrack = NO_TRACK, text: MixTrack = NO_TRACK
) -> MixingPart:
    """Mixing with one source."""
    return MixingPart((MixSource(seed, prompt=prompt, latent=latent, text=text),))


def blend(*texts: str) -> TextPart:
    return TextPart(tuple(Prompt(text) for text in texts))


# -- pictures ------------------------------------------------------------------------------------


def test_the_picture_is_the_models_own(renderer: Renderer) -> None:
    frame = renderer.render(recipe("a red house", seed=3, psi=0.7))
    model = tiny_model(len("demo"))
    z = torch.randn(1, 16, generator=torch.Generator().manual_seed(3), dtype=torch.float64).float()
    with torch.inference_mode():
        ws = model.mapping(z, model.encode_text(["a red house"]), truncation_psi=0.7)
        expected = to_uint8(model.synthesis(ws, noise_mode="const"))[0]
    assert frame.image is not None
    assert frame.image.shape == (16, 16, 3)
    assert frame.image.dtype == torch.uint8
    assert (frame.image.int() - expected.int()).abs().max() <= 1
    assert expected.float().std() > 20  # a flat picture would prove nothing
    assert frame.pixels().shape == (16, 16, 3)


def test_the_frame_says_what_it_shows(renderer: Renderer) -> None:
    wanted = recipe("one two three four five", "one")
    frame = renderer.render(wanted)
    assert frame.recipe is wanted
    assert frame.model is not None
    assert frame.model.sha256 == tiny_model(len("demo")).sha256
    assert frame.tokens == (TokenCount(5, 4, 19), TokenCount(1, 4, None))
    assert frame.device.startswith("CPU")
    assert frame.notes == ()
    assert frame.total_ms > 0
    assert renderer.render(wanted).serial > frame.serial


CHANGES: dict[str, Callable[[Recipe], Recipe]] = {
    "prompt": lambda r: replace(r, text=blend("a blue tree")),
    "second prompt": lambda r: replace(r, text=blend("a red house", "a blue tree")),
    "seed": lambda r: replace(r, latent=LatentPart(1)),
    "position": lambda r: replace(r, latent=LatentPart(0, 1, 0.5)),
    "psi": lambda r: replace(r, psi=0.2),
    "no noise": lambda r: replace(r, noise=NoisePart("none")),
    "random noise": lambda r: replace(r, noise=NoisePart("random")),
    "noise seed": lambda r: replace(r, noise=NoisePart("random", 2**32)),
    "noise strength": lambda r: replace(r, noise=NoisePart(strength=2.0)),
    "latent mixing": lambda r: replace(r, mixing=mixed_with(9, "x", latent=MixTrack((0.0, 1.0)))),
    "text mixing": lambda r: replace(r, mixing=mixed_with(9, "x", text=MixTrack((0.0, 1.0)))),
    "other mixing seed": lambda r: replace(r, mixing=mixed_with(8, "x", MixTrack((0.0, 1.0)))),
    "other mixing prompt": lambda r: replace(
        r, mixing=mixed_with(9, "y", text=MixTrack((0.0, 1.0)))
    ),
    "less mixing": lambda r: replace(r, mixing=mixed_with(9, "x", text=MixTrack((0.0, 0.5)))),
    "rotate": lambda r: replace(r, transform=TransformPart(rotate_deg=45)),
    "x": lambda r: replace(r, transform=TransformPart(x=0.2)),
    "y": lambda r: replace(r, transform=TransformPart(y=0.2)),
    "zoom": lambda r: replace(r, transform=TransformPart(zoom=2)),
    "model": lambda r: replace(r, model=ModelRef("/another")),
    "tower": lambda r: replace(r, model=ModelRef("demo", tower="other")),
    "precision": lambda r: replace(r, precision="bfloat16"),
}


def test_every_word_of_the_recipe_changes_the_picture(renderer: Renderer) -> None:
    seen = {"as it is": picture(renderer, recipe())}
    for name, change in CHANGES.items():
        image = picture(renderer, change(recipe()))
        for other, known in seen.items():
            assert not torch.equal(image, known), f"{name} shows the same as {other}"
        seen[name] = image


def test_pictures_do_not_depend_on_what_came_before(loader: CountingLoader) -> None:
    towers = FakeTowers()
    warm = Renderer("cpu", load=loader, open_tower=towers)
    for change in CHANGES.values():
        warm.render(change(recipe()))
    for change in (*CHANGES.values(), lambda r: replace(r, text=blend("a", "b", "c"))):
        fresh = Renderer("cpu", load=loader, open_tower=towers)
        assert torch.equal(picture(warm, change(recipe())), picture(fresh, change(recipe())))


def test_mixing_everything_is_the_source(renderer: Renderer) -> None:
    both = MixTrack((1.0, 1.0))
    mixed = replace(recipe("a"), mixing=mixed_with(9, "b", both, both))
    assert torch.equal(picture(renderer, mixed), picture(renderer, recipe("b", seed=9)))


def test_the_tracks_of_mixing_take_their_own_part(renderer: Renderer) -> None:
    both = MixTrack((1.0, 1.0))
    latent_only = replace(recipe("a"), mixing=mixed_with(9, "b", latent=both))
    text_only = replace(recipe("a"), mixing=mixed_with(9, "b", text=both))
    assert torch.equal(picture(renderer, latent_only), picture(renderer, recipe("a", seed=9)))
    assert torch.equal(picture(renderer, text_only), picture(renderer, recipe("b")))


# -- caches --------------------------------------------------------------------------------------


def test_the_same_recipe_is_no_work(renderer: Renderer, loader: CountingLoader) -> None:
    first = renderer.render(recipe())
    calls = loader.calls.copy()
    again = renderer.render(recipe())
    assert worked(first) == {"text", "mapping", "synthesis", "picture"}
    assert worked(again) == set()
    assert again.image is first.image
    assert loader.calls == calls
    assert loader.encoded == ["a red house"]


def test_psi_reads_no_prompt_again(renderer: Renderer, loader: CountingLoader) -> None:
    renderer.render(recipe(psi=1.0))
    frame = renderer.render(recipe(psi=0.9))
    assert worked(frame) == {"mapping", "synthesis", "picture"}
    assert len(loader.encoded) == 1


def test_a_key_press_encodes_one_prompt(renderer: Renderer, loader: CountingLoader) -> None:
    renderer.render(recipe("a house", "snow", "night"))
    renderer.render(recipe("a house", "snowy", "night"))
    renderer.render(recipe("a house", "snow", "night"))
    assert loader.encoded == ["a house", "snow", "night", "snowy"]


def test_weights_encode_nothing(renderer: Renderer, loader: CountingLoader) -> None:
    renderer.render(recipe("a", "b"))
    renderer.render(replace(recipe(), text=TextPart((Prompt("a", 0.3), Prompt("b", -1)), "slerp")))
    assert len(loader.encoded) == 2


def test_noise_and_transform_start_at_the_synthesis(
    renderer: Renderer, loader: CountingLoader
) -> None:
    renderer.render(recipe())
    frame = renderer.render(replace(recipe(), noise=NoisePart("none")))
    assert worked(frame) == {"synthesis", "picture"}
    renderer.render(replace(recipe(), transform=TransformPart(x=0.1)))
    assert loader.calls["mapping"] == 1


def test_what_has_no_effect_is_no_work(renderer: Renderer) -> None:
    base = recipe()
    renderer.render(base)
    for idle in (
        replace(base, noise=NoisePart("const", seed=5)),
        replace(base, latent=LatentPart(0, target_seed=77)),
        replace(base, mixing=mixed_with(seed=5, prompt="unused")),
        replace(base, mixing=mixed_with(seed=5, latent=MixTrack((0.0, 0.0)))),
        replace(base, model=ModelRef("demo", "f" * 64)),
    ):
        assert worked(renderer.render(idle)) == set()


def test_noise_while_mixing_keeps_the_mix(renderer: Renderer) -> None:
    mixed = replace(recipe(), mixing=mixed_with(9, "b", MixTrack((1.0,)), MixTrack((1.0,))))
    assert worked(renderer.render(mixed)) == set(STAGES)
    frame = renderer.render(replace(mixed, noise=NoisePart("none")))
    assert worked(frame) == {"synthesis", "picture"}


def test_the_cache_of_prompts_is_bounded(
    renderer: Renderer, loader: CountingLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_stage, "PROMPTS_KEPT", 3)
    small = Renderer("cpu", load=loader)
    for word in "abcd":
        small.render(recipe(word, "always"))
    small.render(recipe("d", "always", "new"))
    assert loader.encoded == ["a", "always", "b", "c", "d", "new"]
    small.render(recipe("a", "always", "new"))
    assert loader.encoded[6:] == ["a"]


def test_models_do_not_share_caches(renderer: Renderer, loader: CountingLoader) -> None:
    one = picture(renderer, recipe(model="/m/one"))
    three = picture(renderer, recipe(model="/m/three"))
    assert not torch.equal(one, three)
    assert loader.encoded == ["a red house"] * 2
    assert worked(renderer.render(recipe(model="/m/one"))) == set()


# -- models --------------------------------------------------------------------------------------


def test_a_wrong_hash_is_noted_and_the_picture_made(renderer: Renderer) -> None:
    sound = tiny_model(len("demo")).sha256
    frame = renderer.render(replace(recipe(), model=ModelRef("demo", "ab" * 32)))
    assert frame.image is not None
    assert len(frame.notes) == 1
    assert "another version of the first demo model" in frame.notes[0]
    assert renderer.render(replace(recipe(), model=ModelRef("demo", sound))).notes == ()


def test_a_model_without_text(loader: CountingLoader, renderer: Renderer) -> None:
    loader.make = lambda name: tiny_model(text=False)
    frame = renderer.render(recipe("a house"))
    assert frame.image is not None
    assert frame.notes == (text_stage.NO_TEXT,)
    assert frame.tokens == ()
    assert renderer.render(recipe("")).notes == ()
    mixed = replace(recipe(), mixing=mixed_with(9, "b", MixTrack((1.0,)), MixTrack((1.0,))))
    assert renderer.render(mixed).error is None


def test_a_model_without_its_text_tower(loader: CountingLoader, renderer: Renderer) -> None:
    def make(name: str) -> Generator:
        model = tiny_model()
        model.text = None
        return model

    loader.make = make
    frame = renderer.render(recipe("a house"))
    assert frame.image is not None
    assert frame.notes == (text_stage.NO_TOWER,)


def test_prompts_that_cancel_are_noted(renderer: Renderer) -> None:
    none = TextPart((Prompt("a", 1), Prompt("a", -1)))
    frame = renderer.render(replace(recipe(), text=none))
    assert frame.image is not None
    assert frame.notes == (text_stage.CANCELLED,)


def test_load_and_watch(loader: CountingLoader) -> None:
    seen: list[tuple[str, str, float | None]] = []
    renderer = Renderer("cpu", load=loader, watch=lambda *what: seen.append(what))
    told: list[str] = []
    info = renderer.load("/m/three", lambda text, share: told.append(text))
    assert info.name == "tiny 5"
    assert renderer.models == (info,)
    assert seen[0] == ("loading", "Loading three", 0.0)
    assert seen[-1] == ("loaded", "", None)
    assert told[0] == "Loading three"
    seen.clear()
    renderer.render(recipe(model="/m/three"))
    assert seen == []


def test_a_picture_that_takes_long_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str, float | None]] = []
    renderer = Renderer("cpu", load=plain_loader, watch=lambda *what: seen.append(what))
    renderer.render(recipe(seed=1))
    assert all(activity != "drawing" for activity, _, _ in seen), "this one is fast"
    monkeypatch.setattr(progressive, "LONG_S", 0.0)
    seen.clear()
    assert renderer.render(recipe(seed=2)).error is None
    shares = [share or 0.0 for activity, _, share in seen if activity == "drawing"]
    assert len(shares) == len(seen) > 3
    assert shares == sorted(set(shares)) and shares[-1] == pytest.approx(1)


def test_a_picture_is_given_up_between_layers() -> None:
    renderer = Renderer("cpu", load=plain_loader)
    renderer.render(recipe(seed=1))
    asked = 0

    def count() -> bool:
        nonlocal asked
        asked += 1
        return False

    renderer.render(recipe(seed=2), abandon=count)
    blocks = len(tiny_model().config.block_resolutions)
    layers = sum(len(part.layers) for part in tiny_model().synthesis.parts())
    assert layers > blocks
    assert asked >= layers + blocks
    left = iter(range(asked // 2))
    with pytest.raises(Abandoned):
        renderer.render(recipe(seed=3), abandon=lambda: next(left, None) is None)
    assert renderer.render(recipe(seed=3)).error is None


# -- errors --------------------------------------------------------------------------------------


def assert_failed(frame: Frame, words: str) -> None:
    assert frame.image is None
    assert frame.error is not None
    assert words in frame.error


def test_a_model_that_cannot_be_loaded(
    renderer: Renderer, loader: CountingLoader, tmp_path: Path
) -> None:
    path = str(tmp_path / "bad")
    Path(path).touch()
    loader.fail["bad"] = CheckpointError("bad is no checkpoint.")
    for _ in range(3):
        frame = renderer.render(recipe(model=path))
        assert frame.error == "bad is no checkpoint."
        assert frame.model is None
        assert frame.fault == "model"
    assert loader.paths == [path]
    del loader.fail["bad"]
    assert renderer.render(recipe(model=path)).error is not None
    renderer.look_again()
    assert renderer.render(recipe(model=path)).error is None


def test_a_model_that_is_not_there_is_named_with_its_hash() -> None:
    renderer = Renderer("cpu")
    wanted = ModelRef("/elsewhere/big.safetensors", "1a2b3c4d" + "0" * 56)
    for _ in range(2):
        frame = renderer.render(replace(recipe(), model=wanted))
        assert_failed(frame, "The model big.safetensors (hash 1a2b3c4d) is not at /elsewhere/big")
        assert frame.fault == "missing"
    frame = renderer.render(recipe(model="/elsewhere/big.safetensors"))
    assert_failed(frame, "The model big.safetensors is not at /elsewhere/big.safetensors: look for")


@pytest.mark.parametrize(
    "broken",
    [
        replace(recipe(), psi=math.nan),
        replace(recipe(), psi=math.inf),
        replace(recipe(), text=TextPart((Prompt("a", math.nan),))),
        replace(recipe(), transform=TransformPart(zoom=0.0)),
        replace(recipe(), text=TextPart(())),
        replace(recipe(), latent=LatentPart(-1)),
    ],
)
def test_impossible_values_are_a_sentence(renderer: Renderer, broken: Recipe) -> None:
    frame = renderer.render(broken)
    assert frame.image is None
    assert frame.error is not None
    assert "Traceback" not in frame.error
    assert renderer.render(recipe()).error is None


@pytest.mark.parametrize(
    "text", ["", " \n\t", "x" * 10_000, "word " * 2_000, "日本 😀 ع", "\0", "\ud800"]
)
def test_any_prompt_gives_a_picture(renderer: Renderer, text: str) -> None:
    assert renderer.render(recipe(text)).error is None


@pytest.mark.parametrize("psi", [1e4, -1e4])
def test_wild_values_give_a_picture_or_a_sentence(renderer: Renderer, psi: float) -> None:
    wild = replace(recipe(psi=psi), latent=LatentPart(0, 1, psi), noise=NoisePart(strength=psi))
    frame = renderer.render(wild)
    assert (frame.image is None) == (frame.error is not None)
    assert renderer.render(recipe()).error is None


def test_a_picture_without_numbers_is_a_sentence(
    renderer: Renderer, loader: CountingLoader
) -> None:
    def make(name: str) -> Generator:
        model = tiny_model()
        with torch.no_grad():
            model.synthesis.block(16).torgb.bias[0] = math.nan
        return model

    loader.make = make
    assert_failed(renderer.render(recipe()), "psi")


def test_out_of_memory_is_a_sentence_and_is_over_afterwards(
    renderer: Renderer, loader: CountingLoader
) -> None:
    renderer.render(recipe())
    for error in (torch.OutOfMemoryError("CUDA out of memory."), MemoryError()):
        loader.before_synthesis = raising(error)
        assert_failed(renderer.render(recipe(seed=5)), "not enough memory")
    loader.before_synthesis = nothing
    frame = renderer.render(recipe())
    assert frame.error is None
    assert "synthesis" in worked(frame), "the cached pictures were let go"
    assert "text" not in worked(frame)


def test_a_bug_is_a_sentence_too(
    renderer: Renderer, loader: CountingLoader, caplog: pytest.LogCaptureFixture
) -> None:
    loader.before_synthesis = raising(ZeroDivisionError("division by zero"))
    assert_failed(renderer.render(recipe()), "ZeroDivisionError")
    assert "Traceback" in caplog.text
    loader.before_synthesis = nothing
    assert renderer.render(recipe()).error is None


@pytest.mark.slow
def test_nothing_is_left_of_a_model_that_went(loader: CountingLoader) -> None:
    renderer = Renderer("cpu", load=loader)
    made: list[weakref.ref[Generator]] = []
    make = loader.make

    def remember(name: str) -> Generator:
        model = make(name)
        made.append(weakref.ref(model))
        return model

    loader.make = remember
    mixed = mixed_with(9, "x", latent=MixTrack((0.5,)))
    for path in ("/a", "/b", "/c", "/d"):
        assert renderer.render(replace(recipe(model=path), mixing=mixed)).error is None
    gc.collect()
    assert [ref() is None for ref in made] == [True, False, False, False]
    rows = renderer._rows
    caches = (rows._mapped, rows._plain, rows._mixed, renderer._pictures)
    assert [len(cache) for cache in caches] == [2 * 3, 3, 3, 3]
    read = rows.prompts
    assert [len(cache) for cache in (read._prompts, read._counts, read._blends)] == [3, 3, 3]


# -- precision and text towers -------------------------------------------------------------------


def test_half_precision_shows_nearly_the_same(renderer: Renderer) -> None:
    whole = picture(renderer, recipe()).int()
    for kind in ("bfloat16", "float16"):
        half = picture(renderer, replace(recipe(), precision=kind)).int()
        assert (half - whole).abs().float().mean() < 2
    assert torch.equal(picture(renderer, recipe()).int(), whole)


def test_another_tower_reads_the_prompts(loader: CountingLoader) -> None:
    towers = FakeTowers()
    renderer = Renderer("cpu", load=loader, open_tower=towers)
    wanted = replace(recipe("a red house"), model=ModelRef("/a", tower="first"))
    frame = renderer.render(wanted)
    assert frame.error is None
    assert loader.encoded == []
    assert towers.encoded == ["a red house"]
    other = replace(wanted, model=ModelRef("/b", tower="first"))
    assert renderer.render(other).error is None
    assert towers.encoded == ["a red house"], "what a tower has read is good for every model"
    renderer.render(replace(wanted, model=ModelRef("/a", tower="second")))
    assert towers.encoded == ["a red house"] * 2
    assert towers.opened == ["first", "second"]
    assert not towers.downloaded


@pytest.mark.slow
def test_two_towers_stay_in_memory(loader: CountingLoader) -> None:
    towers = FakeTowers()
    renderer = Renderer("cpu", load=loader, open_tower=towers)
    for spec in ("one", "two", "three", "two", "one"):
        renderer.render(replace(recipe(), model=ModelRef(tower=spec)))
    assert towers.opened == ["one", "two", "three", "one"]
    gc.collect()
    assert [ref() is None for ref in towers.made] == [True, False, True, False]
    assert len(renderer._rows.prompts._prompts) == 2, "what it read goes with a tower"


def test_a_tower_must_fit_the_model(loader: CountingLoader) -> None:
    renderer = Renderer("cpu", load=loader, open_tower=FakeTowers(c_dim=16))
    frame = renderer.render(replace(recipe(), model=ModelRef(tower="wide")))
    assert_failed(frame, "The text tower wide gives 16 values for a prompt, but tiny 4 takes 8")
    assert frame.fault == "tower"
    assert frame.model is not None


def test_a_tower_that_is_not_there_is_a_sentence(loader: CountingLoader) -> None:
    towers = FakeTowers()
    renderer = Renderer("cpu", load=loader, open_tower=towers)
    towers.fail["gone"] = ValueError("There is no text tower gone.")
    wanted = replace(recipe(), model=ModelRef(tower="gone"))
    for _ in range(3):
        frame = renderer.render(wanted)
        assert frame.error == "There is no text tower gone."
        assert frame.fault == "tower"
    assert towers.opened == ["gone"]
    del towers.fail["gone"]
    renderer.look_again()
    assert renderer.render(wanted).error is None


def test_a_tower_that_was_opened_elsewhere_is_taken(loader: CountingLoader) -> None:
    towers = FakeTowers()
    renderer = Renderer("cpu", load=loader, open_tower=towers)
    towers.fail["fetched"] = ValueError("It is not on this computer.")
    wanted = replace(recipe(), model=ModelRef(tower="fetched"))
    assert renderer.render(wanted).fault == "tower"
    renderer.keep_tower("fetched", tiny_tower())
    assert renderer.render(wanted).error is None


def test_a_model_without_text_needs_no_tower(loader: CountingLoader) -> None:
    towers = FakeTowers()
    loader.make = lambda name: tiny_model(text=False)
    renderer = Renderer("cpu", load=loader, open_tower=towers)
    assert renderer.render(replace(recipe(), model=ModelRef(tower="any"))).error is None
    assert towers.opened == []


def test_opening_a_tower_is_told(loader: CountingLoader) -> None:
    seen: list[tuple[str, str, float | None]] = []
    renderer = Renderer(
        "cpu", load=loader, open_tower=FakeTowers(), watch=lambda *what: seen.append(what)
    )
    renderer.load("demo")
    seen.clear()
    renderer.render(replace(recipe(), model=ModelRef(tower="open_clip:ViT-L-14/openai")))
    assert seen[0] == ("loading", "Opening the text tower ViT-L-14 (openai)", None)
    assert seen[-1][0] == "loaded"


# -- giving up -----------------------------------------------------------------------------------


def test_a_picture_is_given_up_between_blocks(renderer: Renderer, loader: CountingLoader) -> None:
    renderer.load("demo")
    with pytest.raises(Abandoned):
        renderer.render(recipe(), abandon=lambda: loader.calls["block"] == 1)
    assert loader.calls["block"] == 1
    frame = renderer.render(recipe())
    assert frame.error is None
    assert worked(frame) == {"synthesis", "picture"}, "what was finished is kept"


def test_an_interrupt_gives_up_renders_and_loads(loader: CountingLoader) -> None:
    stop = False
    renderer = Renderer("cpu", load=loader, interrupt=lambda: stop)
    renderer.render(recipe())
    stop = True
    with pytest.raises(Abandoned):
        renderer.render(recipe(seed=1))
    with pytest.raises(Abandoned):
        renderer.load("/other")
    stop = False
    assert renderer.render(recipe(model="/other")).error is None
