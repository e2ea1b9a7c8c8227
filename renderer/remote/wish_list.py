"""The previews that a window has asked for over the line, by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from renderer.frame.preview import MAX_WISHES, Granted, Wish
from renderer.remote.messages import NumberedWish, Preview, Wishes
from renderer.remote.pixels import unpacked


class WishList:
    """Not for several threads at once."""

    def __init__(self) -> None:
        self._wished: dict[int, Wish] = {}
        self._granted: list[Granted] = []

    def __len__(self) -> int:
        return len(self._wished)

    def replace(self, wishes: Sequence[Wish], numbers: Iterator[int]) -> Wishes:
        """Take these for all before, under new numbers; returns what is to be sent."""
        self._wished = dict(zip(numbers, wishes[:MAX_WISHES], strict=False))
        return self.message()

    def message(self) -> Wishes:
        """Return what asks for those that have not come."""
        return Wishes(
            [
                NumberedWish(number, wish.recipe, wish.size_px, wish.loads)
                for number, wish in self._wished.items()
            ]
        )

    def add(self, came: Preview) -> None:
        """Take a preview, unless it is no longer wished for.

        Raises:
            LineError: it is damaged.
        """
        wish = self._wished.pop(came.number, None)
        if wish is not None:
            shown = None if came.pixels is None else unpacked(came.pixels)
            self._granted.append(Granted(wish, shown))

    def take(self) -> list[Granted]:
        """Those that have come since the last call."""
        granted, self._granted = self._granted, []
        return granted

    def clear(self) -> None:
        """Forget those that have come."""
        self._granted.clear()
