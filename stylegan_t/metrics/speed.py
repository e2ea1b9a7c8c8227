"""Time of one picture, from the prompt to its pixels."""

from __future__ import annotations

import statistics
import time

import msgspec
import torch

from stylegan_t.metrics.pictures import latents
from stylegan_t.metrics.survey import heard, picture
from stylegan_t.network import AnyNetwork

WARM_UP = 5
REPEATS = 30


class Speed(msgspec.Struct, frozen=True):
    """Seconds from a prompt to the pixels in main memory, one picture at a time.

    `median_s`, `low_s` and `high_s` are the median, the 10th and the 90th percentile of `repeats`
    renders on `device` with `threads` of the processor.
    """

    median_s: float
    low_s: float
    high_s: float
    repeats: int
    device: str
    threads: int


def render_speed(generator: AnyNetwork, prompt: str, device: str, repeats: int = REPEATS) -> Speed:
    """Time single pictures of one prompt, each with its own latent.

    Args:
        generator: the model, where it computes.
        prompt: read again for each picture.
        device: the device's name for people.
        repeats: timed renders, after some untimed ones.
    """
    seconds = []
    for index in range(WARM_UP + repeats):
        block = range(index, index + 1)
        z = latents(0, block, generator.anatomy.z_dim)
        started = time.perf_counter()
        c = heard(generator, [prompt], 0, block)
        picture(generator, z, c, 1.0).cpu()  # copying waits for the device
        seconds.append(time.perf_counter() - started)
    timed = sorted(seconds[WARM_UP:])
    tenth = len(timed) // 10
    return Speed(
        statistics.median(timed),
        timed[tenth],
        timed[-1 - tenth],
        repeats,
        device,
        torch.get_num_threads(),
    )
