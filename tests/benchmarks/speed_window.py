"""How fast the real window is: from the hand to the picture, and the way into the texture.

A scripted hand drags psi at the pace of a mouse; what is shown is followed picture by picture.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from imgui_bundle import imgui

import stylegan_t
from renderer.frame.frame import Frame
from renderer.recipe.recipe import Recipe
from stylegan_t.config import lite
from stylegan_t.demo.built_in import is_built_in
from tests.benchmarks import ui
from tests.benchmarks.random_models import random_generator
from tests.benchmarks.tables import Table, number, spread
from visualizer.app.app import App
from visualizer.window import frame_pacing
from widgets.controls.slider import Slider

MOUSE_S = 1 / 125
"""A mouse tells of its movements this often."""
SWEEP_S = 3.0
"""One way to and fro."""
PATIENCE_S = 120.0
SIDES = (128, 256, 512)
TRACKS: dict[str, tuple[float, float, float, float]] = {}
"""Where each slider was drawn last (left, top, right, bottom), by its label."""


@dataclass
class Seen:
    """What a drag gave.  Times are in milliseconds.

    `wanted` are (psi, when the hand went there), in order; `first` is how old the movement was that
    a picture answers, when the picture was presented, and `final` the same of the last picture of
    that movement, where a coarse one came before.  `stale` counts pictures of an older recipe than
    the one shown before; `last` is the movement that was answered last.  `rest_ms` is from the last
    movement to its picture.
    """

    wanted: list[tuple[float, float]] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    final: list[float] = field(default_factory=list)
    redraws: list[float] = field(default_factory=list)
    stale: int = 0
    rest_ms: float = 0.0
    last: int = -1


def measured(seconds: float, model: str) -> list[Table]:
    """Drag in a window with `model`: a built-in one, or "lite-256", with random weights and no
    text."""
    _note_tracks()
    with TemporaryDirectory(prefix="stylegan-t-bench-") as folder:
        path = model if is_built_in(model) else _written(Path(folder))
        app = ui.opened(path, Path(folder))
        try:
            return [_window(app, model, seconds), *([_transport(app)] if model == "demo" else [])]
        finally:
            app.close()


def _written(folder: Path) -> str:
    path = folder / "lite-256.safetensors"
    stylegan_t.save(random_generator(lite(256, c_dim=0)), path)
    return str(path)


def _note_tracks() -> None:
    """Have every slider remember where it is drawn."""
    control = Slider.control

    @wraps(control)
    def noted(self: Slider, *arguments: Any, **options: Any) -> float:
        value = control(self, *arguments, **options)
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        TRACKS[self.label] = (low.x, low.y, high.x, high.y)
        return value

    Slider.control = noted


def _window(app: App, model: str, seconds: float) -> Table:
    rows: list[tuple[str, ...]] = []
    if is_built_in(model):
        rows.append(("key press to its picture", *spread(ui.key_to_picture(app))))
    seen = drag(app, seconds)
    rows.append(("drag to its picture", *spread(seen.first)))
    if seen.final != seen.first:
        rows.append(("drag to its finest picture", *spread(seen.final)))
    rows.append(("hand at rest to its picture", number(seen.rest_ms), "", "1"))
    rows.append(("redraw while rendering", *spread(seen.redraws)))
    for name, figure in (
        ("pictures a second", len(seen.first) / seconds),
        ("redraws a second", len(seen.redraws) / seconds),
        ("pictures older than the one before", seen.stale),
        ("most memory so far, MB", ui.peak_megabytes()),
    ):
        rows.append((name, number(figure), "", ""))
    if torch.cuda.is_available():
        megabytes = torch.cuda.max_memory_allocated() / 1e6
        rows.append(("most memory on the graphics card, MB", number(megabytes), "", ""))
    note = (
        f"psi dragged to and fro for {seconds:.0f} s, 125 movements a second; "
        f"{app.thread.device_name}, OpenGL by {_renderer()}."
    )
    return Table(
        f"{model}, in the window", ("", "median ms", "p99 ms", "samples"), tuple(rows), note
    )


def _renderer() -> str:
    from visualizer.window.gl import GL

    name = GL.glGetString(GL.GL_RENDERER)
    return name.decode(errors="replace").partition(" (")[0] if isinstance(name, bytes) else ""


class Hand:
    """A hand on psi's slider, that moves at a steady pace between two ends of the track."""

    def __init__(self, app: App) -> None:
        left, top, right, bottom = TRACKS["Psi"]
        self._app = app
        self._start, self._reach = left + (right - left) * 0.05, (right - left) * 0.9
        self._y = (top + bottom) / 2
        self._begin_s = 0.0
        self.sent_s = 0.0
        """When the mouse told of the movement that the window has seen last."""

    def press(self, down: bool) -> None:
        """One frame to come there, and one in which the button goes down or up."""
        io = imgui.get_io()

        def button() -> None:
            io.add_mouse_button_event(0, down)

        self._begin_s = time.perf_counter()
        for step in (self._move, button):
            self._app.window.inject = step
            self._app.window.events += 1
            self._app.frame()
        self._app.window.inject = self._move if down else None

    def _move(self) -> None:
        """What the mouse has told since the last frame: the newest counts."""
        passed_s = math.floor((time.perf_counter() - self._begin_s) / MOUSE_S) * MOUSE_S
        self.sent_s = self._begin_s + passed_s
        share = 1 - abs(passed_s / SWEEP_S * 2 % 2 - 1)
        imgui.get_io().add_mouse_pos_event(self._start + self._reach * share, self._y)


