"""What a download of a text tower roughly fetches."""

from __future__ import annotations

import pytest

from widgets.model.text_tower import download_size


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        ("open_clip:ViT-L-14/openai", "about 1.7 GB"),
        ("open_clip:ViT-bigG-14/laion2b_s39b_b160k", "about 10.2 GB"),
        ("open_clip:RN50x64/openai", "about 2.5 GB"),
        ("open_clip:RN50/openai", "about 0.4 GB"),
        ("open_clip:nobody/knows", "0.6 to 10 GB"),
    ],
)
def test_sizes_of_downloads(spec: str, size: str) -> None:
    assert download_size(spec) == size
