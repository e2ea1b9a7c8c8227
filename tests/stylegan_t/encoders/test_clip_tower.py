"""The CLIP text tower: open_clip's own numbers, from any state that is sound, and from no other."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from stylegan_t.encoders.clip_tower import BATCH, ClipTower, ClipTowerConfig, clip_tower_from_state
from stylegan_t.encoders.text import TowerError
from tests.stylegan_t.tiny_clip import C_DIM, HEADS, LAYERS, WIDTH, clip_embedding, tiny_clip

SMALL = ClipTowerConfig(c_dim=C_DIM, width=WIDTH, heads=HEADS, layers=LAYERS, mlp_width=4 * WIDTH)
PROMPTS = ["a corgi", "", "  Multiple\n spaces ", "naïve café — 東京 🦊", "very " * 200, "x" * 5000]
State = dict[str, Tensor]


def opened(state: Mapping[str, Tensor], **options: Any) -> ClipTower:
    return clip_tower_from_state(state, heads=HEADS, name="tiny.pt", **options)


@pytest.fixture(scope="module")
def clip() -> torch.nn.Module:
    return tiny_clip()


@pytest.fixture
def state(clip: torch.nn.Module) -> State:
    return dict(clip.state_dict())


@pytest.fixture(scope="module")
def tower(clip: torch.nn.Module) -> ClipTower:
    return opened(clip.state_dict())


@pytest.mark.parametrize("quick_gelu", [True, False])
def test_it_gives_the_numbers_of_open_clip(quick_gelu: bool) -> None:
    clip = tiny_clip(quick_gelu)
    tower = opened(clip.state_dict(), quick_gelu=quick_gelu)
    expected = clip_embedding(clip, PROMPTS)
    assert tower.encode(PROMPTS).shape == (len(PROMPTS), C_DIM) == expected.shape
    torch.testing.assert_close(tower.encode(PROMPTS), expected, atol=1e-5, rtol=0)
    for row, prompt in enumerate(PROMPTS):  # alone, where it is read in a shorter window
        torch.testing.assert_close(tower.encode([prompt])[0], expected[row], atol=1e-5, rtol=0)
    other = opened(clip.state_dict(), quick_gelu=not quick_gelu)
    assert (other.encode(PROMPTS) - expected).abs().max() > 1e-4


def test_it_reads_the_text_half_of_a_custom_text_clip() -> None:
    clip = tiny_clip(custom=True)
    assert "text.ln_final.weight" in clip.state_dict()
    tower = opened(clip.state_dict())
    torch.testing.assert_close(
        tower.encode(PROMPTS), clip_embedding(clip, PROMPTS), atol=1e-5, rtol=0
    )


def test_a_projection_may_be_a_layer(state: State, tower: ClipTower) -> None:
    state["text_projection.weight"] = state.pop("text_projection").t()
    torch.testing.assert_close(opened(state).encode(PROMPTS), tower.encode(PROMPTS))
    state["text_projection.bias"] = torch.linspace(-1, 1, C_DIM)
    biased = tiny_clip(proj_bias=True)
    biased.load_state_dict(state)
    assert opened(state).config.projection_bias
    torch.testing.assert_close(
        opened(state).encode(PROMPTS), clip_embedding(biased, PROMPTS), atol=1e-5, rtol=0
    )


def test_sizes_come_from_shapes(state: State, tower: ClipTower) -> None:
    assert tower.config == SMALL
    assert tower.name == "tiny.pt" and tower.c_dim == C_DIM
    assert not tower.training and not any(p.requires_grad for p in tower.parameters())
    assert tower.config.parameters == sum(p.numel() for p in tower.parameters())
    assert clip_tower_from_state(state, name="no heads given").config.heads == 1
    wide = clip_tower_from_state(tiny_clip(width=128).state_dict(), name="two heads of 64")
    assert wide.config.heads == 2


@pytest.mark.parametrize("mlp_width", [1, 31, 33, 100, 128])
def test_a_perceptron_of_any_width(mlp_width: int) -> None:
    config = msgspec.structs.replace(SMALL, mlp_width=mlp_width)
    assert opened(ClipTower(config).model.state_dict()).config == config


def test_float32_tensors_are_taken_over_and_half_ones_converted(state: State) -> None:
    tower = opened(state)
    for name, tensor in tower.model.state_dict().items():
        assert tensor.data_ptr() == state[name].data_ptr(), name
    half = opened({name: tensor.half() for name, tensor in state.items()})
    assert {p.dtype for p in half.parameters()} == {torch.float32}
    assert (half.encode(PROMPTS) - tower.encode(PROMPTS)).abs().max() < 1e-2


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_weights_may_be_half(state: State, tower: ClipTower, dtype: torch.dtype) -> None:
    half = opened(state).to(dtype)
    c = half.encode(PROMPTS)
    assert c.dtype == torch.float32
    torch.testing.assert_close(c.norm(dim=1), torch.ones(len(PROMPTS)))
    assert (c * tower.encode(PROMPTS)).sum(dim=1).min() > 0.99


def test_a_dead_tower_gives_zeros_and_no_nan(state: State) -> None:
    state["text_projection"] = torch.zeros(WIDTH, C_DIM)
    assert torch.equal(opened(state).encode(["a house"]), torch.zeros(1, C_DIM))


def test_many_prompts_go_through_in_batches(
    tower: ClipTower, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    forward = tower.forward

    def counted(prompts: list[str]) -> Tensor:
        sizes.append(len(prompts))
        return forward(prompts)

    monkeypatch.setattr(tower, "forward", counted)
    many = [f"house {i}" for i in range(2 * BATCH + 1)]
    c = tower.encode(many)
    assert sizes == [BATCH, BATCH, 1]
    torch.testing.assert_close(c[[0, BATCH]], forward([many[0], many[BATCH]]), atol=1e-5, rtol=0)
    assert tower.encode([]).shape == (0, C_DIM)


def test_it_can_be_trained(clip: torch.nn.Module) -> None:
    tower = opened({name: tensor.clone() for name, tensor in clip.state_dict().items()})
    tower.requires_grad_(True)
    tower(["a red house"])[0, 0].backward()
    assert all(p.grad is not None for p in tower.parameters())


def test_the_window_ends_where_count_says(tower: ClipTower) -> None:
    prompt = "one two three four " * 30
    used, window, cut = tower.count(prompt)
    assert (used, window) == (120, 75) and cut is not None
    torch.testing.assert_close(*tower.encode([prompt, prompt[:cut]]), atol=1e-5, rtol=0)
    assert tower.count("one two") == (2, 75, None)


def test_it_can_be_made_without_memory_and_filled_later(tower: ClipTower) -> None:
    with torch.device("meta"):
        empty = ClipTower(SMALL, "later")
    assert all(p.is_meta for p in empty.parameters())
    empty.load_state_dict(tower.state_dict(), assign=True)
    empty = empty.eval().to("cpu")
    assert torch.equal(empty.encode(PROMPTS), tower.encode(PROMPTS))
    with torch.device("meta"):
        blank = ClipTower(SMALL, "other way").to_empty(device="cpu")
    blank.load_state_dict(tower.state_dict())
    assert torch.equal(blank.eval().encode(PROMPTS), tower.encode(PROMPTS))


BLOCK = "transformer.resblocks.1."
BAD: dict[str, tuple[Callable[[State], Any], str]] = {
    "nothing": (lambda s: s.clear(), "Tensor token_embedding.weight is missing"),
    "missing": (lambda s: s.pop(BLOCK + "ln_2.bias"), "Tensor transformer.resblocks.1.l"),
    "first missing": (lambda s: s.pop("positional_embedding"), "Tensor positional_emb"),
    "no projection": (lambda s: s.pop("text_projection"), "Tensor text_projection is missing"),
    "gap": (
        lambda s: s.update({"transformer.resblocks.4.ln_1.bias": torch.zeros(WIDTH)}),
        "Tensor transformer.resblocks.2",
    ),
    "no end of layers": (
        lambda s: s.update({"transformer.resblocks.999.ln_1.bias": torch.zeros(WIDTH)}),
        "cannot have layers 1000",
    ),
    "surplus": (lambda s: s.update({BLOCK + "ls_1.gamma": torch.ones(1)}), "ls_1.gamma"),
    "class token": (lambda s: s.update(cls_emb=torch.ones(WIDTH)), "unknown tensor cls_emb"),
    "unknown": (lambda s: s.update(extra=torch.ones(1)), "unknown tensor extra"),
    "wrong shape": (lambda s: s.update({"ln_final.bias": torch.zeros(3)}), "ln_final.bias of tiny"),
    "wrong axes": (
        lambda s: s.update({"positional_embedding": torch.zeros(77)}),
        "positional_embedding of tiny.pt has the wrong shape",
    ),
    "not a number": (lambda s: s.update(text_projection=s["text_projection"] / 0), "not numbers"),
    "one infinity": (
        lambda s: s.update({"ln_final.weight": torch.full((WIDTH,), torch.inf)}),
        "ln_final.weight of tiny.pt holds values",
    ),
    "integers": (
        lambda s: s.update({"ln_final.weight": torch.ones(WIDTH, dtype=torch.int64)}),
        "ln_final.weight of tiny.pt is not made of plain floating-point",
    ),
    "complex": (
        lambda s: s.update({"ln_final.weight": torch.ones(WIDTH, dtype=torch.complex64)}),
        "ln_final.weight of tiny.pt is not made of plain floating-point",
    ),
    "sparse": (
        lambda s: s.update(text_projection=s["text_projection"].to_sparse()),
        "text_projection of tiny.pt is not made of plain floating-point",
    ),
    "one number for many": (
        lambda s: s.update(text_projection=torch.ones(1, 1).expand(WIDTH, C_DIM)),
        "text_projection of tiny.pt is not made of plain floating-point",
    ),
    "another vocabulary": (
        lambda s: s.update({"token_embedding.weight": torch.zeros(32000, WIDTH)}),
        "vocabulary of 32000 tokens",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_one_sentence_names_what_is_wrong(state: State, name: str) -> None:
    spoil, words = BAD[name]
    spoil(state)
    with pytest.raises(TowerError, match=words) as caught:
        opened(state)
    assert "tiny.pt" in str(caught.value) and "\n" not in str(caught.value)


def test_heads_must_divide_the_width(state: State) -> None:
    with pytest.raises(TowerError, match="32 cannot be shared by 5 heads"):
        clip_tower_from_state(state, heads=5, name="tiny.pt")


class OneAtATime(Mapping[str, Tensor]):
    """A state that reads a tensor when it is asked for, and counts how often."""

    def __init__(self, state: State) -> None:
        self.state, self.read = state, list[str]()

    def __getitem__(self, key: str) -> Tensor:
        self.read.append(key)
        return self.state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.state)

    def __len__(self) -> int:
        return len(self.state)


def test_only_the_text_half_is_read_and_once(state: State, tower: ClipTower) -> None:
    lazy = OneAtATime(state)
    assert torch.equal(opened(lazy).encode(PROMPTS), tower.encode(PROMPTS))
    assert sorted(lazy.read) == sorted(tower.model.state_dict())
    assert any(name.startswith("visual.") for name in state)


@pytest.mark.parametrize(
    "sizes",
    [
        {"c_dim": 0},
        {"c_dim": 1 << 20},
        {"width": -64},
        {"width": 1 << 40},
        {"heads": 0},
        {"heads": 5},
        {"layers": 10_000},
        {"mlp_width": 1 << 30},
        {"vocab_size": 1 << 40},
        {"context_length": 2},
        {"context_length": 1 << 20},
        {"width": 8192, "heads": 128, "layers": 96, "mlp_width": 65536},
    ],
)
def test_a_header_cannot_claim_absurd_sizes(sizes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"tower|heads"):
        ClipTowerConfig(**sizes)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(sizes), type=ClipTowerConfig)


def test_a_header_is_strict() -> None:
    assert msgspec.json.decode(b"{}", type=ClipTowerConfig) == ClipTowerConfig()
    for text in (b'{"depth": 3}', b'{"width": "64"}', b'{"quick_gelu": 1}'):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(text, type=ClipTowerConfig)
