"""The name of a CLIP, in a line that a person can type and a recipe can hold.

* `open_clip:ViT-L-14/openai`: an architecture of open_clip and the tag of its weights;
* `/path/to/open_clip_model.safetensors`: a file.  What no tensor shows may follow a question mark,
  as in `clip.pt?quick_gelu` or `clip.pt?gelu&heads=8`.  Without such a word heads are 64 wide, and
  the activation is GELU unless the file's name, or the repository that it was downloaded from, says
  "openai" or "quickgelu".

The same names serve the text half (`stylegan_t.encoders.towers`) and the image half (`clip_image`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylegan_t.config import OPEN_CLIP
from stylegan_t.encoders.hub_files import HubPlace, hub_place
from stylegan_t.encoders.open_clip_import import import_open_clip
from stylegan_t.encoders.text import TowerError
from stylegan_t.terminal.installing import pip_install

USUAL = ("ViT-L-14", "openai")
"""The CLIP that StyleGAN-T was trained with."""
EXAMPLE = f"{OPEN_CLIP}{'/'.join(USUAL)}"
_QUICK_GELU = re.compile(r"openai|quick[-_]?gelu", re.IGNORECASE)


@dataclass(frozen=True)
class Listed:
    """A CLIP that open_clip lists: its name for people, what is known of it, where its file is.

    `config` is open_clip's of the architecture, `weights` what it knows of the published file.
    """

    label: str
    config: dict[str, Any]
    weights: dict[str, Any]
    quick_gelu: bool
    place: HubPlace


@dataclass(frozen=True)
class FileSpec:
    """A file, and what no tensor in it shows; heads are None when nothing was said of them."""

    file: Path
    heads: int | None
    quick_gelu: bool


def look_up(spec: str, why_not: Callable[[str, dict[str, Any]], str | None]) -> Listed:
    """Look a CLIP up in open_clip's own lists.

    Args:
        spec: begins with `OPEN_CLIP`.
        why_not: gets the architecture's name and config; a sentence when it cannot be used.

    Raises:
        TowerError: it is not there, or cannot be used.
    """
    open_clip = import_open_clip()
    architecture, _, tag = spec.removeprefix(OPEN_CLIP).partition("/")
    # Only names of its list: it reads others ("hf-hub:...") as places in the network.
    known = spec.startswith(OPEN_CLIP) and architecture in open_clip.list_models()
    config = open_clip.get_model_config(architecture) if known else None
    if config is None:
        raise TowerError(
            f"open_clip knows no architecture {architecture[:100]!r}; a name looks like {EXAMPLE}."
        )
    reason = why_not(architecture, config)
    if reason:
        raise TowerError(reason)
    weights = open_clip.get_pretrained_cfg(architecture, tag)
    if not weights:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(architecture)) or "none"
        raise TowerError(
            f"open_clip has no weights {tag[:100]!r} for {architecture}; it has: {tags}."
        )
    place = hub_place(weights.get("hf_hub", ""))
    if place is None:
        raise TowerError(
            f"This version of open_clip knows no Hugging Face repository for "
            f"{tower_label(spec)}; {pip_install('-U', 'open_clip_torch')} gets one that may."
        )
    quick_gelu = config.get("quick_gelu", False) or weights.get(
        "quick_gelu", tag.lower() == "openai"
    )
    return Listed(tower_label(spec), config, weights, quick_gelu, place)


def tower_label(spec: str) -> str:
    """Return a short name of a CLIP: "ViT-L-14 (openai)", or the name of a file.

    Any text is fine; it is not checked whether it exists.
    """
    if spec.startswith(OPEN_CLIP):
        architecture, _, tag = spec.removeprefix(OPEN_CLIP).partition("/")
        return f"{architecture} ({tag})" if tag else architecture
    return Path(_split(spec)[0]).name or spec


def file_spec(spec: str, otherwise: str) -> FileSpec:
    """The file that a spec names; it need not exist yet, but must look like one.

    Args:
        otherwise: the end of a sentence, what the spec is when it is no file.

    Raises:
        TowerError: it looks like no file, or says something that is not known.
    """
    place, options = _split(spec)
    file = Path(os.path.expanduser(place))
    places = [file.name, *(part for part in file.parts if part.startswith("models--"))]
    heads, quick_gelu = None, any(_QUICK_GELU.search(place) for place in places)
    for word in filter(None, options.split("&")):
        if word in ("quick_gelu", "gelu"):
            quick_gelu = word == "quick_gelu"
        elif found := re.fullmatch(r"heads=([1-9][0-9]{0,3})", word, re.ASCII):
            heads = int(found[1])
        else:
            raise TowerError(
                f"{word[:100]!r} says nothing about a network in a file; "
                "known are quick_gelu, gelu and heads=N, joined by &."
            )
    if not place or (not os.path.exists(file) and file.suffix == ""):
        raise TowerError(f"{spec[:100]!r} is {otherwise}.")
    return FileSpec(file, heads, quick_gelu)


def _split(spec: str) -> tuple[str, str]:
    """A file's path and what follows the question mark; a file may have one in its own name."""
    place, mark, options = spec.rpartition("?")
    whole = not mark or os.path.exists(os.path.expanduser(spec))
    return (spec, "") if whole else (place, options)
