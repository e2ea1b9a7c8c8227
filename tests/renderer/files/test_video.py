"""Clips on the disk: what comes out is what went in, and after trouble there is nothing."""

from __future__ import annotations

import errno
import json
import os
import re
import resource
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from renderer.files import video, video_encoder
from renderer.files.atomic import ExportError
from renderer.files.images import read_recipe
from renderer.files.video import VideoFile
from renderer.files.video_encoder import Movie
from renderer.files.video_settings import Size, VideoKind, VideoSettings
from renderer.recipe.recipe import Recipe

KINDS: tuple[VideoKind, ...] = ("mp4", "webm", "gif", "png")
MOVIES: tuple[VideoKind, ...] = ("mp4", "webm", "gif")
COMMENT = json.dumps({"stylegan_t_timeline": 1, "words": "größe 日本 😀" * 3000})

LITTER = (1_000, 15_000, 20_000, 30_000, 58_000, 60_000, 65_536, 90_000, 131_072, 200_000) * 6
"""Sizes of arrays that are filled and freed between frames, in bytes."""


def frames(count: int, side: int = 32) -> list[np.ndarray]:
    """Smooth pictures, each of another colour."""
    ramp = np.linspace(0, 90, side)[:, None] + np.linspace(0, 90, side)[None]
    flat = np.ones_like(ramp)
    pictures = (np.stack([ramp, 20 * index * flat, 120 * flat], -1) for index in range(count))
    return [picture.clip(0, 255).astype(np.uint8) for picture in pictures]


def write(path: Path, form: VideoSettings, pictures: list[np.ndarray], **options: bool) -> Path:
    """Write a whole clip."""
    with VideoFile(path, form, **options) as clip:
        for number, pixels in enumerate(pictures):
            clip.add(pixels, Recipe(psi=number / 10))
        return clip.finish()


def decoded(path: Path) -> list[np.ndarray]:
    """The frames in a movie, uint8 [H, W, 3]."""
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]


def named(kind: VideoKind, folder: Path, stem: str = "clip") -> Path:
    return folder / (stem + ("" if kind == "png" else f".{kind}"))


# -- what is written -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MOVIES)
def test_a_movie_shows_the_frames_in_order_at_its_pace(kind: VideoKind, tmp_path: Path) -> None:
    sent = frames(12)
    path = write(named(kind, tmp_path), VideoSettings(kind, 20), sent)
    seen = decoded(path)
    assert len(seen) == len(sent)
    for picture, original in zip(seen, sent, strict=True):
        assert np.abs(picture.astype(int) - original).mean() < 3
    with av.open(str(path)) as file:
        times = [float(frame.time) for frame in file.decode(video=0) if frame.time is not None]
    assert times == pytest.approx([index / 20 for index in range(12)], abs=0.006)


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_colours_are_named_in_the_file_as_they_are(kind: VideoKind, tmp_path: Path) -> None:
    colours = ((255, 0, 0), (0, 255, 0), (0, 0, 255))
    plain = [np.full((16, 16, 3), colour, np.uint8) for colour in colours]
    path = write(named(kind, tmp_path), VideoSettings(kind), plain)
    with av.open(str(path)) as file:
        context = file.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_range) == (1, 1, 1)
        assert context.pix_fmt == "yuv420p"
        seen = [frame.reformat(format="rgb24").to_ndarray() for frame in file.decode(video=0)]
    for picture, colour in zip(seen, colours, strict=True):
        assert np.abs(picture[8, 8].astype(int) - colour).max() < 12


def test_a_png_sequence_is_exact_and_every_picture_carries_its_recipe(tmp_path: Path) -> None:
    sent = frames(3)
    folder = write(tmp_path / "clip", VideoSettings("png", comment=COMMENT), sent)
    names = sorted(os.listdir(folder))
    assert names == ["00000.png", "00001.png", "00002.png", "timeline.json"]
    for number, original in enumerate(sent):
        file = folder / f"{number:05d}.png"
        with Image.open(file) as image:
            assert np.array_equal(np.asarray(image), original)
        assert read_recipe(file) == Recipe(psi=number / 10)
    assert (folder / "timeline.json").read_text("utf-8") == COMMENT


