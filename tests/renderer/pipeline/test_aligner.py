"""Measuring pictures against their words: by the judge of the demo world, and by a tiny CLIP."""

from __future__ import annotations

from dataclasses import replace as changed

import pytest
import torch
import torch.nn.functional as F

from renderer.errors import Abandoned, PictureError
from renderer.frame.alignment_report import (
    CURVE_PSI,
    NO_IMAGE_TOWER,
    NO_MODEL,
    NO_TEXT,
    Gauge,
    gauge_of,
)
from renderer.pipeline import aligner as alignment
from renderer.pipeline.aligner import Aligner, scores
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Canvas, ModelRef, Pad, Prompt, Recipe, TextPart
from stylegan_t.config import DEMO
from stylegan_t.demo.built_in import SECOND
from stylegan_t.demo.reading import Reading
from stylegan_t.demo.things import reading as things_reading
from stylegan_t.demo.things.catalogue import AtlasError
from stylegan_t.demo.world import ATTRIBUTES
from stylegan_t.encoders.clip_image import ClipImageEncoder
from stylegan_t.encoders.vit import FeatureError, VisionTransformer, VitConfig
from stylegan_t.metrics.attributes import AttributeJudge
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import resized
from stylegan_t.metrics.word_judges import LandscapeWords, open_word_judge
from tests.renderer.fakes import TOWER, tiny_model
from tests.visualizer.fake import MODEL
from tests.visualizer.real import RealThread

JUDGE = Gauge("judge", DEMO, "")
LANDSCAPES = LandscapeWords(AttributeJudge(width=2))


def words(*prompts: str) -> TextPart:
    return TextPart(prompts=tuple(Prompt(text) for text in prompts))


def certain(**values: str) -> dict[str, torch.Tensor]:
    """What a judge sees that is certain of these values, and of nothing else."""
    seen = {name: torch.full((len(kinds),), 1 / len(kinds)) for name, kinds in ATTRIBUTES.items()}
    for name, value in values.items():
        seen[name] = torch.zeros(len(ATTRIBUTES[name]))
        seen[name][ATTRIBUTES[name].index(value)] = 1.0
    return seen


def tiny_clip(c_dim: int = TOWER.c_dim) -> ClipImageEncoder:
    torch.manual_seed(5)
    return ClipImageEncoder(
        VisionTransformer(VitConfig(32, 1, 2, 64, 32, 16, clip=True, out_dim=c_dim))
    )


# -- what can measure ----------------------------------------------------------------------------


def test_each_model_has_its_gauge() -> None:
    demo, clip = Recipe(), Recipe(model=ModelRef("a.pkl", tower="open_clip:ViT-B-32/openai"))
    assert gauge_of(None, demo).reason == NO_MODEL
    assert gauge_of(MODEL, demo) == JUDGE
    assert gauge_of(MODEL, Recipe(model=ModelRef(SECOND))) == Gauge("judge", SECOND, "")
    assert gauge_of(changed(MODEL, c_dim=0), demo).reason == NO_TEXT
    assert gauge_of(changed(MODEL, condition="classes"), demo).reason == NO_TEXT
    assert gauge_of(MODEL, Recipe(model=ModelRef("a.pkl"))).reason == NO_IMAGE_TOWER
    found = gauge_of(MODEL, clip)
    assert (found.kind, found.spec, found.name) == (
        "clip",
        "open_clip:ViT-B-32/openai",
        "ViT-B-32 (openai)",
    )


def test_the_curve_holds_nine_values_with_zero_and_one() -> None:
    assert len(CURVE_PSI) == 9
    assert {0.0, 1.0} <= set(CURVE_PSI)
    assert (CURVE_PSI[0], CURVE_PSI[-1]) == (-0.5, 1.5)


# -- the judge's words ---------------------------------------------------------------------------


def test_words_that_are_shown_score_one_and_others_zero() -> None:
    seen = certain(object="house", color="red", time="night")
    score, each, unknown = scores(LANDSCAPES, seen, words("a red house at noon with a dragon"))
    assert {one.words: one.score for one in each} == {"red": 1.0, "house": 1.0, "at noon": 0.0}
    assert score == pytest.approx(2 / 3)
    assert unknown == ("dragon",)


def test_a_thing_s_colour_needs_the_thing_and_the_moon_the_night() -> None:
    bare = certain(object="none", color="red", size="large", time="day", moon="full")
    _, each, _ = scores(LANDSCAPES, bare, words("a large red house under a full moon"))
    assert all(one.score == 0.0 for one in each)


def test_of_two_meanings_the_surer_one_counts() -> None:
    assert scores(LANDSCAPES, certain(ground="snow"), words("snow"))[0] == 1.0
    assert scores(LANDSCAPES, certain(weather="snow"), words("snow"))[0] == 1.0


def test_prompts_count_by_their_weight() -> None:
    seen = certain(object="house", time="night")
    text = TextPart(prompts=(Prompt("a house", 3.0), Prompt("at noon", 1.0), Prompt("boat", -2.0)))
    score, each, _ = scores(LANDSCAPES, seen, text)
    assert score == pytest.approx(0.75)
    assert [one.words for one in each] == ["house", "at noon"]
    corner = TextPart(prompts=(Prompt("house"), Prompt("boat")), pad=Pad(1.0, 0.0))
    assert [one.words for one in scores(LANDSCAPES, seen, corner)[1]] == ["boat"]


def test_words_that_name_nothing_give_no_figure() -> None:
    assert scores(LANDSCAPES, certain(), words("a dragon")) == (None, (), ("dragon",))
    assert scores(LANDSCAPES, certain(), words("")) == (None, (), ())


