"""Vision transformers from files: by anybody's names, and one sentence for what does not work."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from stylegan_t.encoders.vit import FeatureError, VisionTransformer, VitConfig
from stylegan_t.encoders.vit_files import open_vit, read_vit, vit_from_state
from tests.stylegan_t.tiny_clip import tiny_clip, write_torchscript

TINY = VitConfig(width=24, depth=4, heads=3, mlp_width=96, size=16, patch=8)
State = dict[str, Tensor]


def tiny_state() -> State:
    torch.manual_seed(0)
    return dict(VisionTransformer(TINY).state_dict())


def equal(vit: VisionTransformer, state: State) -> bool:
    own = vit.state_dict()
    return own.keys() == state.keys() and all(torch.equal(own[k], state[k]) for k in own)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".pth", ".bin"])
def test_every_format(tmp_path: Path, suffix: str) -> None:
    state, file = tiny_state(), tmp_path / f"vit{suffix}"
    if suffix == ".safetensors":
        save_file(state, file)
    else:
        torch.save(state, file)
    vit = read_vit(file, heads=3)
    assert equal(vit, state) and vit.config == TINY
    assert not vit.training and not any(p.requires_grad for p in vit.parameters())


@pytest.mark.parametrize("prefix", ["", "module.", "dino.model.model.", "backbone."])
@pytest.mark.parametrize("wrapper", [None, "state_dict", "teacher", "model"])
def test_prefixes_and_wrappers(tmp_path: Path, prefix: str, wrapper: str | None) -> None:
    state, file = tiny_state(), tmp_path / "vit.pt"
    named = {f"{prefix}{k}": v for k, v in state.items()}
    torch.save({wrapper: named, "epoch": 3} if wrapper else named, file)
    assert equal(read_vit(file, heads=3), state)


def test_what_lies_beside_the_transformer_is_ignored() -> None:
    state = tiny_state()
    more = {f"a.{k}": v for k, v in state.items()} | {"b.weight": torch.zeros(3)}
    more |= {"a.head.weight": torch.zeros(10, 24), "a.head.bias": torch.zeros(10)}
    assert equal(vit_from_state(more, heads=3, name="it"), state)


def test_half_precision_becomes_float32() -> None:
    state = {k: v.half() for k, v in tiny_state().items()}
    vit = vit_from_state(state, heads=3, name="it")
    assert {p.dtype for p in vit.parameters()} == {torch.float32}


def test_heads_are_64_wide_unless_told(tmp_path: Path) -> None:
    wide = VisionTransformer(VitConfig(128, 4, 2, 64, size=16, patch=8)).state_dict()
    assert vit_from_state(wide, name="it").config.heads == 2
    file = tmp_path / "vit.safetensors"
    save_file(dict(wide), file)
    assert open_vit(f"{file}?heads=4").config.heads == 4


def test_a_file_s_name_or_its_option_tells_the_activation(tmp_path: Path) -> None:
    state = dict(tiny_clip().state_dict())
    for name, option, quick in [
        ("clip.safetensors", "", False),
        ("clip.safetensors", "?quick_gelu", True),
        ("openai.safetensors", "", True),
        ("openai.safetensors", "?gelu&heads=1", False),
    ]:
        save_file(state, tmp_path / name)
        assert open_vit(f"{tmp_path / name}{option}").config.quick_gelu == quick


def test_a_file_may_have_a_question_mark_in_its_name(tmp_path: Path) -> None:
    file = tmp_path / "what?heads=3.safetensors"
    save_file(tiny_state(), file)
    assert open_vit(str(file)).config.heads == 1
    assert open_vit(f"{file}?heads=2").config.heads == 2


def broken(**changes: Any) -> State:
    state = tiny_state()
    for name, change in changes.items():
        key = name.replace("__", ".")
        if change is None:
            del state[key]
        else:
            state[key] = change(state.get(key))
    return state


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pos_embed": None}, "Tensor pos_embed is missing in it"),
        ({"blocks__2__attn__qkv__bias": None}, r"blocks\.2\.attn\.qkv\.bias is missing"),
        ({"blocks__0__ls1__gamma": lambda _: torch.ones(24)}, r"unknown tensor blocks\.0\.ls1"),
        ({"norm__weight": lambda t: t[:3]}, r"norm\.weight of it has the wrong shape: \[3\]"),
        ({"cls_token": lambda t: t * float("nan")}, "cls_token of it holds values that are no"),
        ({"cls_token": lambda t: t.long()}, "cls_token of it contains no plain numbers"),
        ({"cls_token": lambda t: t.to_sparse()}, "cls_token of it contains no plain numbers"),
        ({"cls_token": lambda t: torch.ones(1).expand(1, 1, 24)}, "contains no plain numbers"),
        ({"cls_token": lambda t: torch.ones(0)}, "wrong shape"),
        ({"cls_token": lambda t: torch.ones(())}, "wrong shape"),
        ({"pos_embed": lambda t: t[:, :4]}, r"pos_embed of it has the wrong shape|does not fit"),
        ({"pos_embed": lambda t: torch.ones(3)}, "do not have the shapes of a vision"),
        ({"pos_embed": lambda t: torch.ones(1, 1, 24)}, "it does not fit: Pictures of 0 pixels"),
        ({"patch_embed__proj__weight": lambda t: t.flatten(1)}, "do not have the shapes"),
        ({"patch_embed__proj__weight": lambda t: t[:, :1]}, "has the wrong shape"),
        ({"patch_embed__proj__weight": None}, "contains no vision transformer by the names"),
        ({"a__patch_embed__proj__weight": lambda _: torch.ones(1)}, "several vision transformers"),
        ({"blocks__x__a": lambda _: torch.ones(1)}, "unknown|missing"),
    ],
)
def test_a_state_that_does_not_fit(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FeatureError, match=sentence) as caught:
        vit_from_state(broken(**changes), heads=3, name="it")
    assert "\n" not in str(caught.value)


class Bomb:
    """What a pickle must not do to us."""

    def __init__(self, trap: Path) -> None:
        self.trap = trap

    def __reduce__(self) -> Any:
        return Path.touch, (self.trap,)


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    trap, file = tmp_path / "trap", tmp_path / "vit.pt"
    torch.save({"state_dict": tiny_state(), "more": Bomb(trap)}, file)
    with pytest.raises(FeatureError, match="holds more than weights"):
        read_vit(file)
    file.write_bytes(pickle.dumps(Bomb(trap)))
    with pytest.raises(FeatureError, match="is damaged, or in a format from before"):
        read_vit(file)
    assert not trap.exists()


def test_files_that_are_no_weights(tmp_path: Path) -> None:
    program, text, other = (tmp_path / name for name in ("a.pt", "a.safetensors", "a.txt"))
    write_torchscript(program)
    text.write_text("no weights")
    other.write_text("")
    for place, sentence in [
        (program, "TorchScript archive, a program"),
        (text, "cannot be read, or is damaged"),
        (other, "no weights in one of the formats .safetensors, .bin"),
        (tmp_path / "gone.pt", "There is no file at"),
        (tmp_path, "There is no file at"),
    ]:
        with pytest.raises(FeatureError, match=sentence):
            read_vit(place)


def test_a_list_is_no_state_dict(tmp_path: Path) -> None:
    torch.save([torch.zeros(3)], tmp_path / "a.pt")
    with pytest.raises(FeatureError, match="contains no vision transformer"):
        read_vit(tmp_path / "a.pt")


def test_words_that_mean_nothing(tmp_path: Path) -> None:
    save_file(tiny_state(), tmp_path / "a.safetensors")
    for option in ("heads=0", "head=3", "heads=3.5", "x" * 300):
        with pytest.raises(FeatureError, match="says nothing about a network in a file"):
            open_vit(f"{tmp_path / 'a.safetensors'}?{option}")
    for spec in ("", "?heads=3", "nonsense"):
        with pytest.raises(FeatureError, match="is no file"):
            open_vit(spec)
