"""What panels are told of a model's layers."""

from __future__ import annotations

from typing import Any

import torch
from msgspec.structs import replace

from renderer.models.info import (
    MAX_DESCRIPTION,
    MAX_EXAMPLES,
    MAX_LINE,
    MAX_TOPICS,
    MAX_WORDS,
    describe,
)
from stylegan_t.config import demo, full
from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.generator import Generator, anatomy
from stylegan_t.layers import SynthesisLayer, ToRGBLayer
from tests.renderer.fakes import tiny_model


def test_layers_are_named_as_in_the_model() -> None:
    model = tiny_model(resolution=32)
    kinds = SynthesisInput | SynthesisLayer | ToRGBLayer
    named: dict[str, Any] = {
        name: module
        for name, module in model.synthesis.named_modules()
        if isinstance(module, kinds)
    }
    found = describe(model, "demo").layers
    assert {layer.name for layer in found} == named.keys()
    w = torch.zeros(1, model.config.w_dim)
    for layer in found:
        assert named[layer.name].affine(w).shape == (1, layer.channels)
        assert layer.name.startswith(f"b{layer.resolution}.")


def test_layers_come_in_the_order_in_which_they_draw() -> None:
    model, drawn = tiny_model(resolution=32), []
    for layer in describe(model, "demo").layers:
        module = model.synthesis.get_submodule(layer.name)
        module.register_forward_hook(lambda *_, layer=layer: drawn.append(layer))
    model(torch.zeros(1, model.config.z_dim), model.encode_text(["a"]))
    assert tuple(drawn) == describe(model, "demo").layers


def test_every_row_has_one_owner() -> None:
    model = tiny_model(resolution=32)
    info = describe(model, "demo")
    for row in range(info.num_ws):
        owner = info.layer_of_row(row)
        assert owner is not None
        style = model.synthesis.style_of_row(row)
        assert model.synthesis.get_submodule(owner.name).affine is style
        start, stop = info.rows_of_block[owner.block]
        assert start <= row < stop
    assert info.layer_of_row(info.num_ws) is None


def test_colour_outputs_share_the_next_block_s_row() -> None:
    shared = [layer for layer in anatomy(full(64)).layers if layer.shared]
    assert [(layer.name, layer.row, layer.block) for layer in shared] == [
        ("b8.torgb", 7, 0),
        ("b16.torgb", 14, 1),
        ("b32.torgb", 21, 2),
    ]
    assert anatomy(full(64)).layers[-1].name == "b64.torgb"
    assert anatomy(full(64)).layers[-1].row == full(64).num_ws - 1


def test_one_colour_output_where_the_architecture_has_one() -> None:
    config = replace(demo(), architecture="orig")
    names = {layer.name for layer in anatomy(config).layers}
    assert {name for name in names if "torgb" in name} == {"b64.torgb"}
    model = Generator(config)
    assert all(model.synthesis.get_submodule(name) for name in names)


def test_a_card_does_nothing_but_tell() -> None:
    model = tiny_model(resolution=32)
    model.card = replace(
        model.card,
        name="a\x1b]0;b\x07",
        description="one\n\u202etwo",
        example_prompts=("\x9b2J",),
        vocabulary=(("\u2066", ("\x1b",)),),
    )
    info = describe(model, "demo")
    assert info.name == r"a\u001b]0;b\u0007"
    assert info.description == "one\n\\u202etwo"
    assert info.example_prompts == (r"\u009b2J",)
    assert info.vocabulary == ((r"\u2066", (r"\u001b",)),)


def test_of_a_card_as_much_is_kept_as_can_be_looked_through() -> None:
    model = tiny_model()
    words = tuple(f"word {number}" for number in range(70_000))
    model.card = replace(
        model.card,
        name="n" * 20_000,
        description="d" * 20_000,
        example_prompts=words,
        vocabulary=(("things", words), *(("more", words[:3]),) * 1000),
    )
    info = describe(model, "demo")
    assert info.example_prompts == words[:MAX_EXAMPLES]
    assert [len(words) for _, words in info.vocabulary[:2]] == [MAX_WORDS, 0]
    assert len(info.vocabulary) == MAX_TOPICS
    assert info.left_out == 2 * 70_000 + 3000 - MAX_EXAMPLES - MAX_WORDS
    assert (len(info.name), len(info.description)) == (MAX_LINE, MAX_DESCRIPTION)
    assert info.name.endswith("…")
    assert describe(tiny_model(), "demo").left_out == 0
