"""A graphics card that is pretended: tensors that were moved there know it and meet no others.

What forgets to move a tensor fails here as it would fail on a card, on a computer without one.
Everything is computed on the processor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

CARD = torch.device("cuda", 63)
"""No computer has so many, so nothing that is kept for a device is mistaken for a real one's."""
_GET_DEVICE = torch.Tensor.device.__get__
_SET_DATA = torch.Tensor.data.__set__  # pyright: ignore[reportAttributeAccessIssue] - a descriptor
_BOTH = {"to", "copy_", "cpu", "_has_compatible_shallow_copy_type"}
"""Functions that may be given tensors of both places."""
_INDEXING = {"__getitem__", "__setitem__", "index_put_"}
"""Those in which indices may lie on the processor."""


class PretendedCard(TorchFunctionMode):
    """While it is entered, `.to("cuda")` and `device="cuda"` pretend."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """See `TorchFunctionMode`."""
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if name in ("device", "_parse_to"):
            return func(*args, **kwargs)
        if func == _GET_DEVICE:
            return CARD if is_there(args[0]) else torch.device("cpu")
        if func == _SET_DATA:  # what `Module.to` does
            args[0]._there = is_there(args[1])
            return func(*args)
        there = self._meets(name, args, kwargs)
        wanted, args, kwargs = _without_device(args, kwargs)
        if name == "cpu":
            wanted = torch.device("cpu")
        result = func(*args, **kwargs)
        if wanted is not None:
            there = wanted.type == "cuda"
            if name in ("to", "cpu") and result is args[0] and is_there(args[0]) != there:
                result = args[0].detach().clone()
        given = list(_tensors([*args, *kwargs.values()]))
        for tensor in _tensors([result]):
            if not any(tensor is one for one in given):  # what is changed in place stays there
                tensor._there = there  # pyright: ignore[reportAttributeAccessIssue]
        return result

    def _meets(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Whether a result is on the card; tensors of two places must not meet."""
        given = list(_tensors([*args, *kwargs.values()]))
        if name in _INDEXING:
            on_card = is_there(given[0])
            indices = [t for t in given[1:] if is_there(t) and not on_card]
            assert not indices, f"{name}: an index on the card into a tensor on the processor"
            return on_card
        places = {is_there(tensor) for tensor in given if tensor.ndim or is_there(tensor)}
        assert name in _BOTH or len(places) < 2, f"{name}: tensors on the card and on the processor"
        return True in places


def is_there(tensor: Tensor) -> bool:
    """Whether a tensor is on the pretended card."""
    return getattr(tensor, "_there", False)


def _without_device(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[torch.device | None, tuple[Any, ...], dict[str, Any]]:
    """The device that is asked for, and the arguments with the processor in its place."""
    cpu, wanted = torch.device("cpu"), None
    if isinstance(kwargs.get("device"), str | torch.device):
        wanted, kwargs["device"] = torch.device(kwargs["device"]), cpu
    for arg in args:
        if isinstance(arg, torch.device):
            wanted = arg
    return wanted, tuple(cpu if isinstance(arg, torch.device) else arg for arg in args), kwargs


def _tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)
