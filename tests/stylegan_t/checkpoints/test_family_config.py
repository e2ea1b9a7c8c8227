"""Snapshots of StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE, opened without running anything."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import stylegan_t
from tests.stylegan_t.family.recorded import NAMES, recorded, worst
from tests.stylegan_t.reference import family_snapshot, opcodes
from tests.stylegan_t.reference.family_snapshot import Persistent
from tests.stylegan_t.reference.snapshot import storages_as

IMAGE_TOLERANCE = 1e-4
KINDS = {"sg2": "StyleGAN2", "sg3": "StyleGAN3", "xl_": "StyleGAN-XL", "laf": "LAFITE"}


@torch.inference_mode()
def draws_as_recorded(name: str, file: Path) -> None:
    """The file opens as the recorded network and draws its image."""
    known = recorded(name)
    network = stylegan_t.load(file)
    anatomy = network.anatomy
    assert anatomy.kind == KINDS[name[:3]]
    assert not network.warning
    sizes = (anatomy.z_dim, anatomy.num_ws, anatomy.img_resolution, anatomy.img_channels)
    keys = ("z_dim", "num_ws", "img_resolution", "img_channels")
    assert sizes == tuple(known.info[key] for key in keys)
    ws = network.mapping(known.io["z"], known.label)
    image = network.synthesis(ws, noise_mode="const")
    assert worst(image, known.io["img_const"]) <= IMAGE_TOLERANCE


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("name", NAMES)
def test_every_kind_in_every_protocol(name: str, protocol: int, tmp_path: Path) -> None:
    file = family_snapshot.write(name, tmp_path / "a.pkl", protocol=protocol)
    draws_as_recorded(name, file)


@pytest.mark.parametrize("name", ["sg2_cond", "sg3_t", "xl_superres2"])
def test_dill(name: str, tmp_path: Path) -> None:
    draws_as_recorded(name, family_snapshot.write(name, tmp_path / "a.pkl", use_dill=True))


def test_dill_of_old(tmp_path: Path) -> None:
    """StyleGAN-XL's own files: numpy's functions are looked up by dill's."""
    file = family_snapshot.write("xl_stem", tmp_path / "a.pkl", protocol=3)
    data = family_snapshot.as_old_dill(file.read_bytes())
    assert data.count(b"_import_module") == 2
    file.write_bytes(data)
    draws_as_recorded("xl_stem", file)


@pytest.mark.parametrize(
    ("module", "wanted"),
    [
        ("os", "system"),
        ("numpy.core._multiarray_umath", "fromfile"),
        ("numpy", "scalar"),
        ("builtins", "_reconstruct"),
    ],
)
def test_dills_lookups_are_known_in_two_forms_only(
    module: str, wanted: str, tmp_path: Path
) -> None:
    file = family_snapshot.write("xl_stem", tmp_path / "a.pkl", protocol=3)
    good = family_snapshot.dill_lookup("numpy.core._multiarray_umath", "scalar")
    data = family_snapshot.as_old_dill(file.read_bytes())
    assert good in data
    bad = family_snapshot.dill_lookup(module, wanted)
    file.write_bytes(data.replace(good, bad, 1))
    with pytest.raises(stylegan_t.CheckpointError, match=r"a\.pkl"):
        stylegan_t.load(file)


def changed(
    name: str, tmp_path: Path, change: Callable[[dict[str, Any]], None], key: str = "G_ema"
) -> Path:
    """A snapshot whose generator's pickled form was changed."""
    file = tmp_path / "changed.pkl"
    with family_snapshot.original_names():
        held = family_snapshot.payload(name)
        change(held[key].meta)
        file.write_bytes(pickle.dumps(held, protocol=4))
    return file


