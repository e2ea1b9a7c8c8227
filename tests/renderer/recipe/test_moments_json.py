"""Moments as text: what comes back, and what is refused with a sentence."""

from __future__ import annotations

import msgspec
import pytest

from renderer.recipe.moments import MAX_MOMENTS, Moment, Moments
from renderer.recipe.moments_json import KEYWORD, Found, MomentsError, from_file, to_file
from renderer.recipe.recipe import Prompt, Recipe, TextPart
from tests.renderer.recipe.test_recipe import FULL

MOMENTS = Moments((Moment(1, FULL, "Dawn"), Moment(42, Recipe(), parts=("psi", "view"))))


def file(*items: object, version: int = 1) -> bytes:
    """A file that holds `items`."""
    return msgspec.json.encode({KEYWORD: version, "moments": list(items)})


def item(number: int, recipe: object = None, **more: object) -> dict[str, object]:
    """A moment in a file."""
    return {
        "number": number,
        "recipe": recipe or {"stylegan_t_recipe": 4, "recipe": {}},
        **more,
    }


def test_moments_come_back_as_they_were() -> None:
    assert from_file(to_file(MOMENTS)) == Found(MOMENTS)


def test_ten_thousand_moments_are_refused_in_a_sentence() -> None:
    with pytest.raises(MomentsError, match=f"10,000 moments: at most {MAX_MOMENTS}"):
        from_file(file(*[item(1)] * 10_000))


@pytest.mark.parametrize(
    ("damaged", "sentence"),
    [
        (item(0), "place 2 is damaged"),
        (item(100), "place 2 is damaged"),
        (item(3, name="x" * 1000), "place 2 is damaged"),
        (item(3, parts=["roof"]), "place 2 is damaged"),
        (item(3, {"stylegan_t_recipe": 4, "recipe": {"psi": 1e9}}), "place 2"),
        (item(3, {"stylegan_t_recipe": 999, "recipe": {}}), "newer version"),
        (item(1), "two moments with the number 1"),
        ([], "place 2 is damaged"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_told(damaged: object, sentence: str) -> None:
    found = from_file(file(item(1, name="kept"), damaged))
    assert [one.name for one in found.moments.items] == ["kept"]
    assert sentence in found.problem


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "contains no moments"),
        (b"[1]", "contains no moments"),
        (file(version=2), "newer version"),
        (file(version=0), "contains no moments"),
        (file(item(0)), "No moment can be read"),
        (b" " * 64_000_001, "far too large"),
    ],
)
def test_other_files_are_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(MomentsError, match=sentence):
        from_file(data)


def test_a_name_is_one_line_whatever_a_file_says() -> None:
    assert from_file(file(item(1, name="a\nb\x1b"))).moments.items[0].name == "a b"


def test_text_that_cannot_be_saved_is_said() -> None:
    broken = Recipe(text=TextPart((Prompt("\ud800"),)))
    with pytest.raises(MomentsError, match="cannot be saved"):
        to_file(Moments((Moment(1, broken),)))
    with pytest.raises(MomentsError, match="cannot be saved"):
        to_file(Moments((Moment(1, Recipe(), "\ud800"),)))
