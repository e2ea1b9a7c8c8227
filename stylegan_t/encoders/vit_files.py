"""Vision transformers out of files: sizes are read off the tensors, and nothing is executed.

Read are `.safetensors` files, and state dicts as `torch.save` writes them (`.bin`, `.pt`, `.pth`),
through torch's weights-only reader, by the names of timm and DINO (`blocks.0.attn.qkv.weight`) or
of open_clip (`visual.transformer.resblocks.0.attn.in_proj_weight`), behind any prefix.

A file is named as those of text towers are, `clip.pt?gelu&heads=8`: see
`stylegan_t.encoders.clip_specs`.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from stylegan_t.encoders.clip_specs import file_spec
from stylegan_t.encoders.text import TowerError
from stylegan_t.encoders.tower_files import PICKLE_SUFFIXES, SUFFIXES, pickled_tensors
from stylegan_t.encoders.vit import MAX_PARAMETERS, FeatureError, VisionTransformer, VitConfig
from stylegan_t.files.tensors import TensorFile, TensorFileError

USUAL_HEAD_WIDTH = 64
_WRAPPERS = ("state_dict", "model_state_dict", "model", "teacher")
"""Names under which training code files a state dict away."""
_TIMM_START, _CLIP_START = "patch_embed.proj.weight", "class_embedding"
"""The one tensor by which each naming, and the prefix before it, is known."""
_UNUSED = re.compile(r"(head|fc_norm|head_drop)\..*|mask_token")
"""Parts that classifiers and pre-training leave behind the last norm."""
_CLIP_NAMES = {
    "conv1.weight": "patch_embed.proj.weight",
    "class_embedding": "cls_token",
    "positional_embedding": "pos_embed",
    "proj": "projection",
}
_CLIP_PARTS = (
    (re.compile(r"^ln_pre\."), "norm_pre."),
    (re.compile(r"^ln_post\."), "norm."),
    (re.compile(r"^transformer\.resblocks\."), "blocks."),
    (re.compile(r"\.ln_([12])\."), r".norm\1."),
    (re.compile(r"\.attn\.in_proj_"), ".attn.qkv."),
    (re.compile(r"\.attn\.out_proj\."), ".attn.proj."),
    (re.compile(r"\.mlp\.c_fc\."), ".mlp.fc1."),
    (re.compile(r"\.mlp\.c_proj\."), ".mlp.fc2."),
)
"""open_clip's names, and ours."""


def read_vit(
    file: Path, *, heads: int | None = None, quick_gelu: bool = False
) -> VisionTransformer:
    """The vision transformer in a file; of a CLIP, its image half.

    Args:
        heads: attention heads, which no shape shows; a head is 64 wide when not given.
        quick_gelu: the activation, which no tensor shows either; see `VitConfig`.

    Returns:
        The network in evaluation mode, float32, gradients off, in main memory.

    Raises:
        FeatureError: the file cannot be read, is damaged, or holds something else.
    """
    if not os.path.isfile(file):
        raise FeatureError(f"There is no file at {file}.")
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise FeatureError(
            f"{file.name} contains no weights in one of the formats {', '.join(SUFFIXES)}."
        )
    try:
        state = (
            (pickled_tensors(file, _WRAPPERS) or {})
            if suffix in PICKLE_SUFFIXES
            else _read_safetensors(file)
        )
    except TowerError as error:
        raise FeatureError(str(error)) from error
    except (TensorFileError, OSError) as error:
        raise FeatureError(f"{file} cannot be read, or is damaged: {error}") from error
    return vit_from_state(state, heads=heads, quick_gelu=quick_gelu, name=file.name)


def open_vit(spec: str, what_not: str = "no file") -> VisionTransformer:
    """The vision transformer in a file that a person names; see the top of this file.

    Args:
        what_not: what `spec` must then be, when it looks like no file: the end of a sentence.

    Raises:
        FeatureError: there is no such file, or none that can be used.
    """
    try:
        named = file_spec(spec, what_not)
    except TowerError as error:
        raise FeatureError(str(error)) from error
    return read_vit(named.file, heads=named.heads, quick_gelu=named.quick_gelu)


def _read_safetensors(file: Path) -> dict[str, Tensor]:
    with TensorFile(file) as archive:
        return archive.read_all(
            _our_names(list(archive.shapes), file.name).values(), MAX_PARAMETERS
        )