def drag(app: App, seconds: float) -> Seen:
    """Drag psi to and fro, and follow what is shown."""
    seen, hand, shown = Seen(), Hand(app), list[Frame]()
    show = app._texture.show

    def listen(frame: Frame) -> None:
        shown.append(frame)  # the coarse pictures, too, which the session does not keep
        show(frame)

    app._texture.show = listen
    seen.wanted.append((app.session.recipe.psi, time.perf_counter()))
    hand.press(True)
    seen.wanted.append((app.session.recipe.psi, hand.sent_s))
    end_s = time.perf_counter() + seconds
    while time.perf_counter() < end_s:
        seen.redraws.append(_turn(app))
        for frame in shown:
            follow(seen, frame, time.perf_counter())
        shown.clear()
        psi = app.session.recipe.psi
        if seen.wanted[-1][0] != psi:
            seen.wanted.append((psi, hand.sent_s))
    app._texture.show = show
    hand.press(False)
    while _psi(app.session.frame) != app.session.recipe.psi:
        _turn(app)
        assert time.perf_counter() < end_s + PATIENCE_S, "the last picture does not come"
    seen.rest_ms = (time.perf_counter() - hand.sent_s) * 1e3
    return seen


def _psi(frame: Frame | None) -> float | None:
    return None if frame is None else frame.recipe.psi


def _turn(app: App) -> float:
    """One turn of the loop, as the program does it; returns the milliseconds of work in it."""
    app.window.events += 1
    frame_pacing.wait(app._pacer, app._clock, app._noticed, busy=app._busy)
    begin_s = time.perf_counter()
    app.frame(wait=False)
    return (time.perf_counter() - begin_s) * 1e3


def follow(seen: Seen, frame: Frame, now_s: float) -> None:
    """Count a picture that was presented at `now_s`."""
    later = range(max(seen.last, 0), len(seen.wanted))
    at = next((i for i in later if seen.wanted[i][0] == frame.recipe.psi), None)
    if at is None:
        seen.stale += 1
        return
    age_ms = (now_s - seen.wanted[at][1]) * 1e3
    if at == seen.last:
        seen.final[-1] = age_ms
    else:
        seen.first.append(age_ms)
        seen.final.append(age_ms)
    seen.last = at


# -- transport ---------------------------------------------------------------------------------


def _transport(app: App) -> Table:
    """From the renderer's memory into the texture, until OpenGL has it."""
    from visualizer.window.gl import GL

    rows = []
    frame = app.session.frame
    device = torch.device("cpu") if frame is None or frame.image is None else frame.image.device
    for side in SIDES:
        pictures = [
            torch.randint(0, 256, (side, side, 3), dtype=torch.uint8, device=device)
            for _ in range(4)
        ]
        times = []
        for index in range(60):
            fresh = Frame(Recipe(), None, pictures[index % 4])  # its pixels were not fetched yet
            begin_s = time.perf_counter()
            app._texture.show(fresh)
            GL.glFinish()
            times.append((time.perf_counter() - begin_s) * 1e3)
        rows.append((f"{side} px", *spread(times)))
    head = ("", "median ms", "p99 ms", "samples")
    return Table("transport, picture to texture", head, tuple(rows), f"From {device}, glFinish.")
