"""The layer kinds of LAFITE that no published network has, against recorded numbers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from stylegan_t.family.lafite import LafiteConfig, TextSynthesisLayer
from tests.stylegan_t.family.recorded import PARITY, worst

IO = load_file(PARITY / "ops_lafite_io.safetensors")
TOLERANCE = 1e-5


@pytest.mark.parametrize("structure", [0, 3])
@torch.inference_mode()
def test_text_is_added_to_the_style_or_not_used(structure: Any) -> None:
    structures = (structure, structure)
    config = LafiteConfig(10, 10, (6, 4), f_dim=8, structures=structures)
    layer = TextSynthesisLayer(6, 4, 8, config)
    prefix = f"layer{structure}.state."
    layer.load_state_dict(
        {key.removeprefix(prefix): value for key, value in IO.items() if key.startswith(prefix)}
    )
    rows = torch.cat([IO["w"], IO["fts"]], dim=1)
    assert worst(layer.style(rows), IO[f"layer{structure}.styles"]) <= TOLERANCE
    drawn = layer(IO["x"], rows, lambda side, const: const)
    assert worst(drawn, IO[f"layer{structure}.y"]) <= TOLERANCE