def vit_from_state(
    state: Mapping[str, Tensor], *, heads: int | None = None, quick_gelu: bool = False, name: str
) -> VisionTransformer:
    """A vision transformer with the weights of a state dict, sizes read off their shapes.

    Args:
        state: names and tensors as timm or open_clip have them, all behind the same prefix, which
            may be any (the reference's is `dino.model.model.`).  What lies behind other prefixes,
            and the layer of a classifier, is ignored.
        heads, quick_gelu: see `read_vit`.
        name: what people call the file or network; it is part of the sentences in errors.

    Raises:
        FeatureError: a tensor is missing, surplus, of the wrong shape or contains no numbers.
    """
    ours = {own: state[theirs] for own, theirs in _our_names(list(state), name).items()}
    weights = {own: _plain(own, tensor, name) for own, tensor in ours.items()}
    for own, dims in (("cls_token", 1), ("pos_embed", 2)):
        if own in weights and weights[own].dim() == dims:  # CLIP's lack a dimension or two
            weights[own] = weights[own][(None,) * (3 - dims)]
    config = _config(weights, heads, quick_gelu, name)
    with torch.device("meta"):
        vit = VisionTransformer(config)
    _check(
        {own: list(t.shape) for own, t in vit.state_dict().items()},
        {own: list(t.shape) for own, t in weights.items()},
        name,
    )
    vit.load_state_dict(weights, assign=True)
    return vit.eval().requires_grad_(False)


def _our_names(names: list[str], file: str) -> dict[str, str]:
    """Our name -> the file's, of everything behind the transformer's prefix."""
    for start in (_TIMM_START, _CLIP_START):
        prefixes = [n.removesuffix(start) for n in names if n == start or n.endswith(f".{start}")]
        if len(prefixes) > 1:
            raise FeatureError(f"{file} holds several vision transformers, so none is chosen.")
        if prefixes:
            prefix = prefixes[0]
            short = {n.removeprefix(prefix): n for n in names if n.startswith(prefix)}
            if start == _CLIP_START:
                short = {_from_clip(n): theirs for n, theirs in short.items()}
            return {n: theirs for n, theirs in short.items() if not _UNUSED.fullmatch(n)}
    raise FeatureError(f"{file} contains no vision transformer by the names of timm or open_clip.")


def _from_clip(name: str) -> str:
    if name in _CLIP_NAMES:
        return _CLIP_NAMES[name]
    for pattern, ours in _CLIP_PARTS:
        name = pattern.sub(ours, name)
    return name


def _plain(own: str, tensor: Tensor, name: str) -> Tensor:
    """A float32 copy that needs the file no more, of what is a tensor of finite numbers."""
    plain = tensor.layout == torch.strided and tensor.is_floating_point()
    # Strides of 0 would let a small file grow large here.
    if not plain or tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise FeatureError(f"Tensor {own[:200]} of {name} contains no plain numbers.")
    copy = tensor.to(torch.float32, copy=True)
    if not torch.isfinite(copy).all():
        raise FeatureError(f"Tensor {own[:200]} of {name} holds values that are not numbers.")
    return copy


def _config(
    weights: Mapping[str, Tensor], heads: int | None, quick_gelu: bool, name: str
) -> VitConfig:
    """Sizes from shapes; what does not fit them shows when shapes are compared."""
    needed = (_TIMM_START, "cls_token", "pos_embed", "blocks.0.mlp.fc1.weight")
    for own in needed:
        if own not in weights:
            raise FeatureError(
                f"Tensor {own} is missing in {name}, so it is not a plain vision transformer."
            )
    patches, positions, mlp = (weights[needed[i]] for i in (0, 2, 3))
    if (patches.dim(), positions.dim(), mlp.dim()) != (4, 3, 2) or 0 in patches.shape:
        raise FeatureError(f"The tensors of {name} do not have the shapes of a vision transformer.")
    width, patch = patches.shape[0], patches.shape[-1]
    blocks = {own.split(".")[1] for own in weights if own.startswith("blocks.")}
    projection = weights.get("projection")
    try:
        return VitConfig(
            width=width,
            depth=len(blocks),
            heads=heads or max(width // USUAL_HEAD_WIDTH, 1),
            mlp_width=mlp.shape[0],
            size=patch * math.isqrt(max(positions.shape[1] - 1, 0)),
            patch=patch,
            clip="norm_pre.weight" in weights,
            quick_gelu=quick_gelu,
            out_dim=0 if projection is None else projection.shape[-1],
        )
    except ValueError as error:
        raise FeatureError(f"{name} does not fit: {error}") from error


def _check(expected: Mapping[str, list[int]], found: Mapping[str, list[int]], name: str) -> None:
    for missing in sorted(expected.keys() - found.keys()):
        raise FeatureError(f"Tensor {missing} is missing in {name}.")
    for surplus in sorted(found.keys() - expected.keys()):
        raise FeatureError(
            f"{name} has an unknown tensor {surplus[:200]}, so it is not a plain vision "
            "transformer."
        )
    for own, shape in expected.items():
        if found[own] != shape:
            raise FeatureError(
                f"Tensor {own} of {name} has the wrong shape: {found[own]} instead of {shape}."
            )