@pytest.mark.parametrize("kind", KINDS)
def test_equal_frames_make_equal_files(kind: VideoKind, tmp_path: Path) -> None:
    first, second = (
        write(named(kind, tmp_path, stem), VideoSettings(kind, comment="x"), frames(6))
        for stem in "ab"
    )
    files = sorted(os.listdir(first)) if kind == "png" else [""]
    for name in files:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_what_lay_in_memory_before_changes_no_byte_of_a_movie(tmp_path: Path) -> None:
    """An encoder that reads more than it was given writes other bytes each time."""
    ramp = np.add.outer(np.arange(180), np.arange(322))[..., None].repeat(3, -1)
    sent = [(ramp + 5 * index).astype(np.uint8) for index in range(12)]
    rng, written = np.random.default_rng(1), set[bytes]()
    for number in range(4):
        with VideoFile(tmp_path / f"{number}.mp4", VideoSettings()) as clip:
            for pixels in sent:
                litter = [rng.integers(0, 255, size, np.uint8) for size in LITTER]
                del litter
                clip.add(pixels)
            written.add(clip.finish().read_bytes())
    assert len(written) == 1


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_odd_sizes_become_even(kind: VideoKind, tmp_path: Path) -> None:
    odd = [picture[:31, :29] for picture in frames(3)]
    seen = decoded(write(named(kind, tmp_path), VideoSettings(kind), odd))
    assert seen[0].shape == (32, 30, 3)
    assert np.abs(seen[0][:31, :29].astype(int) - odd[0]).mean() < 4


@pytest.mark.parametrize("smooth", [False, True])
def test_frames_can_be_enlarged(smooth: bool, tmp_path: Path) -> None:
    sent = frames(1)
    folder = write(tmp_path / "clip", VideoSettings("png", scale=4, smooth=smooth), sent)
    with Image.open(folder / "00000.png") as image:
        large = np.asarray(image)
    assert large.shape == (128, 128, 3)
    assert np.array_equal(large[1::4, 2::4], sent[0]) is not smooth
    assert np.abs(large[1::4, 2::4].astype(int) - sent[0]).max() < 8


def test_a_clip_keeps_the_size_of_its_first_frame(tmp_path: Path) -> None:
    sent = [frames(1)[0], frames(2, 64)[1]]
    seen = decoded(write(tmp_path / "clip.mp4", VideoSettings(), sent))
    assert [picture.shape for picture in seen] == [(32, 32, 3)] * 2


def test_a_gif_loops_unless_told_otherwise_and_takes_only_what_viewers_show(tmp_path: Path) -> None:
    for loops in (True, False):
        form = VideoSettings("gif", 25, loops=loops, comment=COMMENT)
        path = write(tmp_path / f"{loops}.gif", form, frames(3))
        with Image.open(path) as image:
            assert ("loop" in image.info) is loops
            assert getattr(image, "n_frames", 1) == 3
            image.seek(2)
            assert image.convert("RGB").size == (32, 32)
        assert b"stylegan_t_timeline" in path.read_bytes()
    with pytest.raises(ExportError, match="at most 50 frames"):
        VideoFile(tmp_path / "fast.gif", VideoSettings("gif", 60))


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_the_comment_travels(kind: VideoKind, tmp_path: Path) -> None:
    path = write(named(kind, tmp_path), VideoSettings(kind, comment=COMMENT), frames(3))
    with av.open(str(path)) as file:
        found = {name.lower(): text for name, text in file.metadata.items()}
    assert found["comment"] == COMMENT


def test_strange_names_of_folders_are_only_names(tmp_path: Path) -> None:
    folder = tmp_path / "100% größe: 日本 %05d '"
    folder.mkdir()
    for kind in KINDS:
        assert write(named(kind, folder), VideoSettings(kind), frames(2)).exists()
    assert len(os.listdir(folder)) == 4


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_overwritten(kind: VideoKind, tmp_path: Path) -> None:
    path = write(named(kind, tmp_path), VideoSettings(kind), frames(2))
    before = sorted(os.listdir(path)) if kind == "png" else path.read_bytes()
    with pytest.raises(ExportError, match="exists already"):
        VideoFile(path, VideoSettings(kind))
    assert (sorted(os.listdir(path)) if kind == "png" else path.read_bytes()) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_appears_meanwhile_is_left_as_it_is(kind: VideoKind, tmp_path: Path) -> None:
    path = named(kind, tmp_path)
    with VideoFile(path, VideoSettings(kind)) as clip:
        clip.add(frames(1)[0])
        path.write_bytes(b"mine")
        with pytest.raises(ExportError, match=r"so this one was saved as .*clip-0001"):
            clip.finish()
    assert path.read_bytes() == b"mine"
    other = path.with_stem("clip-0001")
    assert sorted(os.listdir(tmp_path)) == sorted([path.name, other.name])
    assert (other / "00000.png").exists() if kind == "png" else len(decoded(other)) == 1


