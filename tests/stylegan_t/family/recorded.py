"""The recorded networks of tests/parity/family: their states, inputs and outputs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from stylegan_t.family.lafite import Lafite, LafiteConfig
from stylegan_t.family.schedule import LayerSpec, Schedule, superresolved
from stylegan_t.family.stylegan2 import StyleGAN2, StyleGAN2Config
from stylegan_t.family.stylegan3 import StyleGAN3, StyleGAN3Config
from stylegan_t.family.stylegan_xl import StyleGANXL, StyleGANXLConfig

PARITY = Path(__file__).parents[2] / "parity" / "family"
SECOND = ("sg2_cond", "sg2_uncond", "sg2_resnet", "sg2_orig")
THIRD = ("sg3_t", "sg3_t_cond", "sg3_r")
XL = ("xl_stem", "xl_superres", "xl_superres2", "xl_uncond")
NAMES = (*SECOND, *THIRD, *XL, "lafite")
STAGES = {"xl_superres": "xl_stem", "xl_superres2": "xl_superres"}
"""The stage that a super-resolution stage was built on."""
SCHEDULE = {
    **{name: name for name in ("img_resolution", "img_channels", "channel_base", "channel_max")},
    **{name: name for name in ("num_layers", "num_critical", "first_cutoff", "first_stopband")},
    **{name: name for name in ("last_stopband_rel", "margin_size", "conv_clamp", "filter_size")},
    "lrelu_upsampling": "lrelu_upsampling",
    "conv_kernel": "kernel",
    "use_radial_filters": "radial",
}
"""Names of the originals' arguments, and ours."""

Model = StyleGAN2 | StyleGAN3 | StyleGANXL | Lafite


@dataclass(frozen=True)
class Recorded:
    """One network: what its JSON says, its state, and its inputs and outputs."""

    name: str
    info: dict[str, Any]
    state: dict[str, Tensor]
    io: dict[str, Tensor]

    @property
    def label(self) -> Tensor | None:
        """What the mapping gets beside the latent."""
        return self.io.get("c", self.io.get("fts"))

    def rows(self, ws: Tensor, text: Tensor | None = None) -> Tensor:
        """Recorded rows of w as the synthesis takes them: LAFITE's carry the text."""
        if self.name != "lafite":
            return ws
        text = self.io["fts"] if text is None else text
        return torch.cat([ws, text[:, None].expand(-1, ws.shape[1], -1)], dim=2)

    @torch.inference_mode(mode=False)
    def model(self) -> Model:
        """A fresh network with the recorded weights, in evaluation mode."""
        model = self._second() if self.name in (*SECOND, "lafite") else self._third()
        model.load_state_dict(self.state, strict=True)
        return model.eval()

    def _second(self) -> StyleGAN2 | Lafite:
        given = self.info["generator_kwargs"]
        mapping, synthesis = given["mapping_kwargs"], given["synthesis_kwargs"]
        shared = {
            "z_dim": given["z_dim"],
            "w_dim": given["w_dim"],
            "channels": tuple(self.info["channels"].values()),
            "c_dim": given["c_dim"],
            "img_channels": given["img_channels"],
            "mapping_layers": mapping["num_layers"],
            "embed_features": mapping.get("embed_features"),
            "layer_features": mapping.get("layer_features"),
            "architecture": synthesis.get("architecture", "skip"),
            "fir_taps": tuple(synthesis.get("resample_filter", (1, 3, 3, 1))),
            "conv_clamp": synthesis.get("conv_clamp"),
            "use_noise": synthesis.get("use_noise", True),
        }
        if self.name != "lafite":
            return StyleGAN2(StyleGAN2Config(**shared))
        structures = tuple(self.info["structure"].values())
        return Lafite(LafiteConfig(**shared, f_dim=synthesis["f_dim"], structures=structures))

    def _third(self) -> StyleGAN3:
        mapping = self.info["generator_kwargs"].get("mapping_kwargs", {})
        shared = {
            "z_dim": self.info["z_dim"],
            "w_dim": self.info["w_dim"],
            "layers": self.layers(),
            "c_dim": self.info["c_dim"],
            "output_scale": self.info["output_scale"],
            "bandwidth": self.info["input"]["bandwidth"],
            "mapping_layers": mapping.get("num_layers", 2),
            "mapping_lr_multiplier": mapping.get("lr_multiplier", 0.01),
        }
        if self.name in THIRD:
            return StyleGAN3(StyleGAN3Config(**shared))
        table = (
            self.info["embedding"]["num_embeddings"],
            self.info["embedding"]["embedding_dim"],
        )
        return StyleGANXL(StyleGANXLConfig(**shared, table=table))

    def layers(self) -> tuple[LayerSpec, ...]:
        """The layers of a StyleGAN3 kind, from the arguments that it was built with."""
        given = self.info["generator_kwargs"]
        if self.name not in STAGES:
            ours = {SCHEDULE[key]: value for key, value in given.items() if key in SCHEDULE}
            return Schedule(**ours).layers()
        head = self.info["superres_attributes"]
        schedule = Schedule(
            img_resolution=given["img_resolution"],
            channel_base=head["channel_base"],
            channel_max=head["channel_max"],
            margin_size=head["margin_size"],
            num_layers=given["head_layers"],
        )
        return superresolved(recorded(STAGES[self.name]).layers(), schedule)


@cache
@torch.inference_mode(mode=False)
def recorded(name: str) -> Recorded:
    """One of `NAMES`; gradients may flow through what is kept."""
    return Recorded(
        name,
        json.loads((PARITY / f"{name}.json").read_text()),
        load_file(PARITY / f"{name}.safetensors"),
        load_file(PARITY / f"{name}_io.safetensors"),
    )


def worst(actual: Tensor, expected: Tensor) -> float:
    """Largest absolute difference; shapes must agree."""
    assert actual.shape == expected.shape
    return (actual - expected).abs().max().item()
