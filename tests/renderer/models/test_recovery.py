"""Memory that runs out, devices that go and mistakes, in every stage and every kind of job."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import pytest
import torch
from msgspec.structs import replace

from renderer.errors import LostDeviceError, NoMemoryError, PictureError
from renderer.frame.frame import Frame
from renderer.frame.layer_report import Choice
from renderer.frame.preview import Wish
from renderer.models.device import Device
from renderer.pipeline import render_thread
from renderer.pipeline.inspector import Inspector
from renderer.pipeline.render_call import STAGES, Run
from renderer.pipeline.render_thread import RenderThread
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import LatentPart, MixingPart, MixSource, MixTrack, Recipe
from tests.renderer.fakes import CountingLoader, recipe

T = TypeVar("T")
WAIT_S = 10.0
TIMES = 4
"""A stage fails so often in a row before it works again."""
FULL = replace(
    recipe("a red house", "snow", psi=0.7),
    mixing=MixingPart((MixSource(5, latent=MixTrack((1.0, 1.0))),)),
)
LOST = "CUDA error: unspecified launch failure\nCUDA kernel errors might be asynchronous"
OUT_OF_MEMORY = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    MemoryError(),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
)


@dataclass(frozen=True)
class Card(Device):
    """The CPU, in the part of a graphics card that may be lost."""

    lost: bool = False

    def answers(self) -> bool:
        return not self.lost


def card(*, lost: bool) -> Card:
    return Card(torch.device("cpu"), "Card", lost=lost)


class Sabotage:
    """Lets a stage fail: it raises `error` the next `times` times that `stage` works."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.stage, self.times, self.error = "", 0, Exception()
        works = Run.timed

        def timed(run: Run, stage: str, work: Callable[[], T]) -> T:
            return works(run, stage, self._failing if self._is_due(stage) else work)

        patch.setattr(Run, "timed", timed)

    def __call__(self, stage: str, error: Exception, times: int = 1) -> None:
        self.stage, self.error, self.times = stage, error, times

    def _is_due(self, stage: str) -> bool:
        if stage != self.stage or not self.times:
            return False
        self.times -= 1
        return True

    def _failing(self) -> Any:
        raise self.error


@pytest.fixture
def sabotage(monkeypatch: pytest.MonkeyPatch) -> Sabotage:
    return Sabotage(monkeypatch)


def renderer(device: str | Device = "cpu", loader: CountingLoader | None = None) -> Renderer:
    return Renderer(device, load=loader or CountingLoader())


def pixels(frame: Frame) -> torch.Tensor:
    assert frame.error is None
    assert frame.image is not None
    return frame.image


def is_sentence(text: str | None) -> bool:
    return text is not None and text[0].isupper() and "\n" not in text


# -- stages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: type(error).__name__)
def test_memory_that_runs_out_is_said_and_freed_and_work_goes_on(
    stage: str, error: Exception, sabotage: Sabotage, monkeypatch: pytest.MonkeyPatch
) -> None:
    released: list[Device] = []
    monkeypatch.setattr(Device, "release_memory", lambda device: released.append(device))
    loader = CountingLoader()
    tried = renderer(loader=loader)
    pixels(tried.render(recipe("something", seed=9)))
    sabotage(stage, error, TIMES)
    for round_ in range(TIMES):
        frame = tried.render(FULL)
        assert frame.image is None
        assert frame.fault == "memory"
        assert is_sentence(frame.error)
        assert "not enough memory" in (frame.error or "")
        assert len(released) == round_ + 1
    before = loader.calls["mapping"]
    assert torch.equal(pixels(tried.render(FULL)), pixels(renderer().render(FULL)))
    assert loader.calls["mapping"] > before, "what was kept was let go of"


@pytest.mark.parametrize("stage", STAGES)
def test_a_mistake_in_any_stage_is_said_and_the_next_recipe_tries_again(
    stage: str, sabotage: Sabotage
) -> None:
    tried = renderer()
    sabotage(stage, KeyError("oops"), TIMES)
    for _ in range(TIMES):
        frame = tried.render(FULL)
        assert (frame.error, frame.fault) == (
            "This picture could not be rendered: KeyError: 'oops'",
            "",
        )
    assert torch.equal(pixels(tried.render(FULL)), pixels(renderer().render(FULL)))


