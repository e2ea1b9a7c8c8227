"""Looking inside the synthesis: on tiny models of every kind, and by plain arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from renderer.errors import Abandoned
from renderer.frame.layer_report import Choice
from renderer.pipeline import inspector as inspect
from renderer.pipeline.inspector import Inspector
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Canvas, Precision, Recipe
from stylegan_t import Generator
from stylegan_t.config import GeneratorConfig
from stylegan_t.generator import SynthesisNetwork
from stylegan_t.layers import SynthesisLayer
from tests.renderer.fakes import TOWER, tiny_model, tiny_tower


def hooks(network: SynthesisNetwork) -> int:
    """How many forward hooks there are anywhere in a network."""
    return sum(len(module._forward_hooks) for module in network.modules())


def renderer_of(model: Generator) -> Renderer:
    """A renderer that knows one model."""

    def load(path: str, /, device: str, *, progress: Callable[[float], None]) -> Generator:
        return model

    return Renderer("cpu", load=load)


def layer_of(model: Generator, name: str) -> SynthesisLayer:
    """A convolution of a model."""
    layer = model.synthesis.get_submodule(name)
    assert isinstance(layer, SynthesisLayer)
    return layer


KINDS = {
    "plain": GeneratorConfig(32, 128, 8, 1, TOWER.c_dim, z_dim=16, gn_groups=4),
    "deep": GeneratorConfig(32, 128, 8, 3, TOWER.c_dim, z_dim=16, gn_groups=4),
    "unconditional": GeneratorConfig(32, 128, 8, 1, 0, z_dim=16, gn_groups=4),
    "orig": GeneratorConfig(32, 128, 8, 1, TOWER.c_dim, z_dim=16, gn_groups=4, architecture="orig"),
    "grey": GeneratorConfig(32, 128, 8, 1, 0, z_dim=16, gn_groups=4, img_channels=1),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_every_layer_of_every_kind_of_model_is_seen(kind: str, precision: Precision) -> None:
    torch.manual_seed(0)
    config = KINDS[kind]
    model = Generator(config, tiny_tower() if config.c_dim else None).eval()
    renderer, recipe = renderer_of(model), Recipe(precision=precision)
    info = renderer.load("demo")
    report = Inspector().look(renderer, recipe, Choice())
    assert [layer.name for layer in report.layers] == [layer.name for layer in info.layers]
    assert [layer.row for layer in report.layers] == [layer.row for layer in info.layers]
    for layer in report.layers:
        assert layer.weight[0] == layer.channels
        assert layer.low <= layer.mean <= layer.high
        assert layer.std > 0
    assert report.view.layer == report.layers[0].name


def test_the_figures_are_those_of_the_activations() -> None:
    model = tiny_model()
    renderer, seen = renderer_of(model), {}
    target = layer_of(model, "b16.convs1.1")
    handle = target.register_forward_hook(lambda _m, _i, out: seen.update(out=out))
    report = Inspector().look(renderer, Recipe(), Choice("b16.convs1.1", 3))
    handle.remove()
    out = seen["out"][0]
    layer = next(one for one in report.layers if one.name == "b16.convs1.1")
    assert (layer.channels, layer.resolution) == (out.shape[0], out.shape[2])
    assert layer.mean == pytest.approx(float(out.mean()), abs=1e-5)
    assert layer.std == pytest.approx(float(out.std(correction=0)), rel=1e-4)
    assert (layer.low, layer.high) == pytest.approx((float(out.min()), float(out.max())))
    assert layer.clamped is None, "its limit acts before a sum"
    np.testing.assert_allclose(report.view.values, out[3].numpy())


def test_limits_are_seen_where_they_cut() -> None:
    model = tiny_model()
    layer_of(model, "b16.conv0").conv_clamp = 1e-3
    report = Inspector().look(renderer_of(model), Recipe(), Choice())
    shares = {layer.name: layer.clamped for layer in report.layers}
    assert shares["b16.conv0"] == pytest.approx(1.0, abs=0.05)
    assert shares["b16.torgb"] == 0.0
    assert shares["b16.convs1.0"] == 0.0


@pytest.mark.parametrize("fails", [False, True])
def test_no_hook_is_left_behind(fails: bool) -> None:
    model = tiny_model()
    renderer, calls = renderer_of(model), []

    def abandon() -> bool:
        calls.append(hooks(model.synthesis))
        return fails and calls[-1] > 0

    if fails:
        with pytest.raises(Abandoned):
            Inspector().look(renderer, Recipe(), Choice(), abandon)
    else:
        Inspector().look(renderer, Recipe(), Choice(), abandon)
    assert max(calls) > 0, "there were hooks while it drew"
    assert hooks(model.synthesis) == 0


def test_looking_does_not_change_the_picture() -> None:
    renderer = renderer_of(tiny_model())
    before = renderer.render(Recipe()).pixels().copy()
    Inspector().look(renderer, Recipe(), Choice())
    np.testing.assert_array_equal(renderer.render(Recipe()).pixels(), before)


def test_another_channel_draws_nothing_again() -> None:
    model, drawn = tiny_model(), []
    model.synthesis.register_forward_pre_hook(lambda *_: drawn.append(1))
    renderer, inspector = renderer_of(model), Inspector()
    for channel in (None, 0, 1, 2):
        inspector.look(renderer, Recipe(), Choice("b16.conv0", channel))
    assert len(drawn) == 1
    inspector.look(renderer, Recipe(), Choice("b16.convs1.0"))
    inspector.look(renderer, Recipe(psi=0.3), Choice("b16.convs1.0"))
    assert len(drawn) == 3


def test_choices_that_do_not_exist_lead_to_some_that_do() -> None:
    renderer, inspector = renderer_of(tiny_model()), Inspector()
    view = inspector.look(renderer, Recipe(), Choice("b4096.conv0", 10_000)).view
    assert (view.layer, view.channel) == ("b8.input", view.channels - 1)


def test_the_overview_holds_the_mean_and_every_channel() -> None:
    view = Inspector().look(renderer_of(tiny_model()), Recipe(), Choice("b16.conv0")).view
    rows = -(-(view.channels + 1) // view.columns)
    assert view.atlas.shape == (rows * view.cell, view.columns * view.cell, 3)
    assert view.atlas.dtype == np.uint8
    mean = view.picture[
        :: view.picture.shape[0] // view.cell, :: view.picture.shape[1] // view.cell
    ]
    np.testing.assert_array_equal(view.atlas[: view.cell, : view.cell], mean)


def test_a_place_reads_its_value() -> None:
    view = Inspector().look(renderer_of(tiny_model()), Recipe(), Choice("b16.conv0", 2)).view
    assert view.at(0.0, 0.0) == view.values[0, 0]
    assert view.at(0.99, 0.5) == view.values[8, 15]
    assert view.at(5.0, -3.0) == view.values[0, 15]


def test_a_wave_stands_in_its_ring() -> None:
    axis = torch.arange(32) / 32
    plane = torch.sin(2 * torch.pi * 5 * axis)[None, :].repeat(32, 1)
    rings = inspect.profile(inspect.spectrum(plane))
    assert len(rings) == 16
    assert max(range(16), key=lambda i: rings[i]) == 4, "ring 0 has frequency 1"


def test_a_flat_channel_has_a_histogram_and_a_spectrum() -> None:
    flat = torch.full((8, 8), 2.5)
    low, high, counts = inspect.histogram(flat)
    assert (low, high, sum(counts), max(counts)) == (2.5, 2.5, 64, 64)
    assert all(np.isfinite(inspect.profile(inspect.spectrum(flat))))
    view = inspect.channel_view("x", torch.zeros(1, 3, 8, 8), Choice("x", 1))
    assert view.picture.std() == pytest.approx(np.std([14, 15, 19]), abs=0.1)


def test_colours_tell_signs_apart_and_grow_brighter() -> None:
    colours = inspect.coloured(torch.tensor([[-1.0, -0.5, 0.0, 0.5, 1.0, 9.0]]))[0].astype(int)
    assert colours[0, 2] > colours[0, 0] and colours[4, 0] > colours[4, 2]
    brightness = colours.sum(axis=1)
    assert brightness[0] > brightness[1] > brightness[2] < brightness[3] < brightness[4]
    assert (colours[5] == colours[4]).all()


def test_a_channel_that_is_far_out_does_not_darken_its_neighbours() -> None:
    maps = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    maps[0, 1] *= 1000
    own = inspect.channel_view("x", maps, Choice("x", 0)).atlas[:32].astype(int)
    shared = inspect.channel_view("x", maps, Choice("x", 0, own_range=False)).atlas[:32].astype(int)
    assert own[:, 96:128].sum() > 2 * shared[:, 96:128].sum()


@pytest.mark.parametrize("side", [1, 4, 16, 20, 28, 31, 32, 33, 36, 52])
def test_maps_of_any_side_fill_their_cells(side: int) -> None:
    """StyleGAN3's layers have a margin around the picture, so that no power of two is sure."""
    maps = torch.arange(2.0)[None, :, None, None].expand(1, 2, side, side) - 0.5
    view = inspect.channel_view("x", maps.contiguous(), Choice("x", 0))
    cells = view.atlas[: view.cell, : 3 * view.cell].reshape(view.cell, 3, view.cell, 3)
    dark, light = cells[:, 1].astype(int), cells[:, 2].astype(int)
    assert (dark == dark[0, 0]).all() and (light == light[0, 0]).all()
    assert (dark != light).any()


def test_layers_of_a_wide_picture_keep_its_form() -> None:
    renderer = renderer_of(tiny_model())
    report = Inspector().look(
        renderer, Recipe(canvas=Canvas(1.75, 1.0)), Choice("b16.conv0", channel=0)
    )
    view = report.view
    assert view.values.shape == (16, 28)
    assert view.picture.shape[1] / view.picture.shape[0] == 28 / 16
    assert view.atlas.shape[1] == view.columns * view.cell
    assert view.at(0.99, 0.99) == float(view.values[15, 27])
    corner = view.atlas[: view.cell, : view.cell]
    assert (corner[0] == corner[0, 0]).all(), "there is nothing above the wide map"
