"""The text half of CLIP as a text tower, with open_clip's own transformer and vocabulary.

Source: Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
Supervision"; StyleGAN-T takes its ViT-L/14, whose embeddings have 768 values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from msgspec import Struct
from torch import Tensor, nn

from stylegan_t.encoders.clip_tokens import END, VOCABULARY, count_tokens, tokenize
from stylegan_t.encoders.open_clip_import import import_open_clip
from stylegan_t.encoders.text import TextTower, TowerError

BATCH = 32
"""Prompts that are encoded at a time; more are done in turn."""
MAX_PARAMETERS = 1_000_000_000
"""The largest text half that open_clip publishes (ViT-bigG/14) has 0.7 billion."""
_HEAD_WIDTH = 64
_LIMITS = {"width": 8192, "heads": 256, "layers": 96, "mlp_width": 65536, "c_dim": 16384}
_MAX_CONTEXT = 1024


class ClipTowerConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Sizes of a `ClipTower`; the defaults are those of ViT-L/14 as OpenAI trained it.

    `c_dim` is the length of an embedding, `mlp_width` the inner width of a layer's perceptron,
    `context_length` counts the start and the end token.  `quick_gelu` takes x * sigmoid(1.702 x)
    for the activation, as OpenAI's own models do.  `projection_bias` adds a bias to the embedding.

    Raises:
        ValueError: a size is not positive, of no sensible magnitude, or does not fit the others.
    """

    c_dim: int = 768
    width: int = 768
    heads: int = 12
    layers: int = 12
    mlp_width: int = 3072
    vocab_size: int = VOCABULARY
    context_length: int = 77
    quick_gelu: bool = True
    projection_bias: bool = False

    def __post_init__(self) -> None:
        for name, limit in _LIMITS.items():
            if not 1 <= getattr(self, name) <= limit:
                raise ValueError(f"A CLIP text tower cannot have {name} {getattr(self, name)}.")
        if self.vocab_size != VOCABULARY:
            raise ValueError(
                f"This text tower has a vocabulary of {self.vocab_size} tokens; "
                f"only CLIP's own, of {VOCABULARY}, is supported."
            )
        if not 3 <= self.context_length <= _MAX_CONTEXT:
            raise ValueError(f"A CLIP text tower cannot read {self.context_length} tokens.")
        if self.width % self.heads:
            raise ValueError(f"A width of {self.width} cannot be shared by {self.heads} heads.")
        if self.parameters > MAX_PARAMETERS:
            raise ValueError("This CLIP text tower is larger than any that is known.")

    @property
    def parameters(self) -> int:
        """The number of weights, for a look at the size before anything is allocated."""
        width = self.width
        attention = 4 * width * (width + 1)
        perceptron = 2 * width * self.mlp_width + self.mlp_width + width
        layers = self.layers * (attention + perceptron + 4 * width)
        tables = (self.vocab_size + self.context_length) * width
        return tables + layers + 2 * width + (width + self.projection_bias) * self.c_dim


class ClipTower(TextTower):
    """CLIP's text transformer; its weights are random until they are loaded.

    Like the models of this project it is for one thread at a time.
    Under `torch.device("meta")` nothing is allocated for weights; `load_state_dict` with
    `assign=True` then puts them in.

    Raises:
        TowerError: open_clip is not installed or does not start.
    """

    def __init__(self, config: ClipTowerConfig, name: str = "CLIP text tower") -> None:
        super().__init__()
        self.config, self.name, self.c_dim = config, name, config.c_dim
        self.model = _transformer(config)
        # Not left on "meta", where no file would fetch it from; what is in it does not matter,
        # since `forward` brings masks that are as long as the prompts.
        self.model.attn_mask = _causal_mask(config.context_length, torch.device("cpu"))

    @torch.inference_mode()
    def encode(self, prompts: list[str]) -> Tensor:
        """See `TextTower.encode`; `BATCH` prompts at a time."""
        rows = [self(prompts[i : i + BATCH]) for i in range(0, len(prompts), BATCH)]
        return torch.cat(rows) if rows else self(prompts)

    def count(self, prompt: str) -> tuple[int, int, int | None]:
        """See `TextTower.count`; the start and the end token are not counted."""
        return count_tokens(prompt, self.config.context_length - 2)

    def forward(self, prompts: list[str]) -> Tensor:
        """Embed prompts with gradients, in one batch: [N, c_dim] float32 of unit norm."""
        device = next(self.model.parameters()).device
        if not prompts:
            return torch.zeros(0, self.c_dim, device=device)
        ids = tokenize(prompts, self.config.context_length)
        # A token sees only those before it, so nothing behind the last end changes anything.
        longest = int((ids == END).int().argmax(dim=1).max()) + 1
        mask = _causal_mask(longest, device)
        x = torch.func.functional_call(
            self.model, {"attn_mask": mask}, (ids[:, :longest].to(device),)
        )
        return F.normalize(x.float(), dim=1)