def test_overwriting_when_told_so(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"old")
    write(path, VideoSettings(), frames(2), overwrite=True)
    assert len(decoded(path)) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_numbered_names_are_new_whoever_else_counts(kind: VideoKind, tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    paths = []
    for _ in range(2):
        with VideoFile(named(kind, folder, "a 1.5"), VideoSettings(kind), numbered=True) as clip:
            clip.add(frames(1)[0])
            paths.append(clip.finish())
    (folder / "a 1.5-0041.txt").touch()
    paths.append(write(named(kind, folder, "a 1.5"), VideoSettings(kind), frames(1), numbered=True))
    end = "" if kind == "png" else f".{kind}"
    assert [path.name for path in paths] == [f"a 1.5-{n}{end}" for n in ("0001", "0002", "0042")]


# -- trouble -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("after", [0, 1, 5])
def test_what_is_not_finished_leaves_nothing(kind: VideoKind, after: int, tmp_path: Path) -> None:
    with VideoFile(named(kind, tmp_path), VideoSettings(kind, comment=COMMENT)) as clip:
        for pixels in frames(after):
            clip.add(pixels)
    assert os.listdir(tmp_path) == []


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ((Movie, "add"), "mp4"),
        ((Movie, "finish"), "mp4"),
        ((video_encoder, "_append_comment"), "gif"),
        ((os, "fsync"), "webm"),
        ((Path, "write_bytes"), "png"),
        ((video, "encode_png"), "png"),
    ],
)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    target: tuple[object, str], kind: VideoKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*target, full_disk)
    with pytest.raises(ExportError, match=r"clip.* cannot be written: the disk is full\.$"):
        write(named(kind, tmp_path), VideoSettings(kind, comment="x"), frames(3))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_real_limit_of_the_system_is_one_sentence_too(kind: VideoKind, tmp_path: Path) -> None:
    """The system refuses to write beyond 20 kB, as a full disk does, in the middle of a frame."""
    noise = np.random.default_rng(0).integers(0, 255, (40, 96, 96, 3)).astype(np.uint8)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(ExportError, match=r"clip.* cannot be written: .*too large.*\.$"):
            write(named(kind, tmp_path), VideoSettings(kind), list(noise))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_goes_away_is_one_sentence(kind: VideoKind, tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    with VideoFile(named(kind, folder), VideoSettings(kind)) as clip:
        clip.add(frames(1)[0])
        shutil.rmtree(folder)
        with pytest.raises(ExportError, match="there is no such folder"):
            clip.add(frames(1)[0])
            clip.finish()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("numbered", [False, True])
def test_a_folder_that_cannot_be(kind: VideoKind, numbered: bool, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportError, match=r"cannot be written: .*\.$"):
        path = named(kind, tmp_path / "file")
        write(path, VideoSettings(kind), frames(1), numbered=numbered)
    assert os.listdir(tmp_path) == ["file"]


def test_without_an_encoder_the_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(video_encoder.ENCODERS, "mp4", ("no such encoder",))
    with pytest.raises(ExportError, match="choose another format"):
        write(tmp_path / "clip.mp4", VideoSettings(), frames(1))
    assert os.listdir(tmp_path) == []


def test_another_h264_encoder_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_encoder, "QUALITY", {})
    assert len(decoded(write(tmp_path / "clip.mp4", VideoSettings(), frames(3)))) == 3


def test_mistakes_of_ours_are_not_dressed_up(tmp_path: Path) -> None:
    with pytest.raises(ValueError), VideoFile(tmp_path / "clip.mp4", VideoSettings()) as clip:
        clip.add(np.zeros((16, 16), np.uint8))
    assert os.listdir(tmp_path) == []


# -- an exact size -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "size"), [("mp4", (64, 36)), ("gif", (31, 45)), ("png", (48, 17))]
)
def test_a_video_of_an_exact_size(kind: VideoKind, size: Size, tmp_path: Path) -> None:
    with VideoFile(named(kind, tmp_path), VideoSettings(kind, size=size, fit="fit")) as clip:
        for pixels in [*frames(2), frames(1, 20)[0]]:
            clip.add(pixels, Recipe())
        assert clip.size == size
        path = clip.finish()
    if kind == "png":
        shapes = [np.asarray(Image.open(file)).shape for file in path.glob("*.png")]
    else:
        shapes = [picture.shape for picture in decoded(path)]
    assert shapes == [(size[1], size[0], 3)] * 3


def test_a_frame_of_another_form_is_not_squeezed(tmp_path: Path) -> None:
    wide = np.full((16, 32, 3), 200, np.uint8)
    seen = decoded(write(tmp_path / "clip.mp4", VideoSettings(), [frames(1)[0], wide]))
    assert seen[1][16].mean() > 180 and seen[1][2].mean() < 20


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (VideoSettings("mp4", size=(641, 360)), "even numbers: take 642 × 360"),
        (VideoSettings("webm", size=(640, 361)), ".webm files are even"),
        (VideoSettings("gif", size=(641, 8)), "are 16 to 8192 pixels"),
        (VideoSettings("png", size=(100_000, 20)), "are 16 to 8192 pixels"),
        (VideoSettings("mp4", size=(8192, 8192)), "8192 × 8192 pixels is too large"),
    ],
)
def test_sizes_that_no_video_has_are_refused_with_a_sentence(
    form: VideoSettings, says: str, tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match=re.escape(says)):
        VideoFile(named(form.kind, tmp_path), form)
    assert VideoSettings("gif", size=(641, 363)).refusal == ""