def test_wherever_work_pauses_it_may_fail_and_the_next_picture_is_right() -> None:
    """Half a picture that is kept must not come to light in the next."""
    wanted = [replace(FULL, latent=LatentPart(seed=seed)) for seed in range(2)]
    fresh = renderer()
    right = [pixels(fresh.render(one)) for one in wanted]
    tried, failed = renderer(), 0
    pixels(tried.render(recipe()))
    for at in range(100):
        pauses = iter(range(1000))

        def fail_at(at: int = at, pauses: Iterator[int] = pauses) -> bool:
            if next(pauses) == at:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return False

        frame = tried.render(wanted[at % 2], abandon=fail_at)
        failed += frame.error is not None
        for one, expected in zip(wanted, right, strict=True):
            assert torch.equal(pixels(tried.render(one)), expected)
        if frame.error is None:
            break
        tried._free()  # so that the next one has as much to do
    assert failed >= 4


def test_a_load_without_memory_is_said_and_tried_again_when_asked() -> None:
    loader = CountingLoader()
    loader.fail["demo"] = torch.OutOfMemoryError("CUDA out of memory")
    tried = renderer(loader=loader)
    frame = tried.render(recipe())
    assert frame.fault == "memory"
    assert is_sentence(frame.error)
    loader.fail.clear()
    tried.look_again()
    pixels(tried.render(recipe()))


