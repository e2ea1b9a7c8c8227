"""CUDA's calls are replaced by some that keep a list, and really copy: in which order they come,
what arrives, and what happens when one of them fails.  On a card,
`tests.benchmarks.check_interop` compares the pixels."""

from __future__ import annotations

import ctypes
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.benchmarks.check_interop import NOT_DIRECT, PASSED
from tests.source_tree import ROOT
from visualizer.window import cuda_interop
from visualizer.window.cuda_interop import CudaImage, DirectWay, InteropError

TEXTURE, STREAM = 5, 7
OPENED = ["cudaGLGetDevices", "cudaGraphicsGLRegisterImage"]
MAPPED = ["cudaGraphicsSubResourceGetMappedArray", "cudaMemcpy2DToArrayAsync"]
COPY = ["take", "cudaGraphicsMapResources", *MAPPED, "cudaGraphicsUnmapResources"]
CLOSED = ["finish", "cudaGraphicsUnregisterResource"]


class Failed(int):
    """CUDA's word for an error."""

    name = "cudaErrorUnknown"


class Runtime:
    """Stands for `cuda.bindings.runtime`.

    `fails` is the call that reports an error, or raises `raises`; `cards` are those that OpenGL
    draws with.  `arrived` is what the texture holds, [H, W, 4].
    """

    def __init__(self) -> None:
        self.fails, self.raises = "", cast(Exception | None, None)
        self.cards: tuple[int, ...] = (0,)
        self.calls: list[str] = []
        self.arguments: dict[str, tuple[Any, ...]] = {}
        self.arrived = np.zeros((0, 0, 4), np.uint8)
        self.cudaGraphicsRegisterFlags = SimpleNamespace(cudaGraphicsRegisterFlagsWriteDiscard=2)
        self.cudaMemcpyKind = SimpleNamespace(cudaMemcpyDeviceToDevice=3)
        self.cudaGLDeviceList = SimpleNamespace(cudaGLDeviceListAll=1)
        self._answers: dict[str, Callable[..., tuple[object, ...]]] = {
            "cudaGLGetDevices": self._devices,
            "cudaGraphicsGLRegisterImage": lambda *_: ("resource",),
            "cudaGraphicsSubResourceGetMappedArray": lambda *_: ("array",),
            "cudaMemcpy2DToArrayAsync": self._copied,
        }

    def __getattr__(self, name: str) -> Callable[..., tuple[object, ...]]:
        def call(*arguments: object) -> tuple[object, ...]:
            self.calls.append(name)
            self.arguments[name] = arguments
            if name != self.fails:
                answer = self._answers.get(name)
                return (0, *(answer(*arguments) if answer else ()))
            if self.raises is not None:
                raise self.raises
            return (Failed(999),)

        return call

    def _devices(self, most: int, _: object) -> tuple[int, list[int]]:
        # The list is as long as there was room for, zeros behind the cards.
        return len(self.cards), [*self.cards, *[0] * (most - len(self.cards))]

    def _copied(self, *arguments: Any) -> tuple[()]:
        _, _, _, address, pitch, wide, high, _, _ = arguments
        data = ctypes.string_at(address, pitch * high)
        rows = np.frombuffer(data, np.uint8).reshape(high, pitch)[:, :wide]
        self.arrived = rows.reshape(high, -1, 4)
        return ()


class Lane:
    """Stands for PyTorch's part, in main memory."""

    stream = STREAM

    def __init__(self, runtime: Runtime, width: int, height: int) -> None:
        self._runtime = runtime
        self._pixels = torch.full((height, width, 4), 255, dtype=torch.uint8)
        self.address = self._pixels.data_ptr()

    @contextmanager
    def current(self) -> Iterator[None]:
        """On the card."""
        yield

    def take(self, image: Tensor) -> None:
        """The picture comes."""
        self._runtime.calls.append("take")
        self._pixels[:, :, :3] = torch.from_numpy(cast(OnCard, image).pixels)

    def finish(self) -> None:
        """It is read."""
        self._runtime.calls.append("finish")


class OnCard:
    """A picture that says that it is on a card."""

    is_cuda = True

    def __init__(self, pixels: np.ndarray, card: int = 0) -> None:
        self.pixels, self.shape = pixels, pixels.shape
        self.device = torch.device("cuda", card)


