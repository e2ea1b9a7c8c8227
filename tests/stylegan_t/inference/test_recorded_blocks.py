"""The prepared synthesis whose blocks repeat what was recorded gives the numbers of the readable
one; here recordings are calls, on a graphics card they are CUDA graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from stylegan_t.extent import Extent
from stylegan_t.inference.bending import Effect
from stylegan_t.inference.fast import FastSynthesis
from stylegan_t.inference.recorders import CallRecorder, Recording
from tests.stylegan_t.family.recorded import NAMES, recorded
from tests.stylegan_t.inference.test_fast_blocks import CALLS, SLOW, TOLERANCE, rows, worst

PARAMS = [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in NAMES]


class Counting(CallRecorder):
    """Counts what is recorded and what is repeated."""

    def __init__(self) -> None:
        self.made = self.repeated = 0

    def record(self, work: Callable[[], Any]) -> tuple[Callable[[], object], Any]:
        """See `Recorder`."""
        self.made += 1
        again, made = super().record(work)

        def counted() -> None:
            self.repeated += 1
            again()

        return counted, made


@pytest.mark.parametrize("name", PARAMS)
@torch.inference_mode()
def test_it_draws_what_the_readable_network_draws(name: str) -> None:
    model, counts = recorded(name).model().requires_grad_(False), Counting()
    fast = FastSynthesis(model.synthesis, recording=Recording(lambda: counts))
    pictures = (rows(name), rows(name, 1), rows(name, mixed=True), rows(name))
    for index, ws in enumerate(pictures):
        for call in CALLS.values():
            found = fast(ws, **call)
            assert worst(found, model.synthesis(ws, **call)) <= TOLERANCE
            assert fast.recorded == (index == 0 and call is CALLS["const"])
    parts = model.synthesis.parts()
    assert counts.made <= 2 * len(parts) and counts.repeated > 2 * counts.made


@torch.inference_mode()
def test_what_is_returned_stays_and_colours_alone_are_drawn_alone() -> None:
    model, counts = recorded("sg2_uncond").model().requires_grad_(False), Counting()
    fast = FastSynthesis(model.synthesis, recording=Recording(lambda: counts))
    first = fast(rows("sg2_uncond"), "const")
    kept, before = first.clone(), counts.repeated
    other = rows("sg2_uncond").clone()
    other[:, -1] += 0.5
    found = fast(other, "const")
    assert torch.equal(first, kept) and counts.repeated == before + 1
    assert worst(found, model.synthesis(other, "const")) <= TOLERANCE


@torch.inference_mode()
def test_what_is_bent_is_drawn_without_a_recording() -> None:
    model, counts = recorded("sg3_t_cond").model().requires_grad_(False), Counting()
    fast, plain = (
        FastSynthesis(model.synthesis, recording=Recording(lambda: counts)),
        FastSynthesis(model.synthesis),
    )
    layer = model.anatomy.layers[3].name
    bends = {layer: (Effect("gain", 0.5),)}
    ws = rows("sg3_t_cond")
    for index in range(3):
        ws = rows("sg3_t_cond", index % 2)
        for bent in ({}, bends):
            assert worst(fast(ws, bends=bent), plain(ws, bends=bent)) <= TOLERANCE
    made = counts.made
    fast.forget()
    assert counts.repeated > 0
    assert worst(fast(ws), plain(ws)) <= TOLERANCE
    assert counts.made == 2 * made, "what was recorded was dropped"


@pytest.mark.parametrize("name", ["sg2_cond", "sg3_t_cond"])
@torch.inference_mode()
def test_a_larger_picture_is_drawn_without_a_recording(name: str) -> None:
    model = recorded(name).model().requires_grad_(False)
    fast, plain = (
        FastSynthesis(model.synthesis, recording=Recording(CallRecorder)),
        FastSynthesis(model.synthesis),
    )
    cells = model.anatomy.grid
    for index, extent in enumerate(
        (Extent(cells, 2 * cells), None, Extent(cells, 2 * cells), None)
    ):
        ws = rows(name, index % 2)
        found, expected = (one(ws, "const", extent=extent) for one in (fast, plain))
        assert worst(found, expected) <= TOLERANCE


@torch.inference_mode()
def test_a_picture_that_is_given_up_leaves_nothing_wrong() -> None:
    class GivenUpError(Exception):
        pass

    def give_up(share: float) -> None:
        raise GivenUpError

    model = recorded("sg2_cond").model().requires_grad_(False)
    fast = FastSynthesis(model.synthesis, recording=Recording(CallRecorder))
    for index in (0, 1, 0):
        with pytest.raises(GivenUpError):
            fast(rows("sg2_cond", index), "const", on_layer=give_up)
    for index in (1, 0):
        ws = rows("sg2_cond", index)
        assert worst(fast(ws, "const"), model.synthesis(ws, "const")) <= TOLERANCE


def test_a_device_that_refuses_to_record_draws_by_calls(caplog: pytest.LogCaptureFixture) -> None:
    class Refusing(CallRecorder):
        def record(self, work: Callable[[], Any]) -> tuple[Callable[[], object], Any]:
            raise RuntimeError("no graphs here")

    model = recorded("xl_stem").model().requires_grad_(False)
    fast = FastSynthesis(model.synthesis, recording=Recording(Refusing))
    for index in (0, 1):
        ws = rows("xl_stem", index)
        assert worst(fast(ws), model.synthesis(ws)) <= TOLERANCE
    assert "no graphs here" in caplog.text
