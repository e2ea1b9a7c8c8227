"""Text towers by name or from a file: `open_tower` is the one call.

A tower is named by a *spec*, a line that a person can type and a recipe can hold:

* `open_clip:ViT-L-14/openai`: an architecture of open_clip and the tag of its weights;
* `/path/to/open_clip_model.safetensors`: a file with a CLIP as open_clip writes it, also a
  `.bin`, `.pt` or `.pth` with a state dict.  What no tensor shows may follow a question mark, as
  in `clip.pt?quick_gelu` or `clip.pt?gelu&heads=8`.

Without such a word a file has GELU for its activation, unless its name, or the repository that it
was downloaded from, says "openai" or "quickgelu"; and heads that are 64 wide.

Nothing here reaches for the network unless `download=True` says so.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylegan_t.clip_tower import ClipTower, clip_tower_from_state
from stylegan_t.hub_files import (
    HUB,
    FetchError,
    HubPlace,
    Progress,
    cached_file,
    fetch_file,
    hub_place,
)
from stylegan_t.open_clip_import import import_open_clip
from stylegan_t.text import TextTower, TowerError
from stylegan_t.tower_files import TorchScriptError, read_text_state

__all__ = ["TowerError", "known_towers", "open_tower", "tower_label"]

SCHEME = "open_clip:"
USUAL = ("ViT-L-14", "openai")
"""The tower that StyleGAN-T was trained with."""

_QUICK_GELU = re.compile(r"openai|quick[-_]?gelu", re.IGNORECASE)
_PLAIN_TEXT = {"context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio"}
"""What the text half of an architecture may say of itself; all else makes it no plain CLIP."""


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
    if spec.startswith(SCHEME):
        return _open_named(_named(spec), download, progress)
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


def tower_label(spec: str) -> str:
    """What to call a tower in a few words: "ViT-L-14 (openai)", or the name of a file.

    Any text is fine; it is not checked whether the tower exists.
    """
    if spec.startswith(SCHEME):
        architecture, _, tag = spec.removeprefix(SCHEME).partition("/")
        return f"{architecture} ({tag})" if tag else architecture
    return Path(_split_options(spec)[0]).name or spec


@dataclass(frozen=True)
class _Named:
    """A tower of open_clip: its name for people, what is known of it, and where its file is."""

    label: str
    config: dict[str, Any]
    quick_gelu: bool
    place: HubPlace

    @property
    def by_hand(self) -> str:
        """What a person does without this tool's help."""
        behind = " with ?quick_gelu behind its name" if self.quick_gelu else ""
        return f"{self.place.by_hand} and open it as the text tower{behind}"


def _named(spec: str) -> _Named:
    """Look a tower up in open_clip's own lists."""
    open_clip = import_open_clip()
    architecture, _, tag = spec.removeprefix(SCHEME).partition("/")
    # Only names of its list: it reads others ("hf-hub:...") as places in the network.
    known = architecture in open_clip.list_models()
    config = open_clip.get_model_config(architecture) if known else None
    if config is None:
        raise TowerError(
            f"open_clip knows no architecture {architecture!r}; a name looks like "
            f"{SCHEME}{'/'.join(USUAL)}."
        )
    reason = _why_not_plain(config)
    if reason:
        raise TowerError(f"{architecture} cannot be a text tower here, because {reason}.")
    weights = open_clip.get_pretrained_cfg(architecture, tag)
    if not weights:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(architecture)) or "none"
        raise TowerError(f"open_clip has no weights {tag!r} for {architecture}; it has: {tags}.")
    place = hub_place(weights.get("hf_hub", ""))
    if place is None:
        raise TowerError(
            f"This version of open_clip knows no Hugging Face repository for "
            f"{tower_label(spec)}; python -m pip install -U open_clip_torch gets one that may."
        )
    quick_gelu = config.get("quick_gelu", False) or weights.get(
        "quick_gelu", tag.lower() == "openai"
    )
    return _Named(tower_label(spec), config, quick_gelu, place)


def _why_not_plain(config: dict[str, Any]) -> str | None:
    """Why an architecture's text half is not CLIP's own, as half a sentence; None when it is."""
    text = config.get("text_cfg", {})
    if "hf_model_name" in text or "hf_tokenizer_name" in text:
        return "it reads text with another vocabulary than CLIP's"
    more = sorted(key for key in text.keys() - _PLAIN_TEXT if text[key])
    if more or "multimodal_cfg" in config:
        return f"its text half is no plain CLIP ({', '.join(more) or 'multimodal_cfg'})"
    return None


def _open_named(tower: _Named, download: bool, progress: Progress | None) -> ClipTower:
    file = cached_file(tower.place)
    if file is None and not download:
        raise TowerError(
            f"{tower.label} is not on this machine; have it downloaded, or {tower.by_hand}."
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
        raise TowerError(f"{file} has other sizes than {tower.label}; delete it to fetch it anew.")
    return opened


def _fetched(tower: _Named, progress: Progress | None) -> Path:
    try:
        return fetch_file(tower.place, progress)
    except FetchError as error:
        raise TowerError(
            f"{tower.label} could not be downloaded; look after the connection to {HUB}, "
            f"or {tower.by_hand}."
        ) from error


def _open_file(spec: str) -> ClipTower:
    place, options = _split_options(spec)
    file = Path(os.path.expanduser(place))
    quick_gelu, heads = _options(options, file)
    if not place or (not os.path.exists(file) and file.suffix == ""):
        raise TowerError(
            f"{spec[:100]!r} is neither a file nor a name such as {SCHEME}{'/'.join(USUAL)}."
        )
    try:
        state = read_text_state(file)
    except TorchScriptError as error:
        raise _instead_of_torchscript(file, error) from error
    return clip_tower_from_state(state, heads=heads, quick_gelu=quick_gelu, name=file.name)


def _split_options(spec: str) -> tuple[str, str]:
    """A file's path and what follows the question mark; a file may have one in its own name."""
    place, mark, options = spec.rpartition("?")
    whole = not mark or os.path.exists(os.path.expanduser(spec))
    return (spec, "") if whole else (place, options)


def _options(options: str, file: Path) -> tuple[bool, int | None]:
    """Activation and heads of a file, from the words behind its name, else from the name."""
    places = [file.name, *(part for part in file.parts if part.startswith("models--"))]
    quick_gelu = any(_QUICK_GELU.search(place) for place in places)
    heads = None
    for word in filter(None, options.split("&")):
        if word in ("quick_gelu", "gelu"):
            quick_gelu = word == "quick_gelu"
        elif found := re.fullmatch(r"heads=([1-9][0-9]{0,3})", word, re.ASCII):
            heads = int(found[1])
        else:
            raise TowerError(
                f"{word!r} says nothing about a text tower; "
                "known are quick_gelu, gelu and heads=N, joined by &."
            )
    return quick_gelu, heads


def _instead_of_torchscript(file: Path, error: TorchScriptError) -> TowerError:
    """Where the same model is to be had as plain weights, for archives that open_clip knows."""
    open_clip = import_open_clip()
    for architecture, tag in open_clip.list_pretrained():
        weights = open_clip.get_pretrained_cfg(architecture, tag)
        place = hub_place(weights.get("hf_hub", ""))
        if place and weights.get("url", "").rpartition("/")[2] == file.name:
            return TowerError(
                f"{file.name} is a TorchScript archive, a program that is not run here; take "
                f"{SCHEME}{architecture}/{tag} instead, or {place.by_hand} and open that "
                "as the text tower with ?quick_gelu behind its name."
            )
    return error