def layer(meta: dict[str, Any], *path: str) -> dict[str, Any]:
    """The state of a part below a pickled one."""
    for name in path:
        part = meta["state"]["_modules"][name]
        assert isinstance(part, Persistent)
        meta = part.meta
    return meta["state"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda meta: meta.update(type="function"), "not written as usual"),
        (lambda meta: meta.update(version=7), "form that is not known"),
        (lambda meta: meta.update(class_name="TriPlaneGenerator"), "TriPlaneGenerator"),
        (lambda meta: meta.update(class_name=7), "not written as usual"),
        (lambda meta: meta.pop("state"), "not written as usual"),
        (lambda meta: layer(meta, "synthesis")["layer_names"].pop(), "colours do not come last"),
        (lambda meta: layer(meta, "synthesis")["layer_names"].reverse(), "contradict"),
        (lambda meta: layer(meta, "synthesis").update(layer_names="L0"), "order"),
        (
            lambda meta: layer(meta, "synthesis", "L0_36_24").update(up_taps=10**12),
            "up_taps",
        ),
        (
            lambda meta: layer(meta, "synthesis", "L0_36_24").update(in_sampling_rate=0),
            "sampling rates",
        ),
        (
            lambda meta: layer(meta, "synthesis", "L0_36_24").update(padding=[0, 0, 0, 0]),
            "contradict",
        ),
        (
            lambda meta: layer(meta, "synthesis", "L0_36_24").update(in_cutoff=float("nan")),
            "in_cutoff",
        ),
        (lambda meta: layer(meta, "mapping", "fc0").update(activation="swish"), "activation"),
        (lambda meta: layer(meta, "mapping", "fc0").update(bias_gain=1e9), "scaled"),
        (lambda meta: layer(meta).update(_modules={}), "lacks its mapping"),
    ],
)
def test_what_is_not_understood_is_refused_in_a_sentence(
    change: Callable[[dict[str, Any]], None], told: str, tmp_path: Path
) -> None:
    file = changed("sg3_t", tmp_path, change)
    with pytest.raises(stylegan_t.CheckpointError, match=told) as caught:
        stylegan_t.load(file)
    assert "changed.pkl" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    def spoil(meta: dict[str, Any]) -> None:
        buffers = layer(meta, "mapping")["_buffers"]
        buffers["w_avg"] = family_snapshot.unfinished(buffers["w_avg"])

    with pytest.raises(stylegan_t.CheckpointError, match="not numbers"):
        stylegan_t.load(changed("sg2_cond", tmp_path, spoil))


@pytest.mark.parametrize("name", ["sg2_cond", "sg3_t", "xl_stem", "lafite"])
def test_a_shortened_file_is_refused(name: str, tmp_path: Path) -> None:
    data = family_snapshot.write(name, tmp_path / "a.pkl").read_bytes()
    file = tmp_path / "short.pkl"
    for share in (0.0005, 0.1, 0.5, 0.9, 0.9999):
        file.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(stylegan_t.CheckpointError, match=r"short\.pkl"):
            stylegan_t.load(file)


@pytest.mark.parametrize(
    "name",
    [
        ("os", "system"),
        ("torch_utils.persistence", "_src_to_module"),
        ("dnnlib.util", "call_func_by_name"),
        ("dnnlib.util", "get_obj_by_name"),
        ("builtins", "exec"),
    ],
)
def test_another_function_in_the_place_of_the_persistent_one(
    name: tuple[str, str], tmp_path: Path
) -> None:
    data = family_snapshot.write("sg2_cond", tmp_path / "a.pkl", protocol=3).read_bytes()
    good = opcodes.by_name("torch_utils.persistence", "_reconstruct_persistent_obj")
    assert good in data
    file = tmp_path / "bad.pkl"
    file.write_bytes(data.replace(good, opcodes.by_name(*name)))
    with pytest.raises(stylegan_t.CheckpointError):
        stylegan_t.load(file)


# -- what the originals' files have besides ------------------------------------------------------

Payload = dict[str, Any]


