"""Weights alone, as forks publish them: opened, drawn as recorded, or refused in a sentence."""

from __future__ import annotations

import io
import pickle
import zipfile
from argparse import Namespace
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import stylegan_t
from stylegan_t import CheckpointError
from stylegan_t.checkpoints.state_dicts import generator_prefix
from stylegan_t.network import AnyNetwork
from tests.stylegan_t.checkpoints.test_native import drawn
from tests.stylegan_t.family.recorded import NAMES, recorded, worst
from tests.stylegan_t.reference.snapshot import fixture

TWO = ("mapping.fc0.weight", "synthesis.a")
UNUSUAL = ("sg2_uncond", "sg3_t_cond", "lafite")
"""Recorded networks with another clamp than the usual one, or another schedule."""
USUAL = tuple(name for name in NAMES if name not in UNUSUAL)
Wrap = Callable[[dict[str, Tensor]], Any]


def others() -> dict[str, Tensor]:
    """Weights of a discriminator."""
    return {"b4.conv.weight": torch.ones(3, 3), "mapping.fc0.weight": torch.ones(4, 4)}


def prefixed(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {f"{prefix}{name}": tensor for name, tensor in state.items()}


WRAPPED: dict[str, Wrap] = {
    "alone": lambda state: state,
    "ordered": lambda state: OrderedDict(state),
    "g_ema": lambda state: {"g": {}, "g_ema": state, "d": others()},
    "G_ema beside G": lambda state: {
        "G": {name: tensor + 1 for name, tensor in state.items()},
        "G_ema": state,
        "D": others(),
    },
    "module.": lambda state: prefixed(state, "module."),
    "G_ema. beside D.": lambda state: {**prefixed(state, "G_ema."), **prefixed(others(), "D.")},
    "nested": lambda state: {"state_dict": {"generator": prefixed(state, "module.")}},
    "training": lambda state: {
        "model": {"generator_ema": state, "generator": prefixed(state, "x.")},
        "optimizer": {"state": {0: {"step": 3, "exp_avg": torch.ones(3)}}, "param_groups": []},
        "args": Namespace(size=32),
        "step": 7,
    },
    "parameters": lambda state: {
        name: nn.Parameter(tensor, requires_grad=False) for name, tensor in state.items()
    },
}
ZIP, LEGACY, PICKLE = "zip", "legacy", "pickle"


def write(value: object, path: Path, form: str = ZIP) -> Path:
    """Save as torch does, as it did before 1.6, or as a plain pickle."""
    if form == PICKLE:
        path.write_bytes(pickle.dumps(value))
    else:
        torch.save(value, path, _use_new_zipfile_serialization=form == ZIP)
    return path


def draws_as_recorded(name: str, network: AnyNetwork) -> None:
    known = recorded(name)
    assert worst(drawn(name, network), known.io["img_const"]) <= 1e-4
    assert "taken as usual" in network.card.description and not network.warning


@pytest.mark.parametrize("form", [ZIP, LEGACY, PICKLE])
@pytest.mark.parametrize("name", USUAL)
def test_every_kind_draws_as_recorded(name: str, form: str, tmp_path: Path) -> None:
    path = write(recorded(name).state, tmp_path / "a.pt", form)
    network = stylegan_t.load(path)
    draws_as_recorded(name, network)
    assert network.anatomy == recorded(name).model().anatomy


@pytest.mark.parametrize("name", USUAL)
def test_safetensors_of_others(name: str, tmp_path: Path) -> None:
    state = {**prefixed(recorded(name).state, "g_ema."), **prefixed(others(), "d.")}
    save_file(
        {key: tensor.contiguous() for key, tensor in state.items()}, tmp_path / "a.safetensors"
    )
    draws_as_recorded(name, stylegan_t.load(tmp_path / "a.safetensors"))


@pytest.mark.parametrize("form", [ZIP, LEGACY, PICKLE])
@pytest.mark.parametrize("wrapped", WRAPPED)
def test_prefixes_and_what_stands_beside(wrapped: str, form: str, tmp_path: Path) -> None:
    state = recorded("sg2_cond").state
    draws_as_recorded(
        "sg2_cond", stylegan_t.load(write(WRAPPED[wrapped](state), tmp_path / "a.pth", form))
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions(dtype: torch.dtype, tmp_path: Path) -> None:
    state = {name: tensor.to(dtype) for name, tensor in recorded("sg3_r").state.items()}
    network = stylegan_t.load(write(state, tmp_path / "a.pt"))
    known = recorded("sg3_r")
    assert network.anatomy == known.model().anatomy
    tolerance = 1e-4 if dtype == torch.float64 else 0.3
    assert worst(drawn("sg3_r", network), known.io["img_const"]) <= tolerance


def test_a_clamp_is_taken_as_usual(tmp_path: Path) -> None:
    """The recorded one cuts at 1, which weights do not say."""
    network = stylegan_t.load(write(recorded("sg2_uncond").state, tmp_path / "a.pt"))
    assert network.config.conv_clamp == 256 and "clamped at 256" in network.card.description


def test_lafite_hears_text(tmp_path: Path) -> None:
    network = stylegan_t.load(write(recorded("lafite").state, tmp_path / "a.pt"))
    anatomy = network.anatomy
    assert anatomy.kind == "LAFITE" and anatomy.condition == "text" and anatomy.c_dim == 24
    assert network.config.structures == (2, 2, 1)


def test_another_schedule_is_told_by_its_filters(tmp_path: Path) -> None:
    path = write(recorded("sg3_t_cond").state, tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match="no usual design"):
        stylegan_t.load(path)


def test_filters_decide_between_designs_of_the_same_sizes(tmp_path: Path) -> None:
    state = dict(recorded("sg3_t").state)
    for key in list(state):
        if key.endswith("L3_36_24.up_filter"):
            state[key] = state[key].flip(0).roll(1)
    with pytest.raises(CheckpointError, match="no usual design"):
        stylegan_t.load(write(state, tmp_path / "a.pt"))


def test_weights_of_stylegan_t(tmp_path: Path) -> None:
    _, state, _ = fixture("tiny_cond")
    clip = {"mapping.clip.model.token_embedding.weight": torch.ones(4, 4)}
    path = write({"G_ema": {**state, **clip}}, tmp_path / "a.pt")
    network = stylegan_t.load(path)
    assert network.anatomy.kind == "StyleGAN-T" and network.text is None
    assert network.anatomy.c_dim == 32
    own = network.state_dict()
    assert all(torch.equal(own[name], tensor) for name, tensor in state.items())


def test_what_was_taken_travels_on(tmp_path: Path) -> None:
    network = stylegan_t.load(write(recorded("xl_superres2").state, tmp_path / "a.pt"))
    native = tmp_path / "b.safetensors"
    stylegan_t.save(network, native)
    draws_as_recorded("xl_superres2", stylegan_t.load(native))


@pytest.mark.parametrize(
    ("names", "prefix"),
    [
        (["mapping.fc0.weight", "synthesis.a"], ""),
        (["G.mapping.fc0.weight", "G.synthesis.a", "E.x"], "G."),
        (["G.mapping.mlp.fc0.weight", "G.synthesis.a", "D.mapping.fc0.weight"], "G."),
        (["g.mapping.fc0.weight", "g.synthesis.a", "g_ema.mapping.fc0.weight"], "g."),
        (
            [f"{where}.{name}" for where in ("g", "x.G_EMA") for name in TWO],
            "x.G_EMA.",
        ),
        (["style.1.weight", "convs.0.conv.weight"], None),
        ([], None),
    ],
)
def test_the_averaged_generator_is_preferred(names: list[str], prefix: str | None) -> None:
    assert generator_prefix(names) == prefix


# -- what is no such file ------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        stylegan_t.load(path)
    message = str(caught.value)
    assert path.name in message and "\n" not in message and message.endswith(".")
    return message


OTHER_NETWORKS: dict[str, dict[str, Tensor]] = {
    "a layer": nn.Linear(3, 3).state_dict(),
    "a part of rosinality's StyleGAN2": {
        "style.1.weight": torch.ones(8, 8),
        "conv1.conv.weight": torch.ones(1, 8, 8, 3, 3),
    },
    "a diffusion model": {"model.diffusion_model.input_blocks.0.0.weight": torch.ones(8, 4, 3, 3)},
    "a discriminator": others(),
    "EG3D": {
        "backbone.mapping.fc0.weight": torch.ones(8, 8),
        "backbone.synthesis.b4.const": torch.ones(8, 4, 4),
        "renderer.plane_axes": torch.ones(3, 3, 3),
    },
    "half a network": {
        "mapping.fc0.weight": torch.ones(8, 8),
        "synthesis.b4.const": torch.ones(8, 4, 4),
    },
    "no layers": {
        "mapping.fc0.weight": torch.ones(8, 8),
        "synthesis.input.freqs": torch.ones(8, 2),
    },
    "nothing": {},
}


@pytest.mark.parametrize("form", [ZIP, LEGACY, PICKLE])
@pytest.mark.parametrize("name", OTHER_NETWORKS)
def test_weights_of_other_networks(name: str, form: str, tmp_path: Path) -> None:
    refused(write(OTHER_NETWORKS[name], tmp_path / "other.pt", form))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sg2_cond", "sg2_resnet", "sg3_r", "xl_superres", "lafite"])
def test_mixed_up_shapes(name: str, tmp_path: Path) -> None:
    """Each tensor in turn with a size too many, or none."""
    state = recorded(name).state
    for key in list(state)[:: max(len(state) // 12, 1)]:
        for changed in (torch.ones(*state[key].shape, 1), torch.ones(1), torch.ones(2, 3, 5)):
            if changed.shape != state[key].shape:
                refused(write({**state, key: changed}, tmp_path / "mixed.pt"))


@pytest.mark.parametrize("name", ["sg2_cond", "sg3_t", "xl_stem"])
def test_a_tensor_too_few_or_too_many(name: str, tmp_path: Path) -> None:
    state = dict(recorded(name).state)
    refused(write({**state, "synthesis.more.weight": torch.ones(3)}, tmp_path / "more.pt"))
    first = next(key for key in state if key.endswith("affine.bias"))
    del state[first]
    assert first in refused(write(state, tmp_path / "fewer.pt"))


def test_numbers_that_are_none(tmp_path: Path) -> None:
    state = dict(recorded("sg2_cond").state)
    state["mapping.w_avg"] = torch.full_like(state["mapping.w_avg"], torch.nan)
    assert "mapping.w_avg" in refused(write(state, tmp_path / "nan.pt"))
    state["mapping.w_avg"] = torch.ones(state["mapping.w_avg"].shape, dtype=torch.int64)
    assert "floating" in refused(write(state, tmp_path / "whole.pt"))


class Runs:
    """Ends the process that unpickles it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return SystemExit, ("a pickle was run",)


@pytest.mark.parametrize("form", [ZIP, LEGACY, PICKLE])
def test_what_stands_beside_is_not_run_but_told_of(form: str, tmp_path: Path) -> None:
    path = write({"g_ema": recorded("sg2_cond").state, "args": Runs()}, tmp_path / "a.pt", form)
    assert "SystemExit" in stylegan_t.load(path).warning


@pytest.mark.parametrize("form", [ZIP, LEGACY, PICKLE])
def test_what_can_do_harm_is_refused(form: str, tmp_path: Path) -> None:
    class Harmful:
        def __reduce__(self) -> tuple[Any, ...]:
            return eval, ("1/0",)

    path = write({"g_ema": recorded("sg2_cond").state, "x": Harmful()}, tmp_path / "a.pt", form)
    assert "eval" in refused(path) and "can do harm" in refused(path)


def test_a_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "script.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("script/data.pkl", pickle.dumps({}))
        archive.writestr("script/code/__torch__.py", "raise SystemExit")
        archive.writestr("script/constants.pkl", pickle.dumps(()))
    assert "TorchScript" in refused(path)


@pytest.mark.parametrize("form", [ZIP, LEGACY])
def test_shortened_files(form: str, tmp_path: Path) -> None:
    path = write({"g_ema": recorded("sg2_orig").state}, tmp_path / "short.pt", form)
    data = path.read_bytes()
    for share in [k / 40 for k in range(40)] + [0.001, 0.99, 0.999, 0.9999]:
        path.write_bytes(data[: int(len(data) * share)])
        refused(path)


@pytest.mark.parametrize("form", [ZIP, LEGACY])
def test_files_that_go_on(form: str, tmp_path: Path) -> None:
    path = write({"g_ema": recorded("sg2_orig").state}, tmp_path / "long.pt", form)
    path.write_bytes(path.read_bytes() + b"more")
    refused(path)


Change = Callable[[str, bytes], tuple[str, bytes]]


def repacked(data: bytes, change: Change, **options: Any) -> bytes:
    """A zip with other files in it."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", **options) as new:
        for name in old.namelist():
            new.writestr(*change(name, old.read(name)))
    return target.getvalue()


ZIPS: dict[str, tuple[Change, dict[str, Any]]] = {
    "compressed": (lambda n, d: (n, d), {"compression": zipfile.ZIP_DEFLATED}),
    "storages too short": (lambda n, d: (n, d[:-4] if "/data/" in n else d), {}),
    "storages too long": (lambda n, d: (n, d + b"1234" if "/data/" in n else d), {}),
    "storages missing": (lambda n, d: (n.replace("/data/", "/date/"), d), {}),
    "big-endian": (lambda n, d: (n, b"big" if n.endswith("byteorder") else d), {}),
    "no pickle": (lambda n, d: (n.replace("data.pkl", "data.txt"), d), {}),
    "an empty pickle": (lambda n, d: (n, b"" if n.endswith("data.pkl") else d), {}),
    "a pickle of nothing": (lambda n, d: (n, b"N." if n.endswith("data.pkl") else d), {}),
}


@pytest.mark.parametrize("name", ZIPS)
def test_other_zips(name: str, tmp_path: Path) -> None:
    path = write({"g_ema": recorded("sg2_orig").state}, tmp_path / "zip.pt")
    change, options = ZIPS[name]
    path.write_bytes(repacked(path.read_bytes(), change, **options))
    refused(path)


def test_two_pickles_in_a_zip(tmp_path: Path) -> None:
    path = write({"g_ema": recorded("sg2_orig").state}, tmp_path / "zip.pt")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other/data.pkl", pickle.dumps({}))
    refused(path)


@pytest.mark.parametrize("size", [1 << 36, 1 << 50, (1 << 62) - 1])
@pytest.mark.parametrize("form", [ZIP, LEGACY])
def test_claims_of_huge_tensors(form: str, size: int, tmp_path: Path) -> None:
    """Storages that say they hold what the file does not."""
    path = write({"g_ema": recorded("sg2_orig").state}, tmp_path / "huge.pt", form)
    data, old = path.read_bytes(), pickle.dumps(recorded("sg2_orig").state["mapping.w_avg"].numel())
    number = old[old.index(b"K") : old.index(b"K") + 2]
    claim = b"\x8a\x08" + size.to_bytes(8, "little")
    if form == LEGACY:
        path.write_bytes(data.replace(number + b"Nt", claim + b"Nt"))
    else:
        old_claim, new_claim = number + b"t", claim + b"t"
        path.write_bytes(repacked(data, lambda n, d: (n, d.replace(old_claim, new_claim))))
    assert path.read_bytes() != data
    refused(path)


def test_a_sparse_file_of_100_gigabytes(tmp_path: Path) -> None:
    path = write({"g_ema": recorded("sg2_orig").state}, tmp_path / "sparse.pt", LEGACY)
    with open(path, "r+b") as file:
        file.truncate(100 << 30)
    refused(path)


def test_dictionaries_that_hold_one_another(tmp_path: Path) -> None:
    state: dict[str, Any] = dict(recorded("sg2_orig").state)
    wide: dict[str, Any] = state
    for _ in range(30):
        wide = {f"k{index}": wide for index in range(30)}
    refused(write(wide, tmp_path / "wide.pt"))
    deep: dict[str, Any] = {}
    deep["deep"] = deep
    refused(write(deep, tmp_path / "deep.pt"))
