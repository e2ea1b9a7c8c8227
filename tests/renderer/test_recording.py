"""A model that is prepared for a graphics card says so while its first picture is recorded."""

from __future__ import annotations

import pytest
import torch

from renderer.models import store
from renderer.pipeline.renderer import PREPARING, Renderer
from stylegan_t.generator import Generator, SynthesisNetwork
from stylegan_t.inference.fused import Ops
from stylegan_t.inference.graphs import GraphSynthesis
from stylegan_t.inference.recorders import CallRecorder
from tests.renderer.fakes import recipe, tiny_model

BLOCKS = len(tiny_model(0).config.block_resolutions)


def load(path: str, /, device: str, *, progress: object) -> Generator:
    """A tiny model, with nothing that watches its layers."""
    return tiny_model(len(path))


def on_a_card(network: SynthesisNetwork, packed_bytes: int, tell: object) -> GraphSynthesis:
    """What a graphics card gets, with PyTorch's own operations in place of graphs and kernels."""
    return GraphSynthesis(network, ops=Ops(), recorder=CallRecorder())


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, float | None]]:
    monkeypatch.setattr(store, "prepared", on_a_card)
    return []


def test_the_first_picture_tells_how_far_it_is_and_the_next_ones_nothing(
    said: list[tuple[str, str, float | None]],
) -> None:
    renderer = Renderer("cpu", load=load, watch=lambda *what: said.append(what))
    assert renderer.render(recipe(seed=1)).error is None
    preparing = [share for _, text, share in said if text == PREPARING]
    assert preparing == [(index + 1) / BLOCKS for index in range(BLOCKS)]
    assert said[-1][0] == "loaded"
    said.clear()
    assert renderer.render(recipe(seed=2)).error is None
    assert said == []


def test_it_draws_what_the_processor_draws(
    said: list[tuple[str, str, float | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Renderer("cpu", load=load)
    frames = [recorded.render(recipe(seed=seed)) for seed in (1, 2, 1)]
    monkeypatch.undo()
    plain = Renderer("cpu", load=load)
    for frame, seed in zip(frames, (1, 2, 1), strict=True):
        expected = plain.render(recipe(seed=seed))
        assert frame.image is not None and expected.image is not None
        difference = (frame.image.int() - expected.image.int()).abs().max()
        assert int(difference) <= 1
        assert frame.image.dtype == torch.uint8
