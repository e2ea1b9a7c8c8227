"""Whole files with pickles: snapshots of forks, modules saved by torch, conditioners not known."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

import stylegan_t
from stylegan_t import CheckpointError
from tests.stylegan_t.checkpoints.test_family_config import draws_as_recorded
from tests.stylegan_t.hostile import places
from tests.stylegan_t.reference import family_snapshot
from tests.stylegan_t.reference.family_snapshot import Persistent
from tests.stylegan_t.reference.snapshot import SMALLEST, SMALLEST_WITH_TEXT, snapshot_bytes

ONE_OF_EACH = ("sg2_cond", "sg3_r", "xl_superres", "lafite")
PACKAGES = ("stylegan3", "src.third_party.stylegan")


def moved(data: bytes, package: str) -> bytes:
    """A stream of protocol 3 whose reference code stands in another package."""
    for module in (b"torch_utils.persistence", b"dnnlib.util", b"networks."):
        data = data.replace(b"c" + module, b"c" + package.encode() + b"." + module)
    return data


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_the_same_classes_in_other_packages(name: str, package: str, tmp_path: Path) -> None:
    file = family_snapshot.write(name, tmp_path / "a.pkl", protocol=3)
    data = moved(file.read_bytes(), package)
    assert data != file.read_bytes()
    file.write_bytes(data)
    draws_as_recorded(name, file)


@pytest.mark.parametrize("package", PACKAGES)
def test_stylegan_t_in_other_packages(package: str, tmp_path: Path) -> None:
    data = snapshot_bytes(SMALLEST, with_d=False, protocol=3)
    file = tmp_path / "a.pkl"
    file.write_bytes(data)
    before = stylegan_t.load(file).state_dict()
    file.write_bytes(moved(data, package))
    after = stylegan_t.load(file)
    assert not after.warning
    assert all(torch.equal(before[name], tensor) for name, tensor in after.state_dict().items())


def test_a_harmful_package_is_refused_whatever_it_holds(tmp_path: Path) -> None:
    file = family_snapshot.write("sg2_cond", tmp_path / "a.pkl", protocol=3)
    file.write_bytes(moved(file.read_bytes(), "os"))
    with pytest.raises(CheckpointError, match="can do harm"):
        stylegan_t.load(file)


def plainly(part: Any, module: ModuleType) -> Any:
    """A persistent part as an object of a class in `module`, as forks pickle it."""
    if not isinstance(part, Persistent):
        return part
    name = part.meta["class_name"]
    if not hasattr(module, name):
        setattr(module, name, type(name, (), {"__module__": module.__name__}))
    made = vars(module)[name]()
    state = dict(part.meta["state"])
    state["_modules"] = {key: plainly(value, module) for key, value in state["_modules"].items()}
    vars(made).update(state)
    return made


@contextmanager
def module_named(name: str) -> Iterator[ModuleType]:
    """Within, a module of that name can be imported."""
    whole = name.split(".")
    paths = [".".join(whole[: count + 1]) for count in range(len(whole))]
    for path in paths:
        sys.modules[path] = ModuleType(path)
    try:
        yield sys.modules[name]
    finally:
        for path in paths:
            del sys.modules[path]


@pytest.mark.parametrize("where", ["training.networks", "fork.training.networks_stylegan2"])
@pytest.mark.parametrize("name", ["sg2_cond", "lafite"])
def test_classes_that_are_pickled_plainly(name: str, where: str, tmp_path: Path) -> None:
    file = tmp_path / "a.pkl"
    with family_snapshot.original_names(), module_named(where) as module:
        held = family_snapshot.payload(name)
        file.write_bytes(pickle.dumps({"G_ema": plainly(held["G_ema"], module)}))
    draws_as_recorded(name, file)


@pytest.mark.parametrize("where", ["training.networks_fastgan", "networks_x"])
def test_a_network_of_another_kind_is_named(where: str, tmp_path: Path) -> None:
    file = tmp_path / "a.pkl"
    with family_snapshot.original_names(), module_named(where) as module:
        held = family_snapshot.payload("sg2_cond")
        file.write_bytes(pickle.dumps({"G_ema": plainly(held["G_ema"], module)}))
    with pytest.raises(CheckpointError, match=f"another kind .{where}.Generator"):
        stylegan_t.load(file)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("wrapped", ["alone", "G_ema", "g_ema"])
def test_modules_that_torch_saved(wrapped: str, zipped: bool, tmp_path: Path) -> None:
    file = tmp_path / "a.pt"
    with family_snapshot.original_names():
        generator = family_snapshot.payload("sg3_r")["G_ema"]
        value = generator if wrapped == "alone" else {"step": 3, wrapped: generator}
        torch.save(value, file, _use_new_zipfile_serialization=zipped)
    draws_as_recorded("sg3_r", file)


# -- conditioners --------------------------------------------------------------------------------


def stranger(name: bytes = b"networks.t5\nT5Encoder\n", **options: Any) -> bytes:
    """A snapshot whose text encoder is of another class."""
    data = snapshot_bytes(
        SMALLEST_WITH_TEXT,
        with_d=False,
        protocol=3,
        clip_options=places.SMALL_TOWER,
        edit=lambda payload: payload.update(G=None),
        **options,
    )
    assert b"cnetworks.clip\nCLIP\n" in data
    return data.replace(b"cnetworks.clip\nCLIP\n", b"c" + name)


@pytest.mark.parametrize("name", [b"networks.t5\nT5Encoder\n", b"transformers.models.t5\nT5\n"])
def test_a_conditioner_that_is_not_known_is_left_out_and_told(name: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.pkl"
    file.write_bytes(stranger(name))
    network = stylegan_t.load(file)
    assert network.text is None and network.anatomy.condition == "text"
    assert name.decode().replace("\n", ".").strip(".") in network.warning
    assert "choose a text tower" in network.warning
    with torch.inference_mode():
        z, c = torch.zeros(1, network.anatomy.z_dim), torch.zeros(1, network.anatomy.c_dim)
        assert torch.isfinite(network.synthesis(network.mapping(z, c), noise_mode="const")).all()


def test_a_conditioner_that_can_do_harm_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.pkl"
    file.write_bytes(stranger(b"os\nsystem\n"))
    with pytest.raises(CheckpointError, match="can do harm"):
        stylegan_t.load(file)


# -- TensorFlow ----------------------------------------------------------------------------------


def test_networks_of_tensorflow_are_named(tmp_path: Path) -> None:
    file = tmp_path / "ffhq.pkl"
    file.write_bytes(b"\x80\x03cdnnlib.tflib.network\nNetwork\n)\x81}b\x85.")
    with pytest.raises(CheckpointError, match="TensorFlow") as caught:
        stylegan_t.load(file)
    assert "legacy.py" in str(caught.value)
