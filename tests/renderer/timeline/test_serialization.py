"""Timelines as text that is not to be trusted."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from renderer.recipe.recipe import LatentPart, ModelRef, Recipe
from renderer.timeline import serialization
from renderer.timeline.serialization import read_timeline, timeline_from_json, timeline_to_json
from renderer.timeline.timeline import KeyFrame, Timeline, TimelineError

FULL = Timeline(
    (
        KeyFrame(0.5, Recipe(ModelRef("/größe 日本.pkl"), latent=LatentPart(7)), "hold"),
        KeyFrame(2.0, Recipe(psi=0.25), "in"),
    ),
    7.5,
    24,
    "ping-pong",
)
KEY = json.loads(timeline_to_json(FULL))["timeline"]["keys"][0]


def text(**fields: object) -> str:
    """JSON of a timeline with some fields replaced."""
    return json.dumps({"stylegan_t_timeline": 1, "timeline": fields})


@pytest.mark.parametrize("timeline", [Timeline(), FULL])
def test_json_brings_everything_back(timeline: Timeline) -> None:
    assert timeline_from_json(timeline_to_json(timeline)) == timeline
    assert timeline_from_json(timeline_to_json(timeline).encode()) == timeline


def test_a_session_that_holds_a_timeline_will_do() -> None:
    inner = json.loads(timeline_to_json(FULL))["timeline"]
    session = {"stylegan_t_session": 1, "recipe": {}, "history": [1, 2], "timeline": inner}
    assert timeline_from_json(json.dumps(session)) == FULL


def test_a_recipe_of_an_older_program_may_be_inside() -> None:
    key = {"time_s": 0, "recipe": {"stylegan_t_recipe": 1, "recipe": {"psi": 0.5}}}
    assert timeline_from_json(text(keys=[key])).keys[0].recipe == Recipe(psi=0.5)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"timeline": 5}',
        '{"timeline": {"unknown": 1}}',
        '{"stylegan_t_timeline": "x", "timeline": {}}',
        '{"stylegan_t_timeline": 1' + "0" * 400 + ', "timeline": {}}',
        text(length_s=0),
        text(length_s=-1),
        text(length_s=1e9),
        '{"timeline": {"length_s": NaN}}',
        '{"timeline": {"length_s": 1e999}}',
        text(fps=0),
        text(fps=120.5),
        text(fps=10**30),
        text(loop="for ever"),
        text(keys=[{**KEY, "time_s": -1}]),
        text(keys=[{**KEY, "time_s": 5}]),
        text(keys=[KEY, KEY]),
        text(keys=[{**KEY, "easing": "bounce"}]),
        text(keys=[{**KEY, "recipe": {}}]),
        text(keys=[{**KEY, "recipe": "x"}]),
        text(keys=[{**KEY, "recipe": {"stylegan_t_recipe": 1, "recipe": {"psi": "1"}}}]),
        text(keys=[{"time_s": i / 1000, "recipe": {}} for i in range(1001)]),
        '{"timeline": ' + "[" * 100_000,
        '{"timeline": {"keys": [{"time_s": 0, "recipe": ' + "[" * 100_000,
        b"\xff\xfe",
        "\ud800",
    ],
)
def test_hostile_text_is_refused_with_a_sentence(bad: str | bytes) -> None:
    with pytest.raises(TimelineError) as caught:
        timeline_from_json(bad)
    assert str(caught.value)[0].isupper()
    assert len(str(caught.value)) < 300


def test_a_newer_version_is_named() -> None:
    with pytest.raises(TimelineError, match="newer version"):
        timeline_from_json('{"stylegan_t_timeline": 3, "hologram": true}')


def test_what_is_far_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(serialization, "MAX_TIMELINE_BYTES", 1000)
    path = tmp_path / "a.json"
    path.write_text(text(keys=[]) + " " * 1000)
    with pytest.raises(TimelineError, match="too large"):
        read_timeline(path)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("\ufeff" + timeline_to_json(FULL), "utf-8")
    assert read_timeline(path) == FULL
    path.write_text("{}")
    with pytest.raises(TimelineError, match=r"a\.json: It contains no timeline"):
        read_timeline(path)
    for wrong in (tmp_path, tmp_path / "missing.json"):
        with pytest.raises(TimelineError, match=wrong.name):
            read_timeline(wrong)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(TimelineError, match="not a file"):
        read_timeline(pipe)


def test_impossible_values_are_not_written() -> None:
    for recipe in (Recipe(psi=float("nan")), Recipe(ModelRef("\ud800"))):
        with pytest.raises(TimelineError):
            timeline_to_json(Timeline((KeyFrame(0.0, recipe),)))
