"""Text towers by name or from a file: `open_tower` is the one call.

A tower is named by a *spec* (`stylegan_t.encoders.clip_specs`): a CLIP of open_clip, or the path of
a file with a CLIP as open_clip writes it (`.safetensors`, or a `.bin`, `.pt` or `.pth` with a state
dict).

Nothing here reaches for the network unless `download=True` says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stylegan_t.config import OPEN_CLIP
from stylegan_t.encoders.clip_specs import (
    EXAMPLE,
    USUAL,
    Listed,
    file_spec,
    look_up,
    tower_label,
)
from stylegan_t.encoders.clip_tower import ClipTower, clip_tower_from_state
from stylegan_t.encoders.hub_files import (
    HUB,
    FetchError,
    cached_file,
    fetch_file,
    hub_place,
)
from stylegan_t.encoders.open_clip_import import import_open_clip
from stylegan_t.encoders.text import TextTower, TowerError
from stylegan_t.encoders.tower_files import TorchScriptError, read_text_state
from stylegan_t.progress import Progress

__all__ = ["TowerError", "known_towers", "open_tower", "tower_label"]

_PLAIN_TEXT = {"context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio"}
"""Fields that the text half of an architecture may have; all else makes it no plain CLIP."""


def open_tower(spec: str, *, download: bool = False, progress: Progress | None = None) -> TextTower:
    """Open a text tower.

    Args:
        spec: which one; see the top of this file.
        download: whether a named tower that is not on this machine may be fetched from Hugging
            Face.  The whole CLIP comes, 0.6 to 10 GB, and stays in Hugging Face's usual cache.
        progress: told how far a download is, from 0 to 1; it may raise to cancel.

    Returns:
        The tower in evaluation mode, float32, gradients off, in main memory.  Only the text half
        of the file is read.

    Raises:
        TowerError: whatever the spec says, when it leads to no tower that can be used.
    """
    if spec.startswith(OPEN_CLIP):
        return _open_named(look_up(spec, _why_not), download, progress)
    return _open_file(spec)


def known_towers() -> tuple[tuple[str, str], ...]:
    """Architecture and tag of every tower that `open_tower` can fetch, the usual one first.

    The first call imports open_clip, which takes a second or more.

    Raises:
        TowerError: open_clip is not installed or does not start.
    """
    open_clip = import_open_clip()
    plain: dict[str, bool] = {}
    found = []
    for architecture, tag in open_clip.list_pretrained():
        if architecture not in plain:
            config = open_clip.get_model_config(architecture)
            plain[architecture] = config is not None and _why_not_plain(config) is None
        repository = open_clip.get_pretrained_cfg(architecture, tag).get("hf_hub")
        # The names that end so are the same weights once more.
        if plain[architecture] and repository and not architecture.endswith("-quickgelu"):
            found.append((architecture, tag))
    return tuple(sorted(found, key=lambda tower: tower != USUAL))


def _by_hand(tower: Listed) -> str:
    """Return what a person does without this tool's help."""
    behind = " with ?quick_gelu after its name" if tower.quick_gelu else ""
    return f"{tower.place.by_hand} and open it as the text tower{behind}"


def _why_not(architecture: str, config: dict[str, Any]) -> str | None:
    reason = _why_not_plain(config)
    return f"{architecture} cannot be a text tower here, because {reason}." if reason else None


def _why_not_plain(config: dict[str, Any]) -> str | None:
    """Return why an architecture's text half is not CLIP's own, as half a sentence; None when it
    is."""
    text = config.get("text_cfg", {})
    if "hf_model_name" in text or "hf_tokenizer_name" in text:
        return "it reads text with another vocabulary than CLIP's"
    more = sorted(key for key in text.keys() - _PLAIN_TEXT if text[key])
    if more or "multimodal_cfg" in config:
        return f"its text half is not a plain CLIP ({', '.join(more) or 'multimodal_cfg'})"
    return None


def _open_named(tower: Listed, download: bool, progress: Progress | None) -> ClipTower:
    file = cached_file(tower.place)
    if file is None and not download:
        raise TowerError(
            f"{tower.label} is not on this computer; have it downloaded, or {_by_hand(tower)}."
        )
    if file is None:
        file = _fetched(tower, progress)
    text = tower.config["text_cfg"]
    opened = clip_tower_from_state(
        read_text_state(file),
        heads=text["heads"],
        quick_gelu=tower.quick_gelu,
        name=tower.label,
    )
    sizes = opened.config
    promised = (tower.config["embed_dim"], text["width"], text["layers"])
    if (sizes.c_dim, sizes.width, sizes.layers) != promised:
        raise TowerError(
            f"{file} has other sizes than {tower.label}; delete it to download it again."
        )
    return opened


def _fetched(tower: Listed, progress: Progress | None) -> Path:
    try:
        return fetch_file(tower.place, progress)
    except FetchError as error:
        raise TowerError(
            f"{tower.label} could not be downloaded; check the connection to {HUB}, or "
            f"{_by_hand(tower)}."
        ) from error


def _open_file(spec: str) -> ClipTower:
    named = file_spec(spec, f"neither a file nor a name such as {EXAMPLE}")
    try:
        state = read_text_state(named.file)
    except TorchScriptError as error:
        raise _instead_of_torchscript(named.file, error) from error
    return clip_tower_from_state(
        state, heads=named.heads, quick_gelu=named.quick_gelu, name=named.file.name
    )


def _instead_of_torchscript(file: Path, error: TorchScriptError) -> TowerError:
    """Return the error that says where the same model is to be had as plain weights, for archives
    that open_clip knows; else `error`."""
    open_clip = import_open_clip()
    for architecture, tag in open_clip.list_pretrained():
        weights = open_clip.get_pretrained_cfg(architecture, tag)
        place = hub_place(weights.get("hf_hub", ""))
        if place and weights.get("url", "").rpartition("/")[2] == file.name:
            return TowerError(
                f"{file.name} is a TorchScript archive, a program that is not run here; use "
                f"{OPEN_CLIP}{architecture}/{tag} instead, or {place.by_hand} and open that as the "
                "text tower with ?quick_gelu after its name."
            )
    return error
