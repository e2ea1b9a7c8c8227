"""Writes snapshots of StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE as their training code does.

Every network is a persistent object: a call of `_reconstruct_persistent_obj` in
`torch_utils.persistence`, with the module's source code and the object's dictionary.  The source
code here would end the process if anybody ran it.
"""

from __future__ import annotations

import contextlib
import importlib
import pickle
import re
import sys
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dill
import numpy as np
import torch
from torch import Tensor, nn

from tests.stylegan_t.family.recorded import Recorded, recorded
from tests.stylegan_t.reference import opcodes

SOURCE = "raise SystemExit('source code in a snapshot was run')\n" * 50
ORIGINALS = ("torch_utils.persistence", "dnnlib.util")
TOP = ("torch_utils", "dnnlib")
CLASSES = (
    (r"mapping\.(embed|embed_proj|fc\d+)", "FullyConnectedLayer"),
    (r"mapping", "MappingNetwork"),
    (r"synthesis", "SynthesisNetwork"),
    (r"synthesis\.input", "SynthesisInput"),
    (r"synthesis\.b\d+", "SynthesisBlock"),
    (r"synthesis\.(b\d+\.conv\d|L\d+_\d+_\d+)", "SynthesisLayer"),
    (r"synthesis\.b\d+\.torgb", "ToRGBLayer"),
    (r"synthesis\.b\d+\.skip", "Conv2dLayer"),
    (r".*", "FullyConnectedLayer"),
)
"""The class of each part, by its path; the first that fits."""
NUMPY_SCALARS = (
    "in_cutoff",
    "out_cutoff",
    "in_half_width",
    "in_sampling_rate",
    "tmp_sampling_rate",
)


class Persistent:
    """A network part as it is pickled."""

    def __init__(self, class_name: str, state: dict[str, Any]) -> None:
        self.meta = {
            "type": "class",
            "version": 6,
            "module_src": SOURCE,
            "class_name": class_name,
            "state": state,
        }

    def __reduce__(self) -> tuple[Any, tuple[dict[str, Any]]]:
        return sys.modules["torch_utils.persistence"]._reconstruct_persistent_obj, (self.meta,)


@contextlib.contextmanager
def original_names() -> Iterator[None]:
    """Within, the originals' modules can be imported: their stand-ins beside this file."""
    folder = str(Path(__file__).parent)
    sys.path.insert(0, folder)
    try:
        for name in ORIGINALS:
            importlib.import_module(name)
        yield
    finally:
        sys.path.remove(folder)
        for name in [name for name in sys.modules if name.split(".")[0] in TOP]:
            del sys.modules[name]


def easy_dict(**items: Any) -> Any:
    """The originals' dictionary with attributes."""
    return sys.modules["dnnlib.util"].EasyDict(items)


def payload(name: str) -> dict[str, Any]:
    """What a snapshot of a recorded network holds."""
    known = recorded(name)
    generator = part(known, "")
    if name == "lafite":
        top = {"training_set_kwargs": easy_dict(path="x"), "args": {"f_dim": 24}}
        return {**top, "G": generator, "D": None, "G_ema": generator, "augment_pipe": None}
    return {
        "G": generator,
        "D": None,
        "G_ema": generator,
        "augment_pipe": None,
        "training_set_kwargs": easy_dict(path="x"),
    }


def write(name: str, path: Path, *, protocol: int = 4, use_dill: bool = False) -> Path:
    """Write the snapshot of a recorded network, and return its path."""
    with original_names():
        held = payload(name)
        writer = dill if use_dill else pickle
        path.write_bytes(writer.dumps(held, protocol=protocol))
    return path


def as_old_dill(data: bytes) -> bytes:
    """A stream of protocol 3 in which numpy's functions are asked for as dill 0.3.4 does."""
    ops = []
    for op in opcodes.take_apart(data):
        module, _, wanted = str(op.argument).partition(" ")
        if op.name == "GLOBAL" and module == "numpy._core.multiarray":
            op = opcodes.Op("REDUCE", None, dill_lookup("numpy.core._multiarray_umath", wanted))
        ops.append(op)
    return opcodes.put_together(ops)


