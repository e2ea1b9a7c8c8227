"""The feature network that a *spec* names:

* `inception`: the network of FID, for figures that can be compared with papers;
* `demo` and `demo-2`: what the judge of a demo world sees; for models of that world, offline;
* `random`: fixed random convolutions; needs nothing, and means little;
* `open_clip:ViT-B-32/openai`: the picture half of a CLIP, by architecture and tag; behind the slash
  may stand a file with its weights instead.
"""

from __future__ import annotations

from pathlib import Path

from stylegan_t.config import OPEN_CLIP
from stylegan_t.demo.built_in import WORLDS
from stylegan_t.metrics.clip_images import open_clip_images
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import Features, RandomFeatures, Report
from stylegan_t.metrics.inception import open_inception
from stylegan_t.metrics.worlds import open_world_judge


def open_features(
    spec: str,
    cache: Path,
    *,
    inception: Path | None = None,
    download: bool = False,
    report: Report = print,
) -> Features:
    """The feature network of that spec, in main memory; see the top of this file.

    Args:
        spec: which one.
        cache: folder for weights that are downloaded.
        inception: a file with the weights of FID's network.
        download: whether weights that are not on this machine may be fetched.
        report: told of what takes long.

    Raises:
        MetricError: there is no such network, or its weights are missing or damaged.
    """
    if spec == "random":
        return RandomFeatures()
    if spec in WORLDS:
        return open_world_judge(spec, report).features()
    if spec == "inception":
        return open_inception(inception, cache, download=download, report=report)
    if spec.startswith(OPEN_CLIP):
        return open_clip_images(spec, download=download)
    raise MetricError(
        f"There is no feature network {spec!r}: choose inception, {', '.join(WORLDS)}, random or "
        f"{OPEN_CLIP}ARCHITECTURE/TAG."
    )
