"""The layers of full-sized StyleGAN3 generators, and of super-resolution stages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stylegan_t.family.schedule import LayerSpec, Schedule, superresolved
from tests.stylegan_t.family.recorded import PARITY, SCHEDULE, THIRD, XL, recorded

TABLES: dict[str, Any] = json.loads((PARITY / "sg3_schedules.json").read_text())
OURS = {
    "is_critically_sampled": "is_critical",
    "in_sampling_rate": "in_rate",
    "out_sampling_rate": "out_rate",
    "tmp_sampling_rate": "inner_rate",
    "conv_kernel": "kernel",
    "use_radial_filters": "radial",
    "up_factor": "up",
    "down_factor": "down",
}
LEFT_OUT = {"use_fp16", "ws_index", "layer_ema_beta"}


def agree(layers: tuple[LayerSpec, ...], rows: list[dict[str, Any]]) -> None:
    """Every attribute of every layer is the recorded one, exactly."""
    for layer, row in zip(layers, rows, strict=True):
        for key, value in row.items():
            if key in LEFT_OUT:
                continue
            ours = getattr(layer, OURS.get(key, key))
            if key in ("in_size", "out_size") and isinstance(value, list):
                ours = [ours, ours]
            assert (list(ours) if isinstance(ours, tuple) else ours) == value, (layer.name, key)


@pytest.mark.parametrize("name", TABLES)
def test_full_sized_generators(name: str) -> None:
    table = TABLES[name]
    given = {SCHEDULE[key]: value for key, value in table["kwargs"].items() if key in SCHEDULE}
    layers = Schedule(img_resolution=table["img_resolution"], **given).layers()
    assert [layer.name for layer in layers] == table["layer_names"]
    agree(layers, table["layers"])


@pytest.mark.parametrize("name", [*THIRD, *XL])
def test_recorded_networks(name: str) -> None:
    known = recorded(name)
    layers = known.layers()
    assert [layer.name for layer in layers] == known.info["layer_names"]
    agree(layers, known.info["layers"])


def test_the_released_stages_of_stylegan_xl() -> None:
    """12 rows at 16 px, then five more a stage: an example of the paper's default widths."""

    def wide(resolution: int, num_layers: int) -> Schedule:
        return Schedule(
            img_resolution=resolution, num_layers=num_layers, channel_base=65536, channel_max=1024
        )

    layers = wide(16, 10).layers()
    rows = [len(layers) + 1]
    for resolution in (32, 64, 128, 256):
        layers = superresolved(layers, wide(resolution, 7))
        rows.append(len(layers) + 1)
    assert rows == [12, 17, 22, 27, 32]
    names = [layer.name for layer in layers]
    assert names[7:9] == ["L7_36_1024", "L9_36_1024"]
    assert len(set(names)) == len(names)
