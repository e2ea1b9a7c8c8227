"""`stylegan-t doctor`: what this machine has, what is missing, and how to install it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from renderer.files.kinds import MODEL_SUFFIXES
from stylegan_t.checkpoints.public_files import PUBLIC_FILES
from stylegan_t.files.whole import require_room, why_not
from stylegan_t.terminal.console import say
from stylegan_t.terminal.installing import pip_install
from visualizer.services.dialogs import native_helper
from visualizer.session.state import HOME_VARIABLE, Folders, folders
from visualizer.sinks.kinds import kinds_here
from visualizer.sinks.libraries import load
from visualizer.sinks.sink import SinkError
from visualizer.window import fonts
from visualizer.window.display import WindowError, has_display
from visualizer.window.window import Window

if TYPE_CHECKING:
    import torch

Mark = Literal["ok", "note", "bad"]
MARKS: dict[Mark, tuple[str, str]] = {
    "ok": ("ok  ", "green"),
    "note": ("note", "yellow"),
    "bad": ("BAD ", "red"),
}
PACKAGES = (
    "torch",
    "imgui-bundle",
    "glfw",
    "PyOpenGL",
    "numpy",
    "msgspec",
    "safetensors",
    "pillow",
    "platformdirs",
    "open_clip_torch",
)
FONT_PACKAGES = {
    "Chinese": "fonts-noto-cjk",
    "Japanese": "fonts-noto-cjk",
    "Korean": "fonts-noto-cjk",
    "Emoji": "fonts-symbola",
}
"""Debian's packages of fonts; those of all other scripts are in `fonts-noto-core`."""


@dataclass(frozen=True)
class Finding:
    """One line of the report; `remedy` says what to do, or is empty."""

    mark: Mark
    text: str
    remedy: str = ""


@click.command(short_help="Report what is missing here, and how to install it.")
def doctor() -> None:
    """Report what this machine has, what is missing, and how to install it.

    The exit status is 0 when the window can open and 1 when it cannot.
    """
    window_opens = True
    for title, findings in (
        ("Program", packages()),
        ("Stage", stage()),
        ("Device", devices()),
        ("Window", window()),
        ("Fonts", scripts()),
        ("Models", models()),
        ("Output", outputs()),
        ("Files", own_files()),
    ):
        say((title, "bold"))
        for finding in findings:
            _print(finding)
            window_opens = window_opens and not (title == "Window" and finding.mark == "bad")
    click.echo()
    say(("The window can open." if window_opens else "The window cannot open.", "bold"))
    sys.exit(0 if window_opens else 1)


