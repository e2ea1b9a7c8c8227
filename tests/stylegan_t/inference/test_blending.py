"""Two generators as one: exact at the ends, on the line between, and a sentence where none fits."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

import stylegan_t
from stylegan_t import Generator
from stylegan_t.inference import blending
from stylegan_t.inference.blending import MAPPING, Blend, MisfitError, blended, misfit
from stylegan_t.inference.precision import lower, twin
from stylegan_t.network import AnyNetwork
from tests.renderer.fakes import tiny_model
from tests.stylegan_t.reference import family_snapshot

KINDS = ("sg2_cond", "sg2_resnet", "sg3_t", "sg3_r", "xl_superres", "xl_uncond", "lafite")


def image(model: AnyNetwork) -> Tensor:
    """A picture of a fixed latent, with the stored noise."""
    anatomy, draws = model.anatomy, torch.Generator().manual_seed(3)
    z = torch.randn(1, anatomy.z_dim, generator=draws)
    c = torch.eye(anatomy.c_dim)[:1] if anatomy.c_dim else None
    with torch.inference_mode():
        return model.synthesis(model.mapping(z, c), noise_mode="const")


def shaken(model: AnyNetwork) -> AnyNetwork:
    """Another checkpoint of the same shapes."""
    other, draws = twin(model), torch.Generator().manual_seed(4)
    with torch.no_grad():
        for part in (other.mapping, other.synthesis):
            for module in part.modules():
                for name, value in list(module._parameters.items()):
                    if value is not None:
                        moved = value + 0.3 * torch.randn(value.shape, generator=draws)
                        setattr(module, name, torch.nn.Parameter(moved, requires_grad=False))
    return other


@pytest.fixture
def pair() -> tuple[Generator, Generator]:
    return tiny_model(1), tiny_model(2)


def test_the_ends_are_the_very_models(pair: tuple[Generator, Generator]) -> None:
    blend, count = Blend(*pair), len(pair[0].anatomy.blocks)
    assert torch.equal(image(blend.network), image(pair[0]))
    blend.set(1.0, (1.0,) * count)
    assert torch.equal(image(blend.network), image(pair[1]))
    blend.set(0.0, ())
    assert torch.equal(image(blend.network), image(pair[0]))


def test_every_weight_lies_on_the_line_of_its_part(pair: tuple[Generator, Generator]) -> None:
    blend = Blend(*pair)
    blend.set(-0.5, (0.25, 2.0))
    a, b, mixed = (blending.tensors(model) for model in (*pair, blend.network))
    shares = {MAPPING: -0.5, 0: 0.25, 1: 2.0}
    for name in a:
        share = shares[blending.part_of(name, pair[0].anatomy)]
        assert torch.allclose(mixed[name], a[name] + share * (b[name] - a[name]), atol=1e-5), name


def test_only_the_parts_that_change_are_made_again(pair: tuple[Generator, Generator]) -> None:
    blend = Blend(*pair)
    assert blend.set(0.5, (0.5, 0.5)) == {MAPPING, 0, 1}
    before = blending.tensors(blend.network)
    assert blend.set(0.5, (0.5, 0.7)) == {1}
    for name, value in blending.tensors(blend.network).items():
        same = value.data_ptr() == before[name].data_ptr()
        differs = not torch.equal(blending.tensors(pair[0])[name], blending.tensors(pair[1])[name])
        assert same == (blending.part_of(name, pair[0].anatomy) != 1) or not differs, name
    assert blend.set(0.5, (0.5, 0.7, 9.0)) == frozenset()


def test_the_models_themselves_stay_as_they_are(pair: tuple[Generator, Generator]) -> None:
    before = [image(model) for model in pair]
    Blend(*pair).set(0.3, (0.6, -1.0))
    assert all(torch.equal(image(m), old) for m, old in zip(pair, before, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_blends_block_by_block(kind: str, tmp_path: Path) -> None:
    first = stylegan_t.load(family_snapshot.write(kind, tmp_path / "a.pkl"))
    second = shaken(first)
    blend, plain = Blend(first, second), image(first)
    for part in range(MAPPING, len(first.anatomy.blocks)):
        blocks = tuple(float(part == block) for block in range(len(first.anatomy.blocks)))
        blend.set(float(part == MAPPING), blocks)
        assert not torch.equal(image(blend.network), plain), part
    blend.set(1.0, (1.0,) * len(first.anatomy.blocks))
    assert torch.equal(image(blend.network), image(second))


def test_half_precision_keeps_its_type(pair: tuple[Generator, Generator]) -> None:
    for model in pair:
        lower(model, torch.bfloat16)
    blend = Blend(*pair)
    types = {name: value.dtype for name, value in blending.tensors(pair[0]).items()}
    blend.set(0.4, (0.4, 0.4))
    assert {n: value.dtype for n, value in blending.tensors(blend.network).items()} == types


def test_a_blended_model_is_named_after_both(pair: tuple[Generator, Generator]) -> None:
    found = blended(*pair, 0.5, (0.5, 0.5), ("dogs", "cats"))
    assert found.card.name == "dogs + cats"
    assert pair[0].card.name == "tiny 1"


def test_other_shapes_are_named_with_their_layer(pair: tuple[Generator, Generator]) -> None:
    wider = tiny_model(1, text=False)
    with pytest.raises(MisfitError) as refused:
        Blend(pair[0], wider, ("a.pkl", "b.pkl"))
    sentence = str(refused.value)
    assert "synthesis.b8.input.affine" in sentence or "mapping" in sentence
    assert " in a.pkl and " in sentence and sentence.endswith(" in b.pkl.")


def test_a_layer_that_is_missing_is_named(pair: tuple[Generator, Generator]) -> None:
    larger = tiny_model(1, resolution=32)
    assert misfit(pair[0], larger).endswith("B has the layer synthesis.b32.conv0, A does not.")
    assert misfit(larger, pair[0]).endswith("A has the layer synthesis.b32.conv0, B does not.")


def test_other_kinds_are_named(pair: tuple[Generator, Generator], tmp_path: Path) -> None:
    other = stylegan_t.load(family_snapshot.write("sg3_t", tmp_path / "a.pkl"))
    assert "A is a StyleGAN-T and B a StyleGAN3" in misfit(pair[0], other)
