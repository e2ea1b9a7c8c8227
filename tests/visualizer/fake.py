"""A render thread without a renderer: it answers at once, on the caller's turn."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from renderer.errors import Abandoned, Fault
from renderer.frame.dropped import Counts
from renderer.frame.frame import Frame, ModelInfo, TokenCount
from renderer.frame.preview import Granted, Wish
from renderer.pipeline.futures import settle_as
from renderer.recipe.identity import Needs, needs
from renderer.recipe.recipe import Move, Recipe, Vector
from visualizer.services.render_port import Renderers

TOKEN_LIMIT = 77
UNTAUGHT = {"sofa": ("couch",), "cat": (), "日本": ()}
"""Words that its model does not know, and the nearest that it does."""
MODEL = ModelInfo(
    path="demo",
    sha256="0" * 64,
    name="Little landscapes",
    description="Small captioned landscapes: a sky, a ground, one object, in six styles.",
    resolution=64,
    z_dim=64,
    latent_dim=64,
    c_dim=128,
    num_ws=12,
    blocks=(8, 16, 32, 64),
    rows_of_block=((0, 3), (3, 6), (6, 9), (9, 12)),
    parameters=4_300_000,
    text_tower="a small CLIP",
    example_prompts=(
        "a red house at sunset",
        "a tree in the snow, watercolor",
        "a boat on the sea at night",
        "a small tent in the desert, pixel art",
        "mountains under the moon, neon",
    ),
    vocabulary=(
        ("time", ("at dawn", "at noon", "at sunset", "at night")),
        ("style", ("flat", "watercolor", "pixel art", "pencil", "oil", "neon")),
    ),
)


class FakeImage:
    """Stands for a tensor in main memory: only what the window asks of one."""

    is_cuda = False

    def __init__(self, pixels: np.ndarray) -> None:
        self._pixels, self.shape = pixels, pixels.shape

    def cpu(self) -> FakeImage:
        """Itself: it is in main memory."""
        return self

    def numpy(self) -> np.ndarray:
        """uint8 [H, W, 3]."""
        return self._pixels


@dataclass(frozen=True)
class FakeStatus:
    """What the thread says of itself."""

    kind: str = "idle"
    text: str = "Ready"
    share: float | None = None


@dataclass(eq=False)
class FakeThread:
    """Behaves like `renderer.pipeline.render_thread.RenderThread` as far as the window can tell."""

    model: ModelInfo | None = MODEL
    status: FakeStatus = field(default_factory=FakeStatus)
    error: str | None = None
    fault: Fault = ""
    device_name: str = "CPU, 1 thread"
    device_kind: str = "cpu"
    quiet_s: float = 0.0
    restarts: list[str] = field(default_factory=list)
    picture: np.ndarray | None = None
    answers: bool = True
    submitted: list[Recipe] = field(default_factory=list)
    forgot: int = 0
    ahead: list[str] = field(default_factory=list)
    towers: list[str] = field(default_factory=list)
    looked_at: list[tuple[str, int]] = field(default_factory=list)
    wished: list[Wish] = field(default_factory=list)
    started: bool = False
    stopped: bool = False
    counts: Counts = field(default_factory=Counts)
    previews_waiting: int = 0
    time_blocks: bool = False
    kind: str = "fake"
    _frame: Frame | None = None

    def start(self) -> None:
        """Start."""
        self.started = True

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Stop."""
        self.stopped = True
        return True

    def leave(self, why: str) -> None:
        """Nobody waits here."""

    def restart(self, device: str = "") -> None:
        """As another thread takes its place: it answers again, there."""
        self.restarts.append(device)
        self.device_kind, self.quiet_s = device or self.device_kind, 0.0
        self.error, self.answers = None, True

    def submit(self, recipe: Recipe) -> None:
        """Answer with a picture whose colour follows the recipe, or with the error."""
        self.submitted.append(recipe)
        if self.answers:
            self._frame = self.answer(recipe)

    def answer(self, recipe: Recipe) -> Frame:
        """The frame of `recipe`."""
        image = None if self.error else cast(Any, FakeImage(self._pixels(recipe)))
        return Frame(
            recipe=recipe,
            model=self.model,
            image=image,
            error=self.error,
            fault=self.fault if self.error else "",
            stage_ms=(("text", 1.8), ("mapping", 0.9), ("synthesis", 18.6), ("picture", 0.4)),
            block_ms=((8, 0.0), (16, 0.0), (32, 7.4), (64, 11.2)),
            tokens=tuple(count(prompt.text) for prompt in recipe.text.prompts),
            serial=len(self.submitted),
            unknown=tuple(UNTAUGHT.items()),
        )

    def render(self, recipe: Recipe, abandon: Callable[[], bool] | None = None) -> Frame:
        """As the renderer makes a picture for a job; it is given up as the renderer does."""
        if abandon is not None and abandon():
            raise Abandoned
        return self.answer(recipe)

    def take(self) -> Frame | None:
        """The newest frame, once."""
        frame, self._frame = self._frame, None
        return frame

    def wish(self, wishes: Sequence[Wish]) -> None:
        """Take wishes; each is granted when it is asked for."""
        self.wished = list(wishes)

    def take_granted(self) -> list[Granted]:
        """A picture for each wish."""
        wishes, self.wished = self.wished, []
        if self.model is None or self.error or not self.answers:
            return [Granted(wish, None) for wish in wishes]
        return [
            Granted(wish, self._pixels(wish.recipe)[: wish.size_px, : wish.size_px])
            for wish in wishes
        ]

    @property
    def workers(self) -> tuple[int, int]:
        """None."""
        return 0, 0

    @property
    def width(self) -> int:
        """One, as of a render thread."""
        return 1

    @property
    def current(self) -> Needs | None:
        """What the newest recipe needs."""
        return needs(self.submitted[-1]) if self.submitted else None

    def draw(self, recipe: Recipe, label: str) -> Future[Frame]:
        """Draw for an export, as other work."""
        future: Future[Frame] = Future()
        done = self.run(lambda renderer: renderer.render(recipe, future.cancelled), label)
        done.add_done_callback(lambda one: settle_as(future, one))
        return future

    def take_notes(self) -> list[str]:
        """Nothing."""
        return []

    @property
    def device(self) -> FakeThread:
        """Where the renderer draws; nothing can be measured there."""
        return self

    def run(self, work: Callable[[Any], Any], label: str) -> Future[Any]:
        """Do `work` at once; the renderer that it gets is this object."""
        future: Future[Any] = Future()
        future.set_result(work(self))
        return future

    def load_ahead(self, recipe: Recipe, paths: Sequence[str], abandon: Any) -> None:
        """As the renderer loads what may come next."""
        self.ahead += paths

    def look_again(self) -> None:
        """As the renderer does before a new try."""
        self.forgot += 1

    def keep_tower(self, spec: str, tower: Any) -> None:
        """As the renderer takes a text tower."""
        self.towers.append(spec)

    def components(self, recipe: Recipe, space: str, row: int) -> tuple[float, ...]:
        """Shares of eight components; twice as many for the mapped latent."""
        self.looked_at.append((space, row))
        count = 16 if space == "mapped" else 8
        return tuple(2.0 ** -(i + 1) for i in range(count))

    def direction(self, recipe: Recipe, move: Move) -> Vector:
        """As the renderer writes a direction out."""
        return move.vector or Vector(1, bytes(4 * 63) + b"\0\0\x80?")

    def _pixels(self, recipe: Recipe) -> np.ndarray:
        if self.picture is not None:
            return self.picture
        side = self.model.resolution if self.model else 64
        colour = hash(recipe) & 0xFFFFFF
        pixels = np.zeros((side, side, 3), np.uint8)
        pixels[:] = (colour >> 16, (colour >> 8) & 255, colour & 255)
        return pixels


def renderers_with(thread: FakeThread | Renderers) -> Renderers:
    """The renderers of a window with `thread` alone, which is told of a restart."""
    if isinstance(thread, Renderers):
        return thread

    def make(device: str) -> FakeThread:
        if getattr(thread, "started", False):
            thread.restart(device)
        return thread

    return Renderers(make, "")


class SlowThread(FakeThread):
    """Does jobs only as far as it is let, one at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Semaphore(0)
        self.asked = 0

    def run(self, work: Callable[[Any], Any], label: str) -> Future[Any]:
        """Do `work` on a thread of its own, in its turn."""
        future: Future[Any] = Future()
        self.asked += 1

        def main() -> None:
            self.let.acquire()
            try:
                future.set_result(work(self))
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=main, daemon=True).start()
        return future


def count(prompt: str) -> TokenCount:
    """One token a word, and two for the ends."""
    words = prompt.split()
    used = len(words) + 2
    if used <= TOKEN_LIMIT:
        return TokenCount(used, TOKEN_LIMIT, None)
    kept = " ".join(words[: TOKEN_LIMIT - 2])
    return TokenCount(TOKEN_LIMIT, TOKEN_LIMIT, len(kept))