def packages() -> Iterator[Finding]:
    """Versions of Python and of the packages that the program needs."""
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    yield Finding("ok", f"Python {platform.python_version()} on {system}")
    for name in PACKAGES:
        try:
            yield Finding("ok", f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            yield Finding("bad", f"{name} is not installed", pip_install(name))


def stage() -> Iterator[Finding]:
    """Yield what controllers and audio inputs need."""
    for name, packages in (
        ("MIDI", ("mido", "python-rtmidi")),
        ("Audio", ("sounddevice",)),
        ("Ableton Link", ("LinkPython-extern",)),
    ):
        missing = [one for one in packages if not _installed(one)]
        if missing:
            yield Finding("note", f"{name} needs {' and '.join(missing)}.", pip_install(*missing))
        else:
            yield Finding("ok", f"{name}: {' and '.join(packages)}")


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _cards(count: int) -> str:
    """Say how many graphics cards there are, and what further ones do."""
    if count < 2:
        return "1 graphics card" if count else "No graphics card that PyTorch can use with CUDA"
    return (
        f"{count} graphics cards: the first draws the picture, all of them share previews, grids "
        "and videos (--workers)"
    )


def devices() -> Iterator[Finding]:
    """Yield the devices that PyTorch can compute on."""
    # PyTorch is slow to import, and may be what is broken
    import torch

    from renderer.models.device import DeviceError, choose, device_count

    try:
        device = choose("auto")
    except DeviceError as error:
        yield Finding("bad", str(error))
        return
    yield Finding("ok", f"Pictures are rendered on: {device.name}")
    if device.note:
        yield Finding("note", device.note)
    yield Finding("ok", _cards(device_count()))
    if device.kind == "cuda":
        yield _kernels(device.torch_device)
    if not torch.cuda.is_available() and torch.version.cuda is None and sys.platform != "darwin":
        yield Finding(
            "note",
            "This PyTorch has no CUDA.",
            "With an NVIDIA card, install a CUDA build: https://pytorch.org/get-started",
        )


def _kernels(device: torch.device) -> Finding:
    """Return whether the kernels that draw twice to three times as fast can be built."""
    # PyTorch is slow to import, and may be what is broken
    from stylegan_t.inference.fused_kernels import available

    if available(device):
        return Finding("ok", "Fused kernels: yes")
    return Finding(
        "note",
        "Fused kernels: none, so half precision runs at a third to half the speed",
        "They need Triton, which comes with PyTorch on Linux, and a C compiler: `apt install gcc`",
    )


def window() -> Iterator[Finding]:
    """Yield whether a window opens, found out by opening a hidden one."""
    if not has_display():
        yield Finding(
            "bad",
            "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set.",
            "Log in at a screen, or `apt install xvfb` and run `xvfb-run -a stylegan-t`; "
            "`stylegan-t render` needs no display.",
        )
        return
    if sys.platform.startswith("linux"):
        shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
        yield Finding("ok", f"Display {shown}")
    try:
        hidden = Window("doctor", (320, 240), visible=False)
    except WindowError as error:
        yield Finding("bad", str(error))
        return
    try:
        yield from _opengl(hidden)
    finally:
        hidden.close()


def _opengl(hidden: Window) -> Iterator[Finding]:
    # PyOpenGL: only once a window is there, see `visualizer.window.gl`
    from visualizer.window.gl import GL

    version = (GL.glGetString(GL.GL_VERSION) or b"unknown").decode(errors="replace")
    asked = hidden.gl_version
    yield Finding("ok", f"OpenGL {version} (asked for {asked.major}.{asked.minor})")
    if hidden.draws_in_software:
        yield Finding(
            "note",
            f"OpenGL runs without a graphics card: {hidden.renderer}",
            "That is enough for the window; your graphics card's driver would make it smoother.",
        )
    else:
        yield Finding("ok", f"Graphics card: {hidden.renderer}")


def scripts() -> Iterator[Finding]:
    """Yield the writing systems that can be shown in a prompt."""
    covered = fonts.coverage()
    there = [name for name in covered if covered[name]]
    whole = [name for name in there if name not in fonts.UNSHAPED]
    yield Finding("ok", f"Shown correctly: {', '.join(whole)}")
    for name in [name for name in there if name in fonts.UNSHAPED]:
        faulty = f"Hard to read: {name}, {fonts.UNSHAPED[name]}"
        yield Finding("note", f"{faulty}; the model still reads it as you type it")
    packages: dict[str, list[str]] = {}
    for name in [name for name, there in covered.items() if not there]:
        packages.setdefault(FONT_PACKAGES.get(name, "fonts-noto-core"), []).append(name)
    for package, names in packages.items():
        remedy = f"apt install {package}" if sys.platform.startswith("linux") else ""
        yield Finding(
            "note",
            f"Shown mostly as boxes, because there is no font for it: {', '.join(names)}",
            remedy,
        )


def models() -> Iterator[Finding]:
    """Yield the kinds of checkpoints that open, and public ones that should."""
    yield Finding(
        "ok",
        f"{', '.join(MODEL_SUFFIXES)} of StyleGAN-T, StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE",
    )
    for public in PUBLIC_FILES:
        yield Finding(
            "ok",
            f"{public.kind}, expected to open: {public.names} ({public.sides} px)",
            f"{public.page} ({public.licence})",
        )


def outputs() -> Iterator[Finding]:
    """Yield which other programs the window can send its picture to."""
    for kind in kinds_here():
        if kind.missing:
            yield Finding("note", f"{kind.title}: not installed", pip_install(kind.package))
            continue
        try:
            load(kind.module, kind.title)
        except SinkError as error:
            yield Finding("note", str(error))
        else:
            yield Finding("ok", f"{kind.title}: {kind.package}")


def own_files() -> Iterator[Finding]:
    """Yield what `files` says of this user's folders, if it is known where they are."""
    try:
        places = folders()
    except click.ClickException as error:
        yield Finding("bad", f"{HOME_VARIABLE} cannot be used: {error.message}")
        return
    yield from files(places)


def files(places: Folders) -> Iterator[Finding]:
    """File dialogs, and whether the program's folders can be written."""
    if helper := native_helper():
        yield Finding("ok", f"File dialogs: {helper}")
    else:
        yield Finding(
            "note",
            "File dialogs: the system has none, so the program uses its own",
            "apt install zenity",
        )
    for name, folder in (("Settings", places.state), ("Captures", places.captures)):
        problem = unwritable(folder)
        if problem:
            yield Finding("bad", f"{name} cannot be saved in {folder}: {problem}")
        else:
            yield Finding("ok", f"{name}: {folder}")


def unwritable(folder: Path) -> str:
    """Return why no file can be made in `folder`, or in the nearest folder above that exists; or
    ""."""
    try:
        require_room(folder)
    except OSError as error:
        return why_not(error)
    return ""


def _print(finding: Finding) -> None:
    text, tint = MARKS[finding.mark]
    say("  ", (text, tint), f"  {finding.text}")
    if finding.remedy:
        say(f"        {finding.remedy}")