def picture(height: int = 4, width: int = 6, seed: int = 0, card: int = 0) -> Any:
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return OnCard(values, card)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    made = Runtime()
    monkeypatch.setitem(sys.modules, cuda_interop.BINDINGS, cast(Any, made))
    monkeypatch.setattr(cuda_interop, "Lane", lambda width, height, _: Lane(made, width, height))
    monkeypatch.setattr(cuda_interop, "_vendor", lambda: "NVIDIA Corporation")
    return made


# -- one texture ---------------------------------------------------------------------------------


def test_a_texture_is_registered_once_and_let_go_in_the_end(runtime: Runtime) -> None:
    shared = CudaImage(TEXTURE, 6, 4, 0)
    shared.copy(picture())
    shared.copy(picture())
    shared.close()
    assert runtime.calls == [*OPENED, *COPY, *COPY, *CLOSED]


@pytest.mark.parametrize(("height", "width"), [(4, 6), (7, 3), (1, 1)])
def test_every_pixel_arrives_and_is_opaque(runtime: Runtime, height: int, width: int) -> None:
    shared = CudaImage(TEXTURE, width, height, 0)
    for seed in range(3):
        sent = picture(height, width, seed)
        shared.copy(sent)
        assert np.array_equal(runtime.arrived[:, :, :3], sent.pixels)
        assert (runtime.arrived[:, :, 3] == 255).all()


def test_cuda_is_told_what_it_wants_to_know(runtime: Runtime) -> None:
    CudaImage(TEXTURE, 6, 4, 0).copy(picture())
    discards = runtime.cudaGraphicsRegisterFlags.cudaGraphicsRegisterFlagsWriteDiscard
    gl_texture_2d = 0x0DE1
    told = runtime.arguments
    assert told["cudaGraphicsGLRegisterImage"] == (TEXTURE, gl_texture_2d, discards)
    assert told["cudaGraphicsMapResources"] == (1, "resource", STREAM)
    assert told["cudaGraphicsSubResourceGetMappedArray"] == ("resource", 0, 0)
    assert told["cudaGraphicsUnmapResources"] == (1, "resource", STREAM)
    assert told["cudaMemcpy2DToArrayAsync"][:3] == ("array", 0, 0)
    assert told["cudaMemcpy2DToArrayAsync"][-1] == STREAM


@pytest.mark.parametrize("fails", OPENED)
def test_what_cannot_be_registered_is_an_error_with_cudas_word(
    runtime: Runtime, fails: str
) -> None:
    runtime.fails = fails
    with pytest.raises(InteropError, match=f"{fails} failed: cudaErrorUnknown"):
        CudaImage(TEXTURE, 6, 4, 0)


@pytest.mark.parametrize("fails", COPY[1:])
def test_whatever_fails_in_a_copy_what_was_mapped_is_unmapped(runtime: Runtime, fails: str) -> None:
    shared = CudaImage(TEXTURE, 6, 4, 0)
    runtime.fails = fails
    with pytest.raises(InteropError, match=fails):
        shared.copy(picture())
    assert ("cudaGraphicsUnmapResources" in runtime.calls) == (fails != COPY[1])


@pytest.mark.parametrize("cards", [(), (1,), (2, 1)])
def test_opengl_on_another_card_is_refused(runtime: Runtime, cards: tuple[int, ...]) -> None:
    runtime.cards = cards
    with pytest.raises(InteropError, match="another card"):
        CudaImage(TEXTURE, 6, 4, 0)
    assert "cudaGraphicsGLRegisterImage" not in runtime.calls


def test_one_of_several_cards_that_draw_will_do(runtime: Runtime) -> None:
    runtime.cards = (2, 1)
    assert CudaImage(TEXTURE, 6, 4, 1).fits(picture(card=1))


def test_a_lost_card_is_let_go_without_an_error(runtime: Runtime) -> None:
    shared = CudaImage(TEXTURE, 6, 4, 0)
    runtime.fails = "cudaGraphicsUnregisterResource"
    shared.close()


def test_without_the_bindings_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda_interop, "BINDINGS", "there.is.no.such.module")
    with pytest.raises(InteropError, match=r"there\.is\.no.* cannot be loaded"):
        CudaImage(TEXTURE, 6, 4, 0)


