"""Snapshots that name what none needs are opened with a warning; sound ones without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import stylegan_t
from renderer.models.info import describe
from stylegan_t.checkpoints.pickle_nodes import Call, Global
from stylegan_t.checkpoints.usual_names import unusual, warning
from tests.stylegan_t.hostile import places
from tests.stylegan_t.hostile.gadget_chains import Gadget
from tests.stylegan_t.reference.opcodes import by_stack, call, raw, text
from tests.stylegan_t.reference.snapshot import write_snapshot
from tests.stylegan_t.test_reference_pickle_hostile import GADGETS

SOUND: list[dict[str, Any]] = [
    {"visual": True, "tokenizer": "object"},
    {"tokenizer": "function", "protocol": 2},
    {"dill": False},
    {"fixture_name": "tiny_uncond", "cuda": True, "zip_storages": True},
]
GAPS = (
    *(("torch.storage", "pickle.loads"), ("torch.serialization", "pickle.loads")),
    *(("types", "FunctionType"), ("numpy.lib._npyio_impl", "load")),
    *(("logging.config", "dictConfig"), ("_operator", "attrgetter"), ("functools", "reduce")),
    *(("networks.generator", "io.open"), ("torch.nn.modules.module", "torch.load")),
)
"""Names that can do harm and are on no list of such names."""


@pytest.mark.slow
@pytest.mark.parametrize("options", SOUND)
def test_sound_snapshots_need_no_warning(tmp_path: Path, options: dict[str, Any]) -> None:
    assert stylegan_t.load_generator(write_snapshot(tmp_path / "a.pkl", **options)).warning == ""


@pytest.mark.parametrize("gadget", [g for g in GADGETS if not g.named], ids=lambda g: g.name)
def test_what_is_not_refused_is_told(tmp_path: Path, gadget: Gadget) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(places.before(gadget.make(tmp_path / "marker")))
    told = stylegan_t.load_generator(path).warning
    assert told.startswith("a.pkl names ") and "Nothing of it was run" in told
    assert told.isprintable() and len(told) < 2000 and not (tmp_path / "marker").exists()


@pytest.mark.parametrize(("module", "name"), GAPS)
def test_the_warning_names_what_is_there(tmp_path: Path, module: str, name: str) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(places.before(call(by_stack(module, name), raw(b"N."))))
    generator = stylegan_t.load_generator(path)
    assert f"{module}.{name}" in generator.warning
    assert describe(generator, str(path)).warning == generator.warning


def looked_up(function: str, *arguments: object) -> Call:
    return Call(Global("dill._dill", function), arguments)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (looked_up("_import_module", "os"), ["the module os"]),
        (looked_up("_import_module", "networks.vit_utils"), []),
        (looked_up("_import_module"), ["a module without a name"]),
        (looked_up("getattr", None, "forward"), []),
        (looked_up("getattr", None, "__globals__"), ["the attribute __globals__"]),
        (looked_up("_get_attr", None, "a.system"), ["the attribute a.system"]),
        (looked_up("getattr", None, 5), ["an attribute without a name"]),
        (Call(Global("builtins", "getattr"), None), ["an attribute without a name"]),
    ],
)
def test_lookups_by_a_text(call: Call, told: list[str]) -> None:
    assert unusual([], [call]) == told


def test_a_long_list_is_cut() -> None:
    told = warning("a.pkl", [f"os.a{i}" for i in range(9)])
    assert "os.a4 and 4 more, which" in told and "os.a5" not in told
    assert warning("a.pkl", ["os.a"]).startswith("a.pkl names os.a, which")


def test_a_converted_file_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(places.before(call(by_stack("types", "FunctionType"), text("a"))))
    stylegan_t.save(stylegan_t.load_generator(path), tmp_path / "a.safetensors")
    assert stylegan_t.load_generator(tmp_path / "a.safetensors").warning == ""
