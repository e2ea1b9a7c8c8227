"""Captions: every encoding is read right or refused, and each line of a text is one caption."""

import json

import pytest

from stylegan_t.data import captions
from stylegan_t.data.captions import (
    NoCaptionsError,
    clean_captions,
    drawn_caption,
    read_captions,
    read_list,
)
from stylegan_t.data.images import BrokenImageError


def test_each_line_of_a_text_is_a_caption() -> None:
    assert read_captions(b"a  red\thouse\r\n\n  one house \n") == (
        "a red house",
        "one house",
    )
    assert len(clean_captions(["word " * 9000])[0]) == captions.MAX_CAPTION
    assert len(clean_captions(["word"] * 9000)) == captions.MAX_CAPTIONS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_say_so_are_read(encoding: str) -> None:
    assert read_captions("une fenêtre".encode(encoding)) == ("une fenêtre",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no caption"),
        (b" \n\t ", "no caption"),
        ("une fenêtre".encode("latin1"), "not in UTF-8"),
        ("a key".encode("utf-16-le"), "not text"),
        (b"\xff\xfe\x00", "not in UTF-8"),
    ],
)
def test_texts_that_cannot_be_read_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(BrokenImageError, match=words):
        read_captions(data)


def test_a_text_may_be_cut_within_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captions, "MAX_CAPTION_BYTES", 4)
    assert read_captions("abcéd".encode()) == ("abc",)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"caption": "a boot", "url": "x"}, ("a boot",)),
        ({"text": ["a boot", "one boot"]}, ("a boot", "one boot")),
        ({"caption": None, "prompt": "a boot"}, ("a boot",)),
    ],
)
def test_json_beside_a_picture(entry: object, expected: tuple[str, ...]) -> None:
    assert read_captions(json.dumps(entry).encode(), ".json") == expected


@pytest.mark.parametrize("text", ['{"url": "x"}', "[]", "7", "[" * 10_000, "{", '{"caption": 7}'])
def test_json_without_a_caption_is_refused(text: str) -> None:
    with pytest.raises(BrokenImageError, match=r"no caption|\.json"):
        read_captions(text.encode(), ".json")


def test_a_visit_draws_one_of_the_captions() -> None:
    texts = ("a", "b", "c")
    drawn = [drawn_caption(texts, 0, place) for place in range(60)]
    assert set(drawn) == set(texts)
    assert drawn == [drawn_caption(texts, 0, place) for place in range(60)]
    assert drawn != [drawn_caption(texts, 1, place) for place in range(60)]


def test_lists_of_all_kinds() -> None:
    labels = {"labels": [["00\\a.png", "a"], ["b.png", ["b", "one b"]], ["b.png", "two b"]]}
    assert read_list("x/dataset.json", json.dumps(labels).encode()) == {
        "x/00/a.png": ["a"],
        "x/b.png": ["b", "one b", "two b"],
    }
    lines = b'{"file_name": "a.png", "text": "a"}\n\n{"file_name": "./b.png", "caption": "b"}\n'
    assert read_list("metadata.jsonl", lines) == {"a.png": ["a"], "b.png": ["b"]}
    table = '\ufefffile,caption\na.png,"a, and more"\na.png,one a\n'.encode()
    assert read_list("captions.csv", table) == {"a.png": ["a, and more", "one a"]}
    assert read_list("dataset.json", b'{"labels": null}') == {}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("dataset.json", '{"labels": [["a.png", 3]]}', "classes"),
        ("dataset.json", '{"labels": {"a.png": "a"}}', "it should be"),
        ("dataset.json", '{"labels": [["a", ' + "[" * 100_000, "recursion"),
        ("metadata.jsonl", '{"picture": "a.png", "text": "a"}', "column file_name"),
        ("metadata.jsonl", "{", "ends too early"),
        ("metadata.csv", "a.png,a red house\nb.png,b\n", "column file_name"),
        ("metadata.csv", "file_name,text\n\udcff", "UTF-8"),
    ],
)
def test_lists_that_hold_no_captions_say_why(name: str, text: str, words: str) -> None:
    with pytest.raises(NoCaptionsError, match=words):
        read_list(name, text.encode(errors="surrogateescape"))
