"""Early pictures: what the coarse blocks show of a picture whose fine blocks take their time.

Every block adds to a picture that exists at its own resolution (the skip architecture), so a slow
model shows a coarse picture after a fraction of its time, and finer ones while one waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor

from stylegan_t.generator import to_uint8

WORTH_S = 0.12
"""Below this one does not notice that the whole picture is still to come."""
PAUSE_S = 0.04
"""Between two early pictures: each costs a conversion and an upload."""
LONG_S = 1.0
"""From then on one wants to know how long a picture will still take."""
Show = Callable[[Tensor, int], None]
"""Takes an early picture, uint8 [R, R, 3], and the resolution that it really has."""


class EarlyImages:
    """Decides after which blocks a picture is worth showing.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._usual_s: dict[int, float] = {}
        self._begin_s = self._shown_s = 0.0
        self._token = 0

    def begin(self, token: int) -> None:
        """A picture of the model `token` is begun."""
        self._token = token
        self._begin_s = self._shown_s = self._clock()

    def done(self, *, whole: bool) -> None:
        """The picture is finished.  `whole` is whether all blocks were drawn: only those pictures
        say how long one takes."""
        if whole:
            taken, before = self._clock() - self._begin_s, self._usual_s.get(self._token)
            # One slow picture, as on a busy machine, is forgotten after a few.
            self._usual_s[self._token] = taken if before is None else 0.5 * (taken + before)

    @property
    def slow(self) -> bool:
        """Return whether the current model takes long for a picture, as far as is known."""
        return self._usual_s.get(self._token, WORTH_S) >= WORTH_S

    @property
    def long(self) -> bool:
        """Return whether the current picture has been in work long enough to tell how far it is."""
        return self._clock() - self._begin_s >= LONG_S

    def forget(self, token: int) -> None:
        """A model is gone."""
        self._usual_s.pop(token, None)

    def worth(self) -> bool:
        """Return whether the current picture should be shown before it is finished."""
        now = self._clock()
        if now - self._shown_s < PAUSE_S:
            return False
        usual_s = self._usual_s.get(self._token)
        # The time of the fine blocks of a new model is not known yet.
        left_s = WORTH_S if usual_s is None else usual_s - (now - self._begin_s)
        return left_s >= WORTH_S

    def shown(self) -> None:
        """An early picture was shown now."""
        self._shown_s = self._clock()


def enlarged(image: Tensor, size_px: tuple[int, int]) -> Tensor:
    """A coarse picture as large as the finished one will be.

    Args:
        image: [1, 1 or 3, h, w] float32, in about [-1, 1].
        size_px: width W and height H of the finished picture.

    Returns:
        uint8 [H, W, 3].
    """
    smooth = F.interpolate(image.float(), size=size_px[::-1], mode="bilinear", align_corners=False)
    return pixels_of(smooth)


def pixels_of(image: Tensor) -> Tensor:
    """[1, 1 or 3, H, W] float32 to uint8 [H, W, 3]."""
    return to_uint8(image.expand(-1, 3, -1, -1))[0]
