"""Writes snapshots as the reference's training loop does: `network-snapshot-NNNNNN.pkl`.

A snapshot is a dill pickle of `dict(G, D, G_ema, training_set_kwargs)`, modules pickled whole by
the names of their classes, with one memo shared by all.  The classes are the stand-ins in
`networks`, which are importable under the reference's names only while a snapshot is written; the
text encoder, the vision transformer and the tensors are real.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib
import io
import json
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Literal
from unittest import mock

import dill
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from tests.stylegan_t.reference.torchvision_import import import_torchvision

PARITY = Path(__file__).parents[2] / "parity"
FIXTURES = ("tiny_cond", "tiny_cond_deep", "tiny_uncond", "tiny_orig", "tiny_clamp")
SMALLEST, SMALLEST_WITH_TEXT = "smallest", "smallest_with_text"
MODULES = ("shared", "clip", "generator", "vit_utils", "discriminator")
PERTURBATION = 0.25
"""How far the weights of G are from those of G_ema, so that reading the wrong one shows."""
BIG = 1 << 18
SHARED_BY = 5
"""How many parameters share a storage, but for the big ones."""

Payload = dict[str, Any]
Tokenizer = Literal["absent", "function", "object"]


def write_snapshot(path: str | Path, fixture_name: str = "tiny_cond", **options: Any) -> Path:
    """Write the snapshot that `snapshot_bytes` gives, and return its path."""
    path = Path(path)
    path.write_bytes(snapshot_bytes(fixture_name, **options))
    return path


def snapshot_bytes(
    fixture_name: str = "tiny_cond",
    *,
    clip: bool = True,
    visual: bool = False,
    tokenizer: Tokenizer = "absent",
    clip_options: dict[str, Any] | None = None,
    dtype: torch.dtype = torch.float32,
    channels_last: bool = False,
    views: bool = False,
    memo_storages: bool = False,
    tied: bool = False,
    zip_storages: bool = False,
    cuda: bool = False,
    with_d: bool = True,
    vit_width: int = 48,
    dill: bool = True,
    protocol: int | None = None,
    edit: Callable[[Payload], object] | None = None,
) -> bytes:
    """The bytes of a snapshot.

    Args:
        fixture_name: the network of tests/parity whose weights G_ema gets.
        clip: put a small CLIP model of open_clip into the mapping (conditional networks only).
        visual: keep the picture half of that CLIP model.
        tokenizer: what the CLIP wrapper holds besides.
        clip_options: for `small_clip`.
        dtype: of all weights in G and G_ema.
        channels_last: lay the convolution weights out in that memory format.
        views: let the parameters of G_ema be views of shared storages, matrices transposed.
        memo_storages: pickle a shared storage once, rather than again for each of its tensors.
        tied: let G and G_ema share one CLIP, and all resampling filters be one tensor.
        zip_storages: write tensors in torch's zip format instead of the old stream.
        cuda: say that the tensors were on a graphics card.
        with_d: put a discriminator in, with a vision transformer, hooks and spectral norms.
        vit_width: of that transformer.
        dill: pickle with dill; else plainly, and without the closures that only dill can pickle.
        protocol: of the pickle; None is dill's default.
        edit: may change the dictionary before it is written.
    """
    with reference_modules() as networks:
        payload = build_payload(
            networks,
            fixture_name,
            clip=functools.partial(small_clip, visual=visual, **(clip_options or {}))
            if clip
            else None,
            tokenizer=tokenizer,
            with_d=with_d,
            vit_width=vit_width,
            closures=dill,
            tied=tied,
        )
        for name in ("G", "G_ema"):
            _convert(payload[name], dtype, channels_last)
        if views:
            _share_storages(payload["G_ema"])
        if edit is not None:
            edit(payload)
        with storages_as(zip_storages, "cuda:0" if cuda else "cpu", memo_storages):
            return dump(payload, dill, protocol)


def dump(payload: object, use_dill: bool = True, protocol: int | None = None) -> bytes:
    """Pickle as the reference does."""
    if use_dill:
        return dill.dumps(payload, protocol=protocol)
    return pickle.dumps(payload, protocol=protocol)


def fixture(name: str) -> tuple[dict[str, Any], dict[str, Tensor], dict[str, Tensor]]:
    """A recorded network of tests/parity: its JSON, its state, its inputs and outputs.

    `SMALLEST` and `SMALLEST_WITH_TEXT` are none of them: networks as small as can be, with random
    weights and neither inputs nor outputs, for tests that need many files.
    """
    if name in (SMALLEST, SMALLEST_WITH_TEXT):
        return _smallest(c_dim=4 if name == SMALLEST_WITH_TEXT else 0)
    return (
        json.loads((PARITY / f"{name}.json").read_text()),
        load_file(PARITY / f"{name}.safetensors"),
        load_file(PARITY / f"{name}_io.safetensors"),
    )


@contextlib.contextmanager
def reference_modules() -> Iterator[dict[str, ModuleType]]:
    """Make `networks.generator` and its neighbours importable, for a while."""
    if "networks" in sys.modules:
        yield _modules()
        return
    import_torchvision()  # before open_clip and timm, which need it
    folder = str(Path(__file__).parent)
    sys.path.insert(0, folder)
    try:
        yield _modules()
    finally:
        sys.path.remove(folder)
        for name in [name for name in sys.modules if name.split(".")[0] == "networks"]:
            del sys.modules[name]


def _modules() -> dict[str, ModuleType]:
    return {name: importlib.import_module(f"networks.{name}") for name in MODULES}


def small_clip(
    c_dim: int,
    *,
    visual: bool = False,
    width: int = 16,
    heads: int = 2,
    layers: int = 2,
    quick_gelu: bool = True,
    seed: int = 0,
) -> nn.Module:
    """A CLIP model of open_clip with random weights and the full vocabulary."""
    import_torchvision()
    from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = CLIP(
            embed_dim=c_dim,
            vision_cfg=CLIPVisionCfg(layers=1, width=16, head_width=8, image_size=32),
            text_cfg=CLIPTextCfg(width=width, heads=heads, layers=layers),
            quick_gelu=quick_gelu,
        )
        for parameter in model.parameters():  # so that leaving one out shows
            parameter.data.add_(torch.randn(parameter.shape) * 0.1)
    if not visual:
        del model.visual
    return model.eval().requires_grad_(False)


def small_vit(width: int = 48) -> nn.Module:
    """A vision transformer of timm with random weights."""
    import timm

    return timm.create_model(
        "vit_small_patch16_224",
        pretrained=False,
        embed_dim=width,
        depth=2,
        num_heads=2,
        num_classes=0,
    )


def build_payload(
    networks: dict[str, ModuleType],
    fixture_name: str,
    *,
    clip: Callable[[int], nn.Module] | None,
    tokenizer: Tokenizer,
    with_d: bool,
    vit_width: int,
    closures: bool,
    tied: bool,
) -> Payload:
    """The dictionary that a snapshot holds."""
    info, state, _ = fixture(fixture_name)
    torch.manual_seed(info["seed"])
    wrapper = None
    if clip is not None and info["c_dim"]:
        wrapper = networks["clip"].CLIP(
            "ViT-L-14", "openai", clip(info["c_dim"]), _tokenizer(tokenizer)
        )
    ema = networks["generator"].Generator(info, wrapper)
    mismatch = ema.load_state_dict(state, strict=False)
    assert not mismatch.unexpected_keys
    assert all(key.startswith("mapping.clip.") for key in mismatch.missing_keys)
    generator = copy.deepcopy(ema)
    with torch.no_grad():
        for value in generator.state_dict().values():
            value.add_(torch.randn(value.shape) * PERTURBATION)
    if tied:
        if wrapper is not None:
            generator.mapping.clip = ema.mapping.clip
        _tie_filters(ema)
    payload: Payload = {"G": generator}
    if with_d:
        discriminator = networks["discriminator"].ProjectedDiscriminator(
            small_vit(vit_width), vit_width, [0, 1], info["c_dim"], closures
        )
        payload["D"] = discriminator
    else:
        payload["D"] = None
    payload["G_ema"] = ema
    for module in payload.values():
        if module is not None:
            module.eval().requires_grad_(False)
    payload["training_set_kwargs"] = {
        "class_name": "training.data_zip.ImageFolderDataset",
        "path": "/data/pictures.zip",
        "use_labels": True,
        "max_size": None,
        "xflip": False,
        "resolution": info["img_resolution"],
        "random_seed": 0,
    }
    return payload


@contextlib.contextmanager
def storages_as(zipped: bool, location: str, memo: bool) -> Iterator[None]:
    """Within, pickled tensors hold their numbers in this format and claim this device.

    `memo` hands the pickler one object for each storage, which is then written once.
    """
    known: dict[int, torch.TypedStorage] = {}
    reduce_tensor = Tensor._reduce_ex_internal

    def reduce(storage: torch.TypedStorage) -> tuple[Any, tuple[bytes]]:
        stream = io.BytesIO()
        torch.save(storage, stream, _use_new_zipfile_serialization=zipped)
        return torch.storage._load_from_bytes, (stream.getvalue(),)

    def reduce_with_memo(tensor: Tensor, protocol: int) -> Any:
        function, (storage, *rest) = reduce_tensor(tensor, protocol)
        if memo and isinstance(storage, torch.TypedStorage):
            storage = known.setdefault(tensor.untyped_storage().data_ptr(), storage)
        return function, (storage, *rest)

    with (
        mock.patch.object(torch.storage.TypedStorage, "__reduce__", reduce),
        mock.patch.object(torch.serialization, "location_tag", lambda storage: location),
        mock.patch.object(Tensor, "_reduce_ex_internal", reduce_with_memo),
    ):
        yield


def _smallest(c_dim: int) -> tuple[dict[str, Any], dict[str, Tensor], dict[str, Tensor]]:
    info, _, _ = fixture("tiny_uncond")
    info |= {"z_dim": 8, "c_dim": c_dim, "w_dim": 8 + c_dim, "img_resolution": 16, "num_ws": 7}
    info["channels"] = {"8": 8, "16": 4}
    info["synthesis_kwargs_with_defaults"] |= {"gn_groups": 2, "channel_base": 64}
    with reference_modules() as networks:
        state = networks["generator"].Generator(info, None).state_dict()
    draws = torch.Generator().manual_seed(0)
    return info, {k: torch.randn(v.shape, generator=draws) for k, v in state.items()}, {}


def _tokenizer(kind: Tokenizer) -> Any:
    if kind == "absent":
        return None
    from open_clip import tokenizer

    return tokenizer.tokenize if kind == "function" else tokenizer.SimpleTokenizer()


def _convert(module: nn.Module, dtype: torch.dtype, channels_last: bool) -> None:
    module.to(dtype)
    for parameter in module.parameters():
        if channels_last and parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


def _tie_filters(module: nn.Module) -> None:
    """Let every resampling filter be one and the same tensor."""
    buffers = [part for part in module.modules() if "resample_filter" in part._buffers]
    for part in buffers:
        part._buffers["resample_filter"] = buffers[0]._buffers["resample_filter"]


def _share_storages(module: nn.Module) -> None:
    """Let the parameters be views of shared storages: each with an offset, matrices transposed."""
    parameters = [p for p in module.parameters() if p.numel() < BIG]
    for start in range(0, len(parameters), SHARED_BY):
        _share_one_storage(parameters[start : start + SHARED_BY])


def _share_one_storage(parameters: list[nn.Parameter]) -> None:
    turned = [p.data.T if p.ndim == 2 else p.data for p in parameters]
    gap = torch.zeros(7, dtype=parameters[0].dtype)
    shared = torch.cat([gap, *(t.flatten() for t in turned), gap])
    offset = len(gap)
    for parameter, old in zip(parameters, turned, strict=True):
        view = shared[offset : offset + old.numel()].view(old.shape)
        parameter.data = view.T if parameter.ndim == 2 else view
        offset += old.numel()
