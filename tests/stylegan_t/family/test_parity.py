"""StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE against numbers recorded from the originals."""

from __future__ import annotations

import re

import pytest
import torch
from torch import Tensor

from stylegan_t.family.lafite import Lafite, TextStyled
from stylegan_t.family.stylegan3 import StyleGAN3
from tests.stylegan_t.family.recorded import NAMES, SECOND, THIRD, XL, Model, recorded, worst

W_TOLERANCE, IMAGE_TOLERANCE, GRADIENT_TOLERANCE = 1e-5, 1e-4, 1e-3
"""The first two absolute, the last relative; tests/parity/family/README.md says why."""


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def model(name: str) -> Model:
    return recorded(name).model()


@torch.inference_mode()
def test_latents_become_the_recorded_w_at_every_truncation(name: str, model: Model) -> None:
    known, tried = recorded(name), 0
    for key, expected in known.io.items():
        if found := re.fullmatch(r"ws_psi([\d.]+?)(?:_cutoff(\d+))?", key):
            cutoff = int(found[2]) if found[2] else None
            ws = model.mapping(known.io["z"], known.label, float(found[1]), cutoff)
            assert worst(ws, known.rows(expected)) <= W_TOLERANCE, key
            tried += 1
    assert tried == 4


@torch.inference_mode()
def test_rows_become_the_recorded_images(name: str, model: Model) -> None:
    known = recorded(name)
    cases = [
        ("img_const", "ws_psi1", "const"),
        ("img_none", "ws_psi1", "none"),
        ("img_const_psi0.7", "ws_psi0.7", "const"),
        ("img_mixed_const", "ws_mixed", "const"),
    ]
    cases += [
        (key, f"ws_{key.removeprefix('img_const_')}", "const")
        for key in known.io
        if key.startswith("img_const_psi0.5_cutoff")
    ]
    assert len(cases) == 5
    for key, rows, mode in cases:
        image = model.synthesis(known.rows(known.io[rows]), mode)
        assert worst(image, known.io[key]) <= IMAGE_TOLERANCE, key


@torch.inference_mode()
def test_latents_become_the_recorded_images(name: str, model: Model) -> None:
    known = recorded(name)
    image = model(known.io["z"], known.label)
    assert worst(image, known.io["img_const"]) <= IMAGE_TOLERANCE


def test_gradients_reach_the_latent(name: str, model: Model) -> None:
    known = recorded(name)
    z = known.io["z"].clone().requires_grad_()
    (model(z, known.label) * known.io["grad_probe"]).sum().backward()
    assert z.grad is not None
    size = known.io["grad_z"].abs().max().item()
    assert worst(z.grad, known.io["grad_z"]) <= GRADIENT_TOLERANCE * size


@pytest.mark.parametrize("name", [*THIRD, *XL])
@torch.inference_mode()
def test_the_user_moves_the_input(name: str) -> None:
    known = recorded(name)
    model = known.model()
    for kind in ("identity", "rot", "zoom", "affine"):
        matrix = known.io[f"transform_{kind}_matrix"]
        image = model.synthesis(known.io["ws_psi1"], transform=matrix)
        assert worst(image, known.io[f"img_transform_{kind}"]) <= IMAGE_TOLERANCE


@pytest.mark.parametrize("name", XL)
@torch.inference_mode()
def test_truncation_draws_to_the_nearest_of_several_centres(name: str) -> None:
    known = recorded(name)
    ws = known.model().mapping(known.io["z"], known.label, 0.7, centres=known.io["centroids"])
    assert worst(ws, known.io["ws_multimodal_psi0.7"]) <= W_TOLERANCE


@torch.inference_mode()
def test_text_is_heard_in_lafite() -> None:
    known = recorded("lafite")
    rows = known.rows(known.io["ws_psi1"], known.io["fts"].flip(0))
    image = known.model().synthesis(rows, "const")
    assert worst(image, known.io["img_const_fts_swapped"]) <= IMAGE_TOLERANCE


@torch.inference_mode()
def test_styles_of_lafite() -> None:
    known = recorded("lafite")
    model, styles = known.model(), list[Tensor]()
    assert isinstance(model, Lafite)
    rows = known.rows(known.io["ws_psi1"])
    for index, resolution in enumerate(model.config.block_resolutions):
        block = model.synthesis.block(resolution)
        first = max(2 * index - 1, 0)
        if index:
            styles.append(block.conv0.style(rows[:, first]))
        styles.append(block.conv1.style(rows[:, 2 * index]))
        styles.append(block.torgb.style(rows[:, 2 * index + 1]) * block.torgb.style_gain)
    for number, style in enumerate(styles):
        assert worst(style, known.io[f"style.{number:02d}"]) <= IMAGE_TOLERANCE


@pytest.mark.parametrize("name", SECOND)
@torch.inference_mode()
def test_blocks_make_the_recorded_features(name: str) -> None:
    known = recorded(name)
    images = {}
    model = known.model()
    model.synthesis(
        known.io["ws_psi1"],
        "const",
        on_block=lambda resolution, image: images.update({resolution: image}),
    )
    for resolution, image in images.items():
        if image is not None:
            recorded_image = known.io[f"act.b{resolution}.img"]
            assert worst(image, recorded_image) <= IMAGE_TOLERANCE
    assert images[known.info["img_resolution"]] is not None


def test_labels_are_checked() -> None:
    known = recorded("sg2_cond")
    model = known.model()
    with pytest.raises(ValueError, match="needs labels"):
        model.mapping(known.io["z"])
    with pytest.raises(ValueError, match="needs labels"):
        model.mapping(known.io["z"], torch.eye(2))
    plain = recorded("sg2_uncond")
    with pytest.raises(ValueError, match="no classes"):
        plain.model().mapping(plain.io["z"], torch.eye(2))
    text = recorded("lafite")
    with pytest.raises(ValueError, match="text features"):
        text.model().mapping(text.io["z"])


@pytest.mark.slow
@torch.inference_mode()
def test_every_row_counts(name: str, model: Model) -> None:
    known = recorded(name)
    ws, mixed = known.rows(known.io["ws_psi1"]), known.rows(known.io["ws_mixed"])
    plain = model.synthesis(ws, "const")
    for row in range(ws.shape[1]):
        other = ws.clone()
        other[:, row] = mixed[:, row]
        assert worst(model.synthesis(other, "const"), plain) > 0, row


@torch.inference_mode()
def test_an_edit_of_a_style_is_a_bias_of_its_layer(name: str) -> None:
    known = recorded(name)
    model = known.model()
    if isinstance(model, StyleGAN3):
        affine = model.synthesis.layer(0).affine
    else:
        layer = model.synthesis.block(8).conv0
        affine = layer.affine_0 if isinstance(layer, TextStyled) else layer.affine
    ws = known.rows(known.io["ws_psi1"])
    edit = torch.linspace(-0.3, 0.5, len(affine.bias))
    edited = model.synthesis(ws, "const", style_edits={1: edit})
    affine.bias.add_(edit)
    assert worst(edited, model.synthesis(ws, "const")) <= 1e-5
    affine.bias.sub_(edit)
    assert worst(edited, model.synthesis(ws, "const")) > 1e-4
