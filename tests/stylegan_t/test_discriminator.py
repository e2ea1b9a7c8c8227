"""The discriminator: the recorded numbers, and what is trained, drawn and refused."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from stylegan_t.augment import DiffAugment
from stylegan_t.discriminator import (
    Chances,
    Head,
    ProjectedDiscriminator,
    SpectralConv1d,
    VirtualBatchNorm,
    virtual_batches,
)
from stylegan_t.encoders.features import FeatureNetwork, random_features
from stylegan_t.encoders.vit_files import vit_from_state

PARITY = Path(__file__).parents[1] / "parity"
IO = load_file(PARITY / "discriminator_io.safetensors")
WHOLE = load_file(PARITY / "projected_d.safetensors")
WHOLE_IO = load_file(PARITY / "projected_d_io.safetensors")
TOLERANCE, ACTIVATION_TOLERANCE, GRADIENT_TOLERANCE = 1e-5, 1e-4, 1e-3
HEADS = ("head", "head_uncond")
C_DIM = 6


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def worst(actual: Tensor, expected: Tensor) -> float:
    """Largest absolute difference, printed too (`-rP` shows it); shapes and types must agree."""
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    error = (actual - expected).abs().max().item()
    print(f"largest absolute error {error:.1e}")
    return error


def under(prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in IO.items() if k.startswith(prefix)}


def recorded_head(name: str) -> Head:
    head = Head(48, IO[f"{name}.c"].shape[1] if f"{name}.c" in IO else 0)
    head.load_state_dict(under(f"{name}.state."), strict=True)
    return head


def recorded() -> ProjectedDiscriminator:
    """A discriminator with the recorded weights."""
    prefix, heads = "dino.model.model.", "heads."
    features = {k: v for k, v in WHOLE.items() if k.startswith(prefix)}
    vit = vit_from_state(features, heads=3, name="DINO")
    model = ProjectedDiscriminator(
        FeatureNetwork(vit, "DINO"), WHOLE["heads.0.cmapper.weight"].shape[1]
    )
    own = {k.removeprefix(heads): v for k, v in WHOLE.items() if k.startswith(heads)}
    model.heads.load_state_dict(own)
    return model


def small(augment: DiffAugment | None = None, c_dim: int = C_DIM) -> ProjectedDiscriminator:
    torch.manual_seed(0)
    features = random_features(16, 4, 2, size=32, patch=8)
    return ProjectedDiscriminator(features, c_dim, augment=augment)


def batch(count: int = 4, size: int = 24) -> tuple[Tensor, Tensor]:
    image = torch.randn(count, 3, size, size, generator=seeded(1)) * 0.4
    return image, torch.randn(count, C_DIM, generator=seeded(2))


@pytest.mark.parametrize("count", [1, 4, 8, 12, 16])
def test_virtual_batch_norm(count: int) -> None:
    norm = VirtualBatchNorm(48)
    norm.load_state_dict({"weight": IO["bn.weight"], "bias": IO["bn.bias"]})
    assert worst(norm(IO[f"bn.x{count}"]), IO[f"bn.y{count}"]) < TOLERANCE


@pytest.mark.parametrize("count", [9, 13, 17, 0])
def test_a_batch_that_cannot_be_split_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} cannot be split evenly into groups of at most"):
        virtual_batches(count)


def test_sizes_of_virtual_batches() -> None:
    sizes = {1: 1, 7: 1, 8: 1, 10: 2, 12: 2, 16: 2, 18: 3, 64: 8}
    assert {count: virtual_batches(count) for count in sizes} == sizes


def test_a_group_knows_nothing_of_the_other() -> None:
    norm = VirtualBatchNorm(48)
    x = IO["bn.x16"]
    other = torch.cat([x[:8], x[8:] * 3 + 1])
    assert torch.equal(norm(x)[:8], norm(other)[:8])
    assert not torch.allclose(norm(x)[:8], norm(torch.cat([x[1:], x[:1]]))[:8])


@pytest.mark.parametrize("name", HEADS)
def test_head_with_the_stored_vectors(name: str) -> None:
    head, x, c = recorded_head(name).eval(), IO[f"{name}.x"], IO.get(f"{name}.c")
    with torch.inference_mode():
        first = head.main[0](x)
        assert worst(first, IO[f"{name}.after_block0_eval"]) < ACTIVATION_TOLERANCE
        assert worst(head.main(x), IO[f"{name}.hidden_eval"]) < ACTIVATION_TOLERANCE
        assert worst(head(x, c), IO[f"{name}.logits_eval"]) < TOLERANCE
    assert state_equal(head, under(f"{name}.state."))


def state_equal(head: Head, state: dict[str, Tensor]) -> bool:
    return all(torch.equal(v, state[k]) for k, v in head.state_dict().items())


def test_head_with_two_groups() -> None:
    logits = recorded_head("head").eval()(IO["head.x16"], IO["head.c16"])
    assert worst(logits, IO["head.logits16_eval"]) < TOLERANCE


@pytest.mark.parametrize("name", HEADS)
def test_head_in_training(name: str) -> None:
    head, x = recorded_head(name).train(), IO[f"{name}.x"].clone().requires_grad_()
    logits = head(x, IO.get(f"{name}.c"))
    assert worst(logits, IO[f"{name}.logits_train"]) < TOLERANCE
    for key, value in under(f"{name}.state_after_train.").items():
        assert worst(head.state_dict()[key], value) < TOLERANCE
    (logits * IO[f"{name}.grad_probe"]).sum().backward()
    gradients = {"x": x.grad, **{k: p.grad for k, p in head.named_parameters()}}
    expected = {"x": IO[f"{name}.grad_x"], **under(f"{name}.grad.")}
    assert gradients.keys() == expected.keys()
    for key, value in expected.items():
        gradient = gradients[key]
        assert gradient is not None, key
        # What shifts the input of a batch norm has no effect, so its gradient is rounding alone.
        dead = key in ("main.0.0.bias", "main.1.fn.0.bias")
        scale = IO[f"{name}.grad_x"].abs().max() if dead else value.abs().max()
        assert worst(gradient, value) < GRADIENT_TOLERANCE * scale, key


def test_two_passes_before_one_gradient() -> None:
    head, x = recorded_head("head").train(), IO["head.x"]
    first = head(x, IO["head.c"])
    second = head(x.flip(0), IO["head.c"])
    assert torch.isfinite(first).all()
    (first.mean() - second.mean()).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in head.parameters())


def test_spectral_norm_brings_the_largest_singular_value_to_one() -> None:
    torch.manual_seed(0)
    layer = SpectralConv1d(5, 7, 9).train()
    with torch.no_grad():
        layer.weight_orig.mul_(30)
    x = torch.randn(2, 5, 40)
    for _ in range(200):
        layer(x)
    matrix = layer.weight_orig.detach().flatten(1)
    sigma = torch.linalg.matrix_norm(matrix, 2)
    y = torch.nn.functional.conv1d(
        torch.nn.functional.pad(x, (4, 4), mode="circular"),
        layer.weight_orig / sigma,
        layer.bias,
    )
    torch.testing.assert_close(layer(x), y, atol=1e-5, rtol=1e-4)


def test_whole_discriminator() -> None:
    model = recorded().eval()
    image = WHOLE_IO["img"].clone().requires_grad_()
    logits = model(image, WHOLE_IO["c"])
    assert worst(logits, WHOLE_IO["logits"]) < TOLERANCE
    each = torch.cat([WHOLE_IO[f"head{k}.logits"].flatten(1) for k in range(5)], dim=1)
    assert worst(logits, each) < TOLERANCE
    logits.mean().backward()
    assert image.grad is not None
    expected = WHOLE_IO["grad_img_of_mean_logit"]
    assert worst(image.grad, expected) < GRADIENT_TOLERANCE * expected.abs().max()


def test_every_recorded_tensor_is_taken_over() -> None:
    model = recorded()
    for key, value in model.heads.state_dict().items():
        assert torch.equal(value, WHOLE[f"heads.{key}"])
    ours = model.features.vit.state_dict()
    theirs = {k for k in WHOLE if k.startswith("dino.model.model.")}
    assert {f"dino.model.model.{key}" for key in ours} == theirs
    assert all(torch.equal(ours[k], WHOLE[f"dino.model.model.{k}"]) for k in ours)


def test_a_large_picture_is_resized_and_cropped_at_times() -> None:
    model = recorded().eval()
    image, c = WHOLE_IO["img240_fp16"], WHOLE_IO["c240"]
    with torch.inference_mode():
        assert worst(model(image, c), WHOLE_IO["logits240_nocrop"]) < TOLERANCE
        corners = torch.tensor([[3, 16]])
        cropped = model(image, c, draws=Chances(corners=corners))
        part = image[:, :, 3:227, 16:240]
        assert torch.equal(cropped, model(part, c))
        assert worst(cropped, WHOLE_IO["logits240_nocrop"]) > TOLERANCE


def test_half_of_the_throws_crop_and_small_pictures_never_are() -> None:
    model, draws = small(), seeded()
    throws = [model.draw(2, 40, generator=draws).corners for _ in range(400)]
    crops = [corners for corners in throws if corners is not None]
    assert 150 < len(crops) < 250
    assert (torch.cat(crops).min(), torch.cat(crops).max()) == (0, 8)
    assert all(model.draw(2, 32, generator=draws) == Chances() for _ in range(20))


def test_only_the_heads_are_trained() -> None:
    model = small(DiffAugment()).train()
    image, c = batch()
    image.requires_grad_()
    c.requires_grad_()
    logits = model(image, c, generator=seeded())
    assert logits.shape == (4, 5 * model.features.tokens)
    logits.square().mean().backward()
    assert image.grad is not None and image.grad.abs().max() > 0
    assert all(p.grad is not None for p in model.trainable())
    trained = {id(p) for p in model.parameters() if p.requires_grad}
    assert trained == {id(p) for p in model.trainable()}
    assert all(p.grad is None for p in model.features.parameters())


@pytest.mark.slow
def test_training_learns_to_tell_two_kinds_of_pictures_apart() -> None:
    model = small().train()
    image, c = batch(8)
    other = image.flip(3) * 1.5
    optimizer = torch.optim.Adam(model.trainable(), lr=0.002, betas=(0.0, 0.99))

    def gap() -> float:
        model.eval()
        with torch.no_grad():
            value = (model(image, c).mean() - model(other, c).mean()).item()
        model.train()
        return value

    before = gap()
    for _ in range(30):
        optimizer.zero_grad()
        real, fake = model(image, c), model(other, c)
        (torch.relu(1 - real).mean() + torch.relu(1 + fake).mean()).backward()
        optimizer.step()
    assert gap() > before + 0.5


def test_evaluation_leaves_nothing_to_chance_and_moves_nothing() -> None:
    model = small(DiffAugment()).eval()
    image, c = batch(size=40)
    before = copy.deepcopy(model.state_dict())
    assert torch.equal(model(image, c), model(image, c))
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


def test_training_draws_by_the_generator() -> None:
    image, c = batch(size=40)

    def first(seed: int) -> Tensor:
        return small(DiffAugment()).train()(image, c, generator=seeded(seed))

    assert torch.equal(first(1), first(1))
    assert not torch.equal(first(1), first(2))
    model = small(DiffAugment()).train()
    draws = model.draw(4, 40, generator=seeded(1))
    assert torch.equal(model(image, c, draws=draws), first(1))


def test_processes_with_a_part_each_see_what_one_sees() -> None:
    model = small(DiffAugment()).eval()
    image, c = batch(16, 40)
    seeds = (s for s in range(20) if model.draw(16, 40, generator=seeded(s)).corners is not None)
    draws = model.draw(16, 40, generator=seeded(next(seeds)))
    whole = model(image, c, draws=draws)
    parts = [
        model(image[i : i + 8], c[i : i + 8], draws=draws.part(i, i + 8)) for i in range(0, 16, 8)
    ]
    torch.testing.assert_close(torch.cat(parts), whole, atol=1e-5, rtol=1e-4)


def test_the_text_matters_and_must_be_there() -> None:
    model = small().eval()
    image, c = batch()
    assert not torch.allclose(model(image, c), model(image, c.flip(0)))
    for wrong in (None, c[:2], c[:, :3]):
        with pytest.raises(ValueError, match=r"needs text embeddings of shape \[4, 6\]"):
            model(image, wrong)


def test_without_text_none_is_taken() -> None:
    model = small(c_dim=0).eval()
    image, c = batch()
    assert model(image).shape == (4, 5 * model.features.tokens)
    assert torch.equal(model(image), model(image, torch.zeros(4, 0)))
    with pytest.raises(ValueError, match="takes none"):
        model(image, c)


def test_a_batch_of_nine_is_refused_with_a_sentence() -> None:
    image, c = batch(9)
    with pytest.raises(ValueError, match="9 cannot be split evenly"):
        small()(image, c)


def test_heads_alone_restore_a_discriminator() -> None:
    model = small().train()
    image, c = batch()
    model(image, c)
    again = small()
    again.heads.load_state_dict(model.heads.state_dict(), strict=True)
    assert torch.equal(again.eval()(image, c), model.eval()(image, c))


def test_autocast_gives_about_the_same_logits() -> None:
    model = small().eval()
    image, c = batch()
    expected = model(image, c)
    image.requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(image, c)
    assert logits.dtype == torch.float32
    torch.testing.assert_close(logits, expected, atol=0.15, rtol=0.05)
    logits.mean().backward()
    assert image.grad is not None and image.grad.isfinite().all()


@pytest.mark.gpu
def test_the_graphics_card_gives_the_same_logits() -> None:
    model = small().eval()
    image, c = batch()
    expected = model(image, c)
    logits = model.cuda()(image.cuda(), c.cuda()).cpu()
    torch.testing.assert_close(logits, expected, atol=5e-3, rtol=5e-3)