def test_memory_that_cannot_be_given_back_is_no_reason_to_fall(
    sabotage: Sabotage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(device: Device) -> None:
        raise RuntimeError(LOST)

    monkeypatch.setattr(Device, "release_memory", broken)
    sabotage("synthesis", torch.OutOfMemoryError("CUDA out of memory"))
    tried = renderer()
    assert tried.render(FULL).fault == "memory"
    pixels(tried.render(FULL))


# -- lost devices --------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_a_lost_device_is_said(stage: str, sabotage: Sabotage) -> None:
    tried = renderer(card(lost=True))
    sabotage(stage, RuntimeError(LOST), TIMES)
    for _ in range(TIMES):
        frame = tried.render(FULL)
        assert frame.fault == "device"
        assert is_sentence(frame.error)
        assert (frame.error or "").startswith("Card has stopped working")


def test_a_device_that_still_computes_is_not_lost(sabotage: Sabotage) -> None:
    tried = renderer(card(lost=False))
    sabotage("synthesis", RuntimeError(LOST))
    assert tried.render(FULL).fault == ""
    pixels(tried.render(FULL))


def test_a_device_that_is_lost_while_a_model_loads_is_said() -> None:
    loader = CountingLoader()
    loader.fail["demo"] = RuntimeError(LOST)
    assert renderer(card(lost=True), loader).render(recipe()).fault == "device"


def test_the_cpu_always_answers() -> None:
    assert Device(torch.device("cpu"), "CPU").answers()


def test_a_picture_that_was_looked_at_outlives_its_device() -> None:
    frame = renderer().render(recipe())
    first = frame.pixels()
    assert frame.pixels() is first


def test_a_picture_that_went_with_its_device_is_said_in_a_sentence() -> None:
    class Gone:
        def cpu(self) -> torch.Tensor:
            raise RuntimeError(LOST)

    frame = renderer().render(recipe())
    lost = dataclasses.replace(frame, image=cast(torch.Tensor, Gone()), device="A card")
    with pytest.raises(PictureError) as caught:
        lost.pixels()
    assert is_sentence(str(caught.value))
    assert "A card" in str(caught.value)
    assert LOST.splitlines()[0] in str(caught.value)


# -- jobs ----------------------------------------------------------------------------------------

JOBS: dict[str, tuple[str, Callable[[Renderer], Any]]] = {
    "components": ("mapping", lambda renderer: renderer.components(FULL, "mapped")),
    "inspect": (
        "mapping",
        lambda renderer: Inspector().look(renderer, FULL, Choice(), lambda: False),
    ),
    "embedding": ("text", lambda renderer: renderer.embedding(FULL)),
}


@pytest.fixture
def thread() -> Iterator[RenderThread]:
    thread = RenderThread("cpu", load=CountingLoader())
    thread.start()
    yield thread
    assert thread.stop(WAIT_S)


@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize(
    ("error", "expected"),
    [(OUT_OF_MEMORY[0], NoMemoryError), (KeyError("oops"), KeyError)],
    ids=["memory", "mistake"],
)
def test_a_job_that_fails_is_answered_and_done_the_next_time(
    name: str,
    error: Exception,
    expected: type[Exception],
    sabotage: Sabotage,
    thread: RenderThread,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, work = JOBS[name]
    if name == "components":
        monkeypatch.setattr(
            "renderer.pipeline.components.ComponentStore.mapped", raising_once(error)
        )
    else:
        sabotage(stage, error)
    with pytest.raises(expected) as caught:
        thread.run(work, name).result(WAIT_S)
    assert is_sentence(str(caught.value).strip("'").capitalize())
    assert thread.run(work, name).result(WAIT_S) is not None


def raising_once(error: Exception) -> Callable[..., Any]:
    """In place of `ComponentStore.mapped`: fails, then does what it does."""
    from renderer.pipeline.components import ComponentStore

    works, left = ComponentStore.mapped, [error]

    def mapped(store: ComponentStore, run: Run) -> Any:
        if left:
            raise left.pop()
        return works(store, run)

    return mapped


def test_a_job_on_a_lost_device_is_told(sabotage: Sabotage) -> None:
    thread = RenderThread(card(lost=True), load=CountingLoader())
    thread.start()
    sabotage("text", RuntimeError(LOST))
    with pytest.raises(LostDeviceError, match="Card has stopped"):
        thread.run(lambda renderer: renderer.embedding(FULL), "Reading").result(WAIT_S)
    assert thread.stop(WAIT_S)


# -- the thread ----------------------------------------------------------------------------------


def next_frame(thread: RenderThread, wanted: Recipe) -> Frame:
    thread.submit(wanted)
    end = time.monotonic() + WAIT_S
    while (frame := thread.take()) is None or frame.recipe != wanted:
        assert time.monotonic() < end, "no frame came"
        time.sleep(0.002)
    return frame


def test_nothing_that_goes_wrong_ends_the_thread(
    thread: RenderThread, sabotage: Sabotage, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels(next_frame(thread, recipe()))

    def broken(*_: object) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(render_thread, "shrunk", broken)
        wish = Wish(recipe(seed=1), 8)
        thread.wish([wish])
        while not (granted := thread.take_granted()):
            time.sleep(0.002)
    assert (granted[0].wish, granted[0].pixels) == (wish, None)
    with monkeypatch.context() as patch:
        patch.setattr(Renderer, "_failed", broken)
        sabotage("picture", KeyError("oops"))
        error = next_frame(thread, recipe(seed=2)).error
    assert error == "This picture could not be rendered: OutOfMemoryError: CUDA out of memory"
    pixels(next_frame(thread, recipe(seed=3)))


def test_a_thread_that_cannot_begin_answers_jobs_and_says_that_it_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(device: Device) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(Device, "prepare", broken)
    thread = RenderThread("cpu", load=CountingLoader())
    early = thread.run(lambda renderer: None, "Early")
    thread.start()
    with pytest.raises(PictureError, match="has stopped"):
        early.result(WAIT_S)
    assert thread.stop(WAIT_S)
    assert thread.status.kind == "stopped"
    with pytest.raises(PictureError, match="has stopped"):
        thread.run(lambda renderer: None, "Late").result(WAIT_S)


class Hang:
    """A model that hangs in its synthesis until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()
        self.loader = CountingLoader()
        self.loader.make = self._model
        self.thread = RenderThread("cpu", load=self.loader)
        self.thread.start()

    def _model(self, name: str) -> Any:
        from tests.renderer.fakes import tiny_model

        model = tiny_model()
        encode = model.encode_text

        def hang(prompts: list[str]) -> torch.Tensor:
            self.begun.set()
            assert self.let_go.wait(WAIT_S)
            return encode(prompts)

        model.encode_text = hang
        return model


def test_a_thread_that_hangs_gives_no_sign_of_life_and_one_that_rests_is_not_quiet() -> None:
    hang = Hang()
    assert hang.thread.quiet_s == 0.0
    hang.thread.submit(recipe())
    assert hang.begun.wait(WAIT_S)
    early = hang.thread.quiet_s
    time.sleep(0.03)
    assert hang.thread.quiet_s >= early + 0.03
    hang.let_go.set()
    while hang.thread.quiet_s:
        time.sleep(0.002)
    assert hang.thread.stop(WAIT_S)


def test_slow_work_that_gets_on_is_not_quiet() -> None:
    loader = CountingLoader(block_s=0.05)
    thread = RenderThread("cpu", load=loader)
    thread.start()
    thread.submit(recipe())
    longest = 0.0
    while thread.take() is None:
        longest = max(longest, thread.quiet_s)
        time.sleep(0.001)
    assert longest > 0.0
    assert thread.stop(WAIT_S)


def test_a_thread_that_is_left_answers_whoever_waits_and_ends_when_it_comes_to_itself() -> None:
    hang = Hang()
    running = hang.thread.run(lambda renderer: renderer.render(recipe()), "Running")
    waiting = hang.thread.run(lambda renderer: None, "Waiting")
    assert hang.begun.wait(WAIT_S)
    hang.thread.leave("It was restarted.")
    for future in (running, waiting):
        with pytest.raises(PictureError, match=r"It was restarted\."):
            future.result(0)
    hang.thread.submit(recipe(seed=1))
    hang.let_go.set()
    assert hang.thread.stop(WAIT_S)
    assert hang.thread.take() is None
