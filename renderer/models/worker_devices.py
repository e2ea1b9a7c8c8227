"""The devices of the workers that share exports and previews with the first renderer."""

from __future__ import annotations

import re

from renderer.models.device import Device, DeviceError, choose, device_count

MAX_WORKERS = 16
"""Each is a process with PyTorch and models of its own in memory."""
AUTO, NONE = "auto", "none"
_NAME = re.compile(r"cpu|mps|cuda(:\d{1,3})?")


def worker_devices(wanted: str, first: Device) -> tuple[str, ...]:
    """Return the names of the workers' devices, see `renderer.models.device.choose`.

    Args:
        wanted: "auto" for the graphics cards beside the first, "none"; how many, on the cards in
            turn, or on processors where there is none; or names with commas between, a worker for
            each.
        first: where the picture of the window is drawn.

    Raises:
        DeviceError: that is none of these, they are too many, or there is no such device.
    """
    text = wanted.strip().lower()
    if text == NONE:
        return ()
    others = _other_cards(first)
    if text == AUTO:
        return others[:MAX_WORKERS]
    if text.isascii() and text.isdigit():
        count = int(text[:4])
        _bounded(count)
        cards = others or (_name(first),)
        return tuple(cards[at % len(cards)] for at in range(count))
    names = tuple(part.strip() for part in text.split(","))
    _bounded(len(names))
    for name in names:
        if not _NAME.fullmatch(name):
            raise DeviceError(
                f"Workers are auto, none, a number, or names such as cuda:1,cuda:2; not {wanted!r}."
            )
        choose(name)
    return names


def _bounded(count: int) -> None:
    if count > MAX_WORKERS:
        raise DeviceError(f"There can be at most {MAX_WORKERS} workers, not {count}.")


def _other_cards(first: Device) -> tuple[str, ...]:
    if first.kind != "cuda":
        return ()
    own = first.torch_device.index or 0
    return tuple(f"cuda:{index}" for index in range(device_count()) if index != own)


def _name(device: Device) -> str:
    index = device.torch_device.index
    return device.kind if index is None else f"{device.kind}:{index}"
