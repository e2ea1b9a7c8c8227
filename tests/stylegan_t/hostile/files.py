"""Files that people confuse with snapshots."""

from __future__ import annotations

import gzip
import io
import pickle
import random
import zipfile
from collections.abc import Iterator

import dill
import numpy as np
import torch
from PIL import Image
from safetensors.torch import save
from torch import nn

from tests.stylegan_t.hostile.gadgets import function
from tests.stylegan_t.hostile.streams import Case, snapshot_of
from tests.stylegan_t.reference.opcodes import (
    EMPTY_DICT,
    EMPTY_LIST,
    NONE,
    build,
    by_name,
    call,
    dict_of,
    integer,
    list_of,
    new,
    raw,
    stream,
    text,
    tuple_of,
)

LFS_POINTER = b"""version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 4712345678
"""
PAGE = b"<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not found</body></html>\n"


def no_pickles() -> Iterator[Case]:
    """Other formats under the name of a snapshot."""
    yield "empty", b""
    yield "zeros", bytes(10_000)
    yield "a page", PAGE * 30
    yield "a pointer of git-lfs", LFS_POINTER
    yield "text", b"G_ema\n" * 100
    yield "JSON", b'{"G_ema": [1, 2, 3]}'
    for seed in range(20):
        yield f"noise {seed}", random.Random(seed).randbytes(5000)
        yield f"noise in a pickle {seed}", b"\x80\x04" + random.Random(seed).randbytes(5000)
    yield "safetensors", save({"G_ema": torch.ones(3)})
    yield "npz", _npz()
    yield "a picture", _picture()
    yield "gzip", gzip.compress(pickle.dumps({"G_ema": 1}))
    yield "a zip", _zip({"G_ema.txt": b"hello"})


def other_pickles() -> Iterator[Case]:
    """Pickles of other things."""
    for value in (None, 1, 1.5, "G_ema", b"G_ema", [], {}, (), {"G_ema"}, True):
        yield f"{value!r}", pickle.dumps(value)
        yield f"G_ema is {value!r}", pickle.dumps({"G_ema": value})
    layer = nn.Linear(3, 3)
    yield "a layer", pickle.dumps(layer)
    yield "G_ema is a layer", dill.dumps({"G": None, "D": None, "G_ema": layer})
    yield "G_ema is a tensor", pickle.dumps({"G_ema": torch.ones(3)})
    yield "G_ema is a state dict", pickle.dumps({"G_ema": layer.state_dict()})
    yield "a state dict", pickle.dumps(layer.state_dict())
    yield "a state dict of torch", _saved(layer.state_dict(), True)
    yield "an old state dict of torch", _saved(layer.state_dict(), False)
    yield "a layer saved by torch", _saved({"G_ema": layer}, True)
    yield "an array", pickle.dumps({"G_ema": np.ones((3, 3))})
    yield "an array of objects", pickle.dumps(np.array([{}, [], None], dtype=object))
    yield "a network of StyleGAN2", _stylegan2()
    yield "a model of sklearn", _sklearn()
    yield "Python 2", pickle.dumps({"G_ema": {"x": [1, 2]}}, protocol=0)
    yield "a class", snapshot_of(by_name("networks.generator", "Generator"))
    yield (
        "a generator without a state",
        snapshot_of(new(by_name("networks.generator", "Generator"))),
    )
    yield (
        "a generator with an empty state",
        snapshot_of(build(new(by_name("networks.generator", "Generator")), EMPTY_DICT)),
    )
    yield (
        "a generator with no state",
        snapshot_of(build(new(by_name("networks.generator", "Generator")), NONE)),
    )
    yield (
        "a list as a state",
        snapshot_of(build(new(by_name("networks.generator", "Generator")), EMPTY_LIST)),
    )
    yield (
        "another generator",
        snapshot_of(build(new(by_name("networks.generator", "SynthesisBlock")), EMPTY_DICT)),
    )
    yield (
        "a generator from elsewhere",
        snapshot_of(build(new(by_name("training.networks", "Generator")), EMPTY_DICT)),
    )


def _saved(value: object, zipped: bool) -> bytes:
    target = io.BytesIO()
    torch.save(value, target, _use_new_zipfile_serialization=zipped)
    return target.getvalue()


def _npz() -> bytes:
    target = io.BytesIO()
    np.savez(target, G_ema=np.ones(3))
    return target.getvalue()


def _picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (8, 8)).save(target, "png")
    return target.getvalue()


def _zip(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


def _stylegan2() -> bytes:
    """Networks of StyleGAN2-ADA and StyleGAN3 carry their own source code."""
    meta = dict_of(
        {
            "type": text("class"),
            "version": integer(6),
            "module_src": text("import os\nos.system('true')\n"),
            "class_name": text("Generator"),
            "state": EMPTY_DICT,
        }
    )
    network = call(function("torch_utils.persistence._reconstruct_persistent_obj"), meta)
    return stream(dict_of({"G": network, "D": network, "G_ema": network}))


def _sklearn() -> bytes:
    kind = by_name("sklearn.linear_model._base", "LinearRegression")
    array = call(
        function("numpy.core.multiarray._reconstruct"),
        by_name("numpy", "ndarray"),
        tuple_of(integer(0)),
        raw(b"b"),
    )
    return stream(build(new(kind), dict_of({"coef_": array, "classes": list_of(text("a"))})))
