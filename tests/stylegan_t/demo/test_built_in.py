"""The models that come with the project are there, small, and opened by name."""

import pytest

import stylegan_t
from stylegan_t.config import DEMO
from stylegan_t.demo.built_in import BUILT_IN, START, is_built_in

MODELS_MB = 25


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_opens_by_its_name_and_says_what_it_is(name: str) -> None:
    built_in = BUILT_IN[name]
    assert built_in.file.stat().st_size <= MODELS_MB * 1e6
    model = stylegan_t.load(name)
    assert model.source == name and model.text is not None
    assert model.card.example_prompts and model.card.vocabulary and model.card.figures
    assert built_in.about and "/" not in built_in.about


def test_no_two_are_called_the_same() -> None:
    for called in ("name", "short", "about", "file"):
        assert len({getattr(model, called) for model in BUILT_IN.values()}) == len(BUILT_IN)
    assert next(iter(BUILT_IN)) == START and {START, DEMO} <= set(BUILT_IN)
    assert is_built_in(DEMO) and not is_built_in("demo.safetensors")