def clip_tower_from_state(
    state: Mapping[str, Tensor], *, heads: int | None = None, quick_gelu: bool = True, name: str
) -> ClipTower:
    """A tower with the text weights of a CLIP that open_clip made, sizes read off their shapes.

    Args:
        state: names and tensors of a CLIP (`token_embedding.weight`, `transformer.resblocks.0...`)
            or of a CustomTextCLIP (the same behind `text.`).  The image half and the rest are
            ignored; float32 tensors are taken over without a copy, others become float32.
        heads: attention heads, which no shape shows; a head is 64 wide when not given.
        quick_gelu: the activation, which no tensor shows either; see `ClipTowerConfig`.
        name: what people call the tower; it is part of the sentences in errors.

    Returns:
        The tower in evaluation mode, gradients off, where the tensors are.

    Raises:
        TowerError: a tensor is missing, surplus, of the wrong shape or contains no numbers, or
            open_clip is not installed.
    """
    keys = text_keys(state)
    text = {own: state[key] for own, key in keys.items()}
    config = _infer_config(text, heads, quick_gelu, name)
    with torch.device("meta"):
        tower = ClipTower(config, name)
    promised = tower.model.state_dict()
    if "text_projection.weight" in text and "text_projection" in promised:
        # A layer without a bias in the file, a matrix here.
        keys["text_projection"] = keys["text_projection.weight"]
        text["text_projection"] = text.pop("text_projection.weight").t()
    _check_names(text, promised, keys, name)
    # Each tensor is let go as soon as its float32 form is there.
    ready = {
        own: _checked(text.pop(own), tuple(meta.shape), keys[own], name)
        for own, meta in promised.items()
    }
    tower.model.load_state_dict(ready, assign=True)
    return tower.eval().requires_grad_(False)


_ROOTS = ("token_embedding.", "positional_embedding", "transformer.", "ln_final.", "cls_emb")
_OTHERS = re.compile(
    r"visual\.|text_decoder\.|(text\.)?attn_mask$|logit_(scale|bias)$"
    r"|(input_resolution|context_length|vocab_size)$"
)
"""Other parts that a file of open_clip or OpenAI may hold besides the text half."""


def text_keys(names: Mapping[str, Any] | list[str]) -> dict[str, str]:
    """The text half among the names of a CLIP's tensors: name in the tower -> name as given.

    Names of the image half, and others that open_clip is known to write, are left out; unknown
    ones are kept, so that they are found surplus.
    """
    roots = (*_ROOTS, "text_projection")
    prefix = "" if any(name.startswith(roots) for name in names) else "text."
    return {name.removeprefix(prefix): name for name in names if not _OTHERS.match(name)}


def _infer_config(
    text: Mapping[str, Tensor], heads: int | None, quick_gelu: bool, name: str
) -> ClipTowerConfig:
    """Sizes from shapes; the tensors looked at must have the right number of axes."""

    def shape(key: str) -> tuple[int, int]:
        if key not in text:
            raise _lacks(name, key)
        sizes = tuple(text[key].shape)
        if len(sizes) != 2:
            raise TowerError(f"Tensor {key} of {name} has the wrong shape.")
        return sizes

    vocabulary, width = shape("token_embedding.weight")
    if "text_projection" in text:
        c_dim = shape("text_projection")[1]
    elif "text_projection.weight" in text:
        c_dim = shape("text_projection.weight")[0]
    else:
        raise _lacks(name, "text_projection")
    layers = {
        int(found[1])
        for key in text
        if (found := re.match(r"transformer\.resblocks\.([0-9]{1,3})\.", key))
    }
    try:
        return ClipTowerConfig(
            c_dim=c_dim,
            width=width,
            heads=max(1, width // _HEAD_WIDTH) if heads is None else heads,
            layers=max(layers, default=0) + 1,
            mlp_width=shape("transformer.resblocks.0.mlp.c_fc.weight")[0],
            vocab_size=vocabulary,
            context_length=shape("positional_embedding")[0],
            quick_gelu=quick_gelu,
            projection_bias="text_projection.bias" in text,
        )
    except TowerError:  # from `shape`, and a ValueError too
        raise
    except ValueError as error:
        raise TowerError(f"{name} cannot be used: {error}") from error


def _check_names(
    text: Mapping[str, Any], promised: Mapping[str, Any], keys: Mapping[str, str], name: str
) -> None:
    for own in promised:
        if own not in text:
            raise _lacks(name, own)
    for own in sorted(text):
        if own not in promised:
            raise TowerError(
                f"{name} has an unknown tensor {keys[own]}, so it is not a plain CLIP text tower."
            )


def _lacks(name: str, key: str) -> TowerError:
    return TowerError(f"Tensor {key} is missing in {name}, so it is not a text tower of open_clip.")


def _checked(tensor: Tensor, shape: tuple[int, ...], key: str, name: str) -> Tensor:
    """`tensor` as float32, when it has the shape and holds numbers."""
    if tuple(tensor.shape) != shape:
        raise TowerError(f"Tensor {key} of {name} has the wrong shape.")
    plain = tensor.layout == torch.strided and tensor.is_floating_point()
    if plain and not tensor.is_meta:
        # Strides of 0 would let a small file grow large here.
        plain = tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()
    if not plain:
        raise TowerError(f"Tensor {key} of {name} is not made of plain floating-point numbers.")
    value = tensor.detach().float().contiguous()
    if not all(torch.isfinite(extreme) for extreme in torch.aminmax(value)):  # NaN passes through
        raise TowerError(f"Tensor {key} of {name} holds values that are not numbers.")
    return value


def _causal_mask(length: int, device: torch.device) -> Tensor:
    """[length, length], added to attention scores: a token does not see what comes after it."""
    return torch.full((length, length), float("-inf"), device=device).triu_(1)


def _transformer(config: ClipTowerConfig) -> nn.Module:
    """open_clip's text transformer of these sizes."""
    parts = import_open_clip().transformer
    return parts.TextTransformer(
        context_length=config.context_length,
        vocab_size=config.vocab_size,
        width=config.width,
        heads=config.heads,
        layers=config.layers,
        # open_clip multiplies and rounds down: the half keeps it from landing one too low.
        mlp_ratio=(config.mlp_width + 0.5) / config.width,
        output_dim=config.c_dim,
        proj_bias=config.projection_bias,
        act_layer=parts.QuickGELU if config.quick_gelu else nn.GELU,
    )