@pytest.mark.parametrize("error", [TypeError("an argument"), ValueError("3"), RuntimeError("gone")])
def test_bindings_of_another_kind_are_an_error_too(runtime: Runtime, error: Exception) -> None:
    runtime.fails, runtime.raises = "cudaGLGetDevices", error
    with pytest.raises(InteropError, match="cudaGLGetDevices cannot be called"):
        CudaImage(TEXTURE, 6, 4, 0)


# -- the way -------------------------------------------------------------------------------------


def test_pictures_of_one_size_need_one_registration(runtime: Runtime) -> None:
    way = DirectWay()
    for seed in range(3):
        assert way.take(TEXTURE, picture(seed=seed))
        assert np.array_equal(runtime.arrived[:, :, :3], picture(seed=seed).pixels)
    assert way.used
    way.let_go()
    way.let_go()
    assert not way.used
    assert runtime.calls == [*OPENED, *COPY * 3, *CLOSED]


@pytest.mark.parametrize(
    ("texture", "other"),
    [
        (TEXTURE, picture(height=5)),
        (TEXTURE, picture(width=7)),
        (TEXTURE, picture(card=1)),
        (TEXTURE + 1, picture()),
    ],
    ids=["higher", "wider", "another card", "another texture"],
)
def test_what_was_registered_for_another_picture_is_let_go(
    runtime: Runtime, texture: int, other: Any
) -> None:
    runtime.cards = (0, 1)
    way = DirectWay()
    assert way.take(TEXTURE, picture())
    assert way.take(texture, other)
    assert runtime.calls == [*OPENED, *COPY, *CLOSED, *OPENED, *COPY]


@pytest.mark.parametrize("fails", [*OPENED, *COPY[1:]])
def test_one_refusal_is_the_last(
    runtime: Runtime, fails: str, caplog: pytest.LogCaptureFixture
) -> None:
    way = DirectWay()
    runtime.fails = fails
    with caplog.at_level(logging.INFO):
        assert not way.take(TEXTURE, picture())
    assert not way.used
    assert runtime.calls[-1] == CLOSED[-1] or fails in OPENED
    runtime.fails, asked = "", len(runtime.calls)
    assert not way.take(TEXTURE, picture())
    assert len(runtime.calls) == asked, "CUDA is not asked again"
    assert fails in way.refused
    assert [record.getMessage() for record in caplog.records] == [
        f"Pictures go through main memory: {way.refused}"
    ]


def test_it_may_fail_after_it_went_well(runtime: Runtime) -> None:
    way = DirectWay()
    assert way.take(TEXTURE, picture())
    runtime.fails = "cudaGraphicsMapResources"
    assert not way.take(TEXTURE, picture())
    assert runtime.calls[-2:] == CLOSED
    runtime.fails = ""
    assert not way.take(TEXTURE, picture())


def test_no_memory_on_the_card_is_a_refusal(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 4.00 MiB.")

    monkeypatch.setattr(cuda_interop, "Lane", full)
    way = DirectWay()
    assert not way.take(TEXTURE, picture())
    assert way.refused == "CUDA out of memory."
    assert runtime.calls == []


def test_cuda_is_not_asked_about_the_opengl_of_others(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuda_interop, "_vendor", lambda: "Mesa")
    way = DirectWay()
    assert not way.take(TEXTURE, picture())
    assert "OpenGL is by Mesa" in way.refused
    assert runtime.calls == []


# -- for real ------------------------------------------------------------------------------------


def checked(*options: str) -> subprocess.CompletedProcess[str]:
    """The check by hand, in a process of its own: it draws by another platform's OpenGL."""
    command = [sys.executable, "-m", "tests.benchmarks.check_interop", "--rounds", "3", *options]
    found = {name: value for name, value in os.environ.items() if name != "PYOPENGL_PLATFORM"}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=found, timeout=240, check=False
    )


@pytest.mark.display
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="EGL without a display is Linux's")
def test_the_check_compares_pictures_where_there_is_no_card_either() -> None:
    done = checked("--without")
    assert done.returncode in (PASSED, NOT_DIRECT), done.stderr
    assert "pictures read back, every pixel as it was sent." in done.stdout


@pytest.mark.gpu
def test_pictures_of_a_card_arrive_as_they_were_sent() -> None:
    done = checked()
    assert done.returncode in (PASSED, NOT_DIRECT), done.stdout + done.stderr