def dill_lookup(module: str, wanted: str) -> bytes:
    """Push what dill 0.3.4 writes for a function of numpy."""
    found = opcodes.call(opcodes.by_name("dill._dill", "_import_module"), opcodes.text(module))
    return opcodes.call(opcodes.by_name("dill._dill", "_get_attr"), found, opcodes.text(wanted))


# -- parts ---------------------------------------------------------------------------------------


def part(known: Recorded, path: str) -> Any:
    """A part and all below it."""
    prefix = f"{path}." if path else ""
    parameters: OrderedDict[str, nn.Parameter | None] = OrderedDict()
    buffers: OrderedDict[str, Tensor | None] = OrderedDict()
    children: OrderedDict[str, Any] = OrderedDict()
    kinds = {entry["name"]: entry["kind"] for entry in known.info["keys"]}
    for key, tensor in known.state.items():
        if not key.startswith(prefix):
            continue
        own, _, below = key.removeprefix(prefix).partition(".")
        if below:
            children.setdefault(own, None)
        elif kinds[key] == "parameter":
            parameters[own] = nn.Parameter(tensor.clone(), requires_grad=False)
        else:
            buffers[own] = tensor.clone()
    for child in children:
        children[child] = part(known, f"{prefix}{child}")
    is_table = known.name.startswith("xl") and path == "mapping.embed"
    if is_table:
        rows, features = known.state["mapping.embed.weight"].shape
        table = nn.Embedding(rows, features)
        table.weight = nn.Parameter(known.state["mapping.embed.weight"].clone())
        return table
    layer = _layer_row(known, path)
    for absent in ("up_filter", "down_filter"):
        if layer and absent not in buffers:
            buffers[absent] = None
    state = {
        "training": False,
        "_parameters": parameters,
        "_buffers": buffers,
        "_modules": children,
        "_non_persistent_buffers_set": set(),
        "_forward_hooks": OrderedDict(),
        **_attributes(known, path, layer),
        "_init_args": (),
        "_init_kwargs": easy_dict(**({} if path else known.info["generator_kwargs"])),
    }
    return Persistent(_class_of(known, path), state)


def _class_of(known: Recorded, path: str) -> str:
    if not path:
        return known.info["class_name"]
    return next(name for pattern, name in CLASSES if re.fullmatch(pattern, path))


def _layer_row(known: Recorded, path: str) -> dict[str, Any] | None:
    rows = {row["name"]: row for row in known.info.get("layers", ())}
    return rows.get(path.removeprefix("synthesis."))


def _attributes(known: Recorded, path: str, layer: dict[str, Any] | None) -> dict[str, Any]:
    info = known.info
    if not path:
        names = ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels", "num_ws")
        return {name: info[name] for name in names}
    if path == "synthesis" and "layer_names" in info:
        return {"layer_names": list(info["layer_names"]), "output_scale": info["output_scale"]}
    if path == "synthesis.input":
        size = np.array(info["input"]["size"])
        bandwidth = np.float64(info["input"]["bandwidth"])
        return {"size": size, "bandwidth": bandwidth, "sampling_rate": 8.0}
    if layer is not None:
        plain = {key: value for key, value in layer.items() if key not in ("name", "ws_index")}
        plain |= {key: np.array(layer[key]) for key in ("in_size", "out_size")}
        return plain | {key: np.float64(layer[key]) for key in NUMPY_SCALARS}
    if re.fullmatch(r"mapping\.fc\d+", path):
        mapping = info["generator_kwargs"].get("mapping_kwargs", {})
        return {"activation": "lrelu", "bias_gain": mapping.get("lr_multiplier", 0.01)}
    synthesis = info["generator_kwargs"].get("synthesis_kwargs", {})
    if re.fullmatch(r"synthesis\.b\d+", path):
        return {"architecture": synthesis.get("architecture", "skip")}
    if re.fullmatch(r"synthesis\.b\d+\.(conv\d|torgb)", path):
        return {"conv_clamp": synthesis.get("conv_clamp"), "activation": "lrelu"}
    return {}


def unfinished(tensor: Tensor) -> Tensor:
    """A copy with one value that is no number."""
    copy = tensor.clone()
    copy.view(-1)[0] = torch.nan
    return copy