def walk(node: object) -> Any:
    """All states below a pickled part, its own first."""
    if isinstance(node, Persistent):
        yield node.meta["state"]
        for part in node.meta["state"]["_modules"].values():
            yield from walk(part)


def in_training(held: Payload) -> Payload:
    """StyleGAN-XL saves its networks as they are: in training, with gradients on."""
    for state in walk(held["G_ema"]):
        state["training"] = True
        for parameter in state["_parameters"].values():
            parameter.requires_grad_(True)
    held["progress"] = {"cur_nimg": torch.zeros(()), "cur_tick": 7, "best_fid": 9999.0}
    return held


def misleading_arguments(held: Payload) -> Payload:
    """Those of the stem, which super-resolution leaves in inner parts."""
    for state in walk(held["G_ema"]):
        state["_init_kwargs"] = family_snapshot.easy_dict(num_ws=3, num_layers=1, c_dim=99)
        state["_init_args"] = (64, 7)
    return held


def channels_last(held: Payload) -> Payload:
    """Half precision leaves weights with permuted strides."""
    for state in walk(held["G_ema"]):
        for parameter in state["_parameters"].values():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return held


def of_newer_torch(held: Payload) -> Payload:
    """Plain dictionaries, more kinds of hooks, and an absent part that is an attribute."""
    for state in walk(held["G_ema"]):
        state["_modules"] = dict(state["_modules"])
        state["_parameters"] = dict(state["_parameters"])
        for hooks in ("_backward_pre_hooks", "_forward_pre_hooks_with_kwargs", "_state_dict_hooks"):
            state[hooks] = {}
        state["_is_full_backward_hook"] = None
        state["embed_absent"] = None
    return held


BESIDES: dict[str, tuple[str, Callable[[Payload], Payload]]] = {
    "in training": ("xl_superres2", in_training),
    "misleading arguments": ("xl_superres2", misleading_arguments),
    "channels last": ("sg2_cond", channels_last),
    "channels last, with text": ("lafite", channels_last),
    "newer torch": ("sg3_t", of_newer_torch),
    "without args": ("lafite", lambda held: {k: v for k, v in held.items() if k != "args"}),
    "converted by legacy.py": (
        "sg2_uncond",
        lambda held: {
            "G": held["G"],
            "D": None,
            "G_ema": held["G_ema"],
            "training_set_kwargs": None,
            "augment_pipe": None,
        },
    ),
    "an augment pipe": (
        "sg2_uncond",
        lambda held: {**held, "augment_pipe": Persistent("AugmentPipe", {"p": torch.ones(())})},
    ),
    "G first": (
        "sg2_resnet",
        lambda held: {"training_set_kwargs": None, "G": held["G_ema"], "G_ema": held["G_ema"]},
    ),
}


@pytest.mark.parametrize("device", ["cpu", "cuda:0"])
@pytest.mark.parametrize("case", BESIDES)
def test_what_the_originals_files_have_besides(case: str, device: str, tmp_path: Path) -> None:
    name, change = BESIDES[case]
    file = tmp_path / "a.pkl"
    with family_snapshot.original_names(), storages_as(False, device, memo=True):
        file.write_bytes(pickle.dumps(change(family_snapshot.payload(name)), protocol=4))
    assert (b"cuda:0" in file.read_bytes()) == (device == "cuda:0")
    draws_as_recorded(name, file)


def test_dills_own_word_for_an_empty_set(tmp_path: Path) -> None:
    """`dill._dill._load_type('set')`, called with a list, as old versions write it."""
    file = family_snapshot.write("xl_stem", tmp_path / "a.pkl", protocol=3)
    data = family_snapshot.as_old_dill(file.read_bytes())
    plain, by_dill = (
        opcodes.by_name("builtins", "set"),
        opcodes.call(opcodes.by_name("dill._dill", "_load_type"), opcodes.text("set")),
    )
    assert plain in data
    file.write_bytes(data.replace(plain, by_dill))
    draws_as_recorded("xl_stem", file)