def test_the_demo_model_obeys_and_the_judge_sees_it() -> None:
    renderer, aligner = Renderer("cpu"), Aligner(JUDGE)
    text = words("a red house in a meadow at noon, flat illustration")
    fits = aligner.measure(renderer, Recipe(text=text))
    assert fits.score is not None and fits.score > 0.8
    assert fits.took_ms > 0
    # The same picture, asked about other words: what is seen does not change, what is asked does.
    image = renderer.render(Recipe(text=text)).image
    assert image is not None
    found = aligner._by_judge(image.permute(2, 0, 1)[None], words("a sailboat at night"))
    assert found[0] is not None and found[0] < 0.2


@pytest.mark.parametrize(
    ("canvas", "top", "left"), [(Canvas(16 / 9, 1.0), 0, 6), (Canvas(1.5, 2.0), 8, 4)]
)
def test_of_a_wider_canvas_the_trained_square_is_measured(
    canvas: Canvas, top: int, left: int
) -> None:
    text = words("a red house in a meadow at noon, flat illustration")
    found = Aligner(JUDGE).measure(Renderer("cpu"), Recipe(text=text, canvas=canvas))
    assert found.score is not None and found.score > 0.8
    renderer, clip = RealThread().renderer, tiny_clip()
    recipe = Recipe(text=words("a red house"), canvas=canvas)
    found = Aligner(Gauge("clip", "x", ""), open_images=lambda spec: clip).measure(renderer, recipe)
    image, embedding = renderer.render(recipe).image, renderer.embedding(recipe)
    assert image is not None and embedding is not None
    square = image[top : top + 16, left : left + 16]
    pixels = resized(square.permute(2, 0, 1)[None].float() / 255, clip.size).clamp(0, 1)
    expected = F.cosine_similarity(clip(pixels), embedding).item()
    assert found.score == pytest.approx(expected, abs=1e-5)


def test_the_second_demo_model_has_a_judge_of_its_own_world() -> None:
    text = words("a cat in a meadow")
    found = Aligner(Gauge("judge", SECOND, "")).measure(
        Renderer("cpu"), Recipe(model=ModelRef(SECOND), text=text, psi=0.0)
    )
    assert [one.words for one in found.words] == ["cat", "in a meadow"]
    assert found.unknown == () and found.words[1].score > 0.9
    assert found.score == pytest.approx(sum(one.score for one in found.words) / 2)


def test_a_damaged_catalogue_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(prompt: str) -> Reading:
        raise AtlasError("The catalogue is damaged.")

    monkeypatch.setattr(things_reading, "read", damaged)
    with pytest.raises(MetricError, match="catalogue is damaged"):
        open_word_judge(SECOND)


# -- CLIP ----------------------------------------------------------------------------------------


def test_clip_gives_the_cosine_of_picture_and_text() -> None:
    renderer, clip = RealThread().renderer, tiny_clip()
    recipe = Recipe(text=words("a red house"))
    found = Aligner(Gauge("clip", "x", ""), open_images=lambda spec: clip).measure(renderer, recipe)
    image, text = renderer.render(recipe).image, renderer.embedding(recipe)
    assert image is not None and text is not None
    pixels = resized(image.permute(2, 0, 1)[None].float() / 255, clip.size).clamp(0, 1)
    expected = F.cosine_similarity(clip(pixels), text).item()
    assert found.score == pytest.approx(expected, abs=1e-5)
    assert found.words == ()


def test_each_of_several_prompts_has_its_own_cosine() -> None:
    renderer = RealThread().renderer
    aligner = Aligner(Gauge("clip", "x", ""), open_images=lambda spec: tiny_clip())
    recipe = Recipe(text=words("a house", "", "a boat"))
    found = aligner.measure(renderer, recipe)
    assert [one.words for one in found.words] == ["a house", "a boat"]
    assert all(-1 <= one.score <= 1 for one in found.words)


def test_a_clip_that_is_not_here_or_another_one_is_refused() -> None:
    renderer, gauge = RealThread().renderer, Gauge("clip", "x", "")

    def absent(spec: str) -> ClipImageEncoder:
        raise FeatureError(f"{spec} is not on this computer.")

    with pytest.raises(PictureError, match="cannot be compared: x is not on this computer"):
        Aligner(gauge, open_images=absent).measure(renderer, Recipe())
    other = Aligner(gauge, open_images=lambda spec: tiny_clip(TOWER.c_dim * 2))
    with pytest.raises(PictureError, match="16 values and its text half 8"):
        other.measure(renderer, Recipe())


def test_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def opened(spec: str, download: bool = False) -> ClipImageEncoder:
        asked.append(download)
        raise FeatureError("Not here.")

    monkeypatch.setattr(alignment, "open_clip_image_encoder", opened)
    with pytest.raises(PictureError):
        Aligner(Gauge("clip", "open_clip:ViT-B-32/openai", "")).measure(
            RealThread().renderer, Recipe()
        )
    assert asked == [False]


def test_an_unconditional_model_has_no_cosine() -> None:
    renderer = RealThread(generator=tiny_model(text=False)).renderer
    aligner = Aligner(Gauge("clip", "x", ""), open_images=lambda spec: tiny_clip())
    assert aligner.measure(renderer, Recipe()).score is None


def test_without_a_picture_there_is_a_sentence_and_it_can_be_given_up() -> None:
    with pytest.raises(PictureError, match=r"nowhere\.safetensors.*\.$"):
        Aligner(JUDGE).measure(Renderer("cpu"), Recipe(model=ModelRef("nowhere.safetensors")))
    with pytest.raises(Abandoned):
        Aligner(JUDGE).measure(RealThread().renderer, Recipe(), abandon=lambda: True)
