"""Small snapshots that would cost much memory or time if they were believed."""

from __future__ import annotations

import _codecs
from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, _utils, nn

from tests.stylegan_t.hostile.edits import Edit, Payload
from tests.stylegan_t.hostile.places import Reduced
from tests.stylegan_t.hostile.tensors import saved
from tests.stylegan_t.reference.opcodes import take_apart
from tests.stylegan_t.reference.snapshot import fixture

MEGABYTE = 1 << 18
"""Numbers in one."""
MANY = 4_000
"""Fewer than the reader refuses for their number alone."""


def _layer(p: Payload) -> Any:
    return p["G_ema"].synthesis.b8.convs1[1]


def _model(p: Payload) -> Any:
    return p["G_ema"].mapping.clip.model


def _parameter(value: Tensor) -> nn.Parameter:
    return nn.Parameter(value, requires_grad=False)


def _many(tensors: dict[str, Any], value: Any, prefix: str = "x", count: int = MANY) -> None:
    tensors.update({f"{prefix}{i}": value for i in range(count)})


def _storage(nested: bytes) -> Reduced:
    return Reduced(torch.storage._load_from_bytes, (nested,))


def _tensor(storage: object, *size: int) -> Reduced:
    stride = torch.empty(size, device="meta").stride()
    arguments = (storage, 0, size, stride, False, OrderedDict())
    return Reduced(_utils._rebuild_tensor_v2, arguments)


def _padded() -> bytes:
    """A nested file whose pickles are as long as they may be."""
    data = saved()
    first = take_apart(data[: data.index(b".") + 1])[:-1]
    padding = b"N0" * 900
    head = b"".join(op.raw for op in first)
    return head + padding + b"." + data[data.index(b".") + 1 :]


def _tower_of_many(p: Payload) -> None:
    """Thousands of surplus tensors that are one and the same megabyte."""
    _many(_model(p)._parameters, _parameter(torch.ones(MEGABYTE)))


def _tower_of_many_views(p: Payload) -> None:
    """Thousands of tensors that are views of one megabyte."""
    storage = _storage(saved(MEGABYTE))
    views = {f"x{i}": _tensor(storage, MEGABYTE) for i in range(MANY)}
    _model(p)._parameters.update(views)


def _long_window(p: Payload) -> None:
    """A text window of 100,000 tokens, whose mask would have ten billion numbers."""
    _model(p).positional_embedding = _parameter(torch.ones(100_000, 4))


def _many_layers(p: Payload) -> None:
    """One tensor of the text tower's 1000th layer."""
    layers = _model(p).transformer.resblocks
    layers._modules["999"] = layers[0]


def _many_heads(p: Payload) -> None:
    for part in _model(p).modules():
        if hasattr(part, "num_heads"):
            part.num_heads = 1 << 40


def _wide_tower(p: Payload) -> None:
    """No numbers at all, in a huge shape."""
    _model(p).text_projection = _parameter(torch.empty(0, 1 << 20))


def _many_residual_blocks(p: Payload) -> None:
    for block in (p["G_ema"].synthesis.b8, p["G_ema"].synthesis.b16):
        _many(block.convs1._modules, nn.Identity(), "1", MANY // 2 - 50)


def _wide_layers(p: Payload) -> None:
    """Thousands of channels, of which no number is there."""
    for block in (p["G_ema"].synthesis.b8, p["G_ema"].synthesis.b16):
        for layer in block.convs1:
            layer.weight = _parameter(torch.empty(16_384, 0, 3, 3))


def _all_of_one(p: Payload) -> None:
    """A network of 350 megabytes, of weights that are all views of the same two."""
    info, _, _ = fixture("tiny_uncond")
    info |= {"img_resolution": 512}
    info["channels"] = {str(8 << i): 256 for i in range(7)}
    info["use_fp16_flag"] = dict.fromkeys(info["channels"], True)
    info["synthesis_kwargs_with_defaults"] |= {"num_res_blocks": 10}
    with torch.device("meta"):
        p["G_ema"] = type(p["G_ema"])(info, None)
    storage = _storage(saved(256 * 256 * 9))
    for part in p["G_ema"].modules():
        for group in (part._parameters, part._buffers):
            group.update({name: _tensor(storage, *value.shape) for name, value in group.items()})


def _far_apart(p: Payload) -> None:
    """Tensors whose numbers lie far apart, each across the whole of 60 megabytes."""
    count = 60 * MEGABYTE
    storage = _storage(saved(count))
    for part in p["G_ema"].modules():
        for group in (part._parameters, part._buffers):
            for name, value in group.items():
                if value.ndim and value.numel() > 1:
                    step = count // value.shape[0] - value.numel()
                    stride = (step, *value.stride()[1:])
                    arguments = (storage, 0, tuple(value.shape), stride, False, OrderedDict())
                    group[name] = Reduced(_utils._rebuild_tensor_v2, arguments)


def _many_views_of_long_pickles(p: Payload) -> None:
    storage = _storage(_padded())
    _layer(p)._parameters.update({f"x{i}": _tensor(storage, 8) for i in range(MANY)})


def _many_views_of_encoded_bytes(p: Payload) -> None:
    """Bytes as protocol 2 writes them, which are longer in memory than in the file."""
    text = saved(MEGABYTE).decode("latin-1")
    encoded = Reduced(_codecs.encode, (text, "latin1"))
    storage = Reduced(torch.storage._load_from_bytes, (encoded,))
    _layer(p)._parameters.update({f"x{i}": _tensor(storage, 8) for i in range(MANY)})


def _sizes_of_zero(p: Payload) -> None:
    storage = _storage(saved(1))
    _layer(p)._parameters["weight"] = _tensor(storage, 1 << 40, 0, 1 << 40, 3)


def _hidden_noise(p: Payload) -> None:
    """Layers without noise of 4096 pixels."""
    for layer in p["G_ema"].synthesis.b8.convs1:
        layer.use_noise, layer.resolution = False, 4096


TOLERATED = {"numbers far apart"}
"""May load: what is wrong in them costs little."""
BOMBS: dict[str, Edit] = {
    "many residual blocks": _many_residual_blocks,
    "wide layers": _wide_layers,
    "a network of the same few weights": _all_of_one,
    "numbers far apart": _far_apart,
    "many views of long pickles": _many_views_of_long_pickles,
    "many views of encoded bytes": _many_views_of_encoded_bytes,
    "sizes of zero": _sizes_of_zero,
    "layers without noise": _hidden_noise,
}
TOWER_BOMBS: dict[str, Edit] = {
    "a tower of many tensors": _tower_of_many,
    "a tower of many views": _tower_of_many_views,
    "a long window": _long_window,
    "many layers": _many_layers,
    "many heads": _many_heads,
    "a wide tower": _wide_tower,
}
