"""Tokens: the ids of open_clip, in good time, and the place where a prompt is cut."""

import json
import random
import time
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from stylegan_t.encoders import clip_tokens
from stylegan_t.encoders.clip_tokens import (
    END,
    START,
    VOCABULARY,
    count_tokens,
    merge_pieces,
    tokenize,
)
from stylegan_t.encoders.open_clip_import import import_open_clip
from tests.source_tree import ROOT

PARITY = ROOT / "tests" / "parity"
CONTEXT, WINDOW = 77, 75

SNIPPETS = (
    *("a red house", "HOUSES", "don't", "it's", "x", "42", "1999", "f/1.4!", "...", "-----"),
    *("naïve", "café", "東京の家", "Ελλάς", "İstanbul", "straße", "привет", "שלום", "สวัสดี"),
    *(
        "🦊",
        "👩‍👩‍👧",
        "🇩🇪",
        "e\u0301",
        "ﬁne",
        "ＬＯＵＤ",
        "“curly”",
        "it’s",
        "…",
        "—",
        "，",
        "\u200b",
    ),
    *("&lt;", "&amp;", "&amp;lt;", "&eacute;", "&CounterClockwiseContourIntegral;", "&nope;", "&"),
    *(
        "<b>",
        "schÃ¶n",
        "â€™",
        "\x1b[31m",
        "\x07",
        "\ud800",
        "\ufeff",
        "antidis" * 5,
    ),
)
SPACES = (" ", " ", " ", "  ", "\t", "\n", "\r\n", "\u3000", "\xa0", "")


def samples(count: int, seed: int, snippets: tuple[str, ...] = SNIPPETS) -> list[str]:
    """Prompts of up to 60 snippets in any order."""
    dice = random.Random(seed)
    return [
        "".join(dice.choice(snippets) + dice.choice(SPACES) for _ in range(dice.randint(0, 60)))
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def reference() -> Any:
    return import_open_clip().tokenizer.SimpleTokenizer()


def solid(text: str) -> str:
    return "".join(text.split())


def test_ids_of_the_fixture() -> None:
    prompts = json.loads((PARITY / "clip_tokens.json").read_text())["prompts"]
    (recorded,) = load_file(PARITY / "clip_tokens.safetensors").values()
    ids = tokenize(prompts, CONTEXT)
    assert ids.dtype == torch.int64 and torch.equal(ids, recorded)


@pytest.mark.slow
def test_ids_are_those_of_open_clip(reference: Any) -> None:
    prompts = samples(400, seed=1)
    assert torch.equal(tokenize(prompts, CONTEXT), reference(prompts, CONTEXT))
    assert torch.equal(tokenize(prompts, 9), reference(prompts, 9))
    assert reference.vocab_size == VOCABULARY and reference.all_special_ids == [START, END]


def test_plain_text_needs_no_further_cleaning(reference: Any) -> None:
    dice = random.Random(2)
    characters = [chr(code) for code in range(128) if clip_tokens._PLAIN.fullmatch(chr(code))]
    assert len(characters) == 97 and "&" not in characters
    for _ in range(500):
        text = "".join(dice.choices(characters, k=80))
        assert clip_tokens._clean(text) == reference.clean_fn(text)


def test_merging_is_that_of_open_clip(reference: Any) -> None:
    dice = random.Random(3)
    for alphabet in ("a", "ab", "thes", "abcdefghijklmnopqrstuvwxyz", "!-.", "äß", "日本の"):
        for _ in range(60):
            word = "".join(dice.choices(alphabet, k=dice.randint(1, 70)))
            letters = [reference.byte_encoder[byte] for byte in word.encode()]
            known = tuple(reference.bpe("".join(letters)).split(" "))
            letters[-1] += "</w>"
            assert merge_pieces(letters, reference.bpe_ranks) == known, word


def test_a_pair_ranks_behind_the_merges_that_make_its_halves(reference: Any) -> None:
    """What makes merging in the order of ranks the same as open_clip's rounds."""
    made = {first + second: rank for (first, second), rank in reference.bpe_ranks.items()}
    assert len(made) == len(reference.bpe_ranks)
    for pair, rank in reference.bpe_ranks.items():
        assert all(made.get(half, -1) < rank for half in pair)


def test_count_is_the_number_of_tokens(reference: Any) -> None:
    for prompt in samples(300, seed=4):
        used, window, cut = count_tokens(prompt, WINDOW)
        assert (used, window) == (len(reference.encode(prompt)), WINDOW)
        assert (cut is None) == (used <= WINDOW)


INEXACT = {"schÃ¶n", "â€™", "<b>", "İstanbul"}
"""What is cleaned otherwise among others than alone, and a letter of which half can be seen."""
EXACT = tuple(text for text in SNIPPETS if text not in INEXACT)


@pytest.mark.parametrize("window", [1, 7, 75])
def test_the_cut_is_where_the_visible_tokens_end(reference: Any, window: int) -> None:
    """Decoding the tokens of the window gives the text before the cut, and no more."""
    cuts = 0
    for prompt in samples(150, seed=5, snippets=EXACT):
        cut = count_tokens(prompt, window)[2]
        if cut is None or cut >= clip_tokens.READ_CHARACTERS:
            continue
        cuts += 1
        seen = reference.encode(prompt)[:window]
        text = "".join(reference.decoder[token] for token in seen).replace("</w>", " ")
        visible = bytearray(reference.byte_decoder.get(c, 32) for c in text)
        visible = solid(visible.decode(errors="ignore"))  # half a character counts as cut
        assert solid(reference.clean_fn(prompt[:cut])) == visible, prompt
        assert not prompt[cut].isspace()
        word = prompt[cut:].split(maxsplit=1)[0]
        for length in range(cut + 1, cut + len(word) + 1):  # no more of it is in the window
            assert solid(reference.clean_fn(prompt[:length])) != visible, prompt
    assert cuts > 50


@pytest.mark.slow
def test_the_cut_is_never_named_too_late(reference: Any) -> None:
    """Whatever cleaning does to a prompt, the text before the cut is in the window."""
    for prompt in samples(400, seed=6):
        cut = count_tokens(prompt, 20)[2]
        if cut is not None:
            seen = solid(reference.decode(reference.encode(prompt)[:20]))
            before = solid(reference.clean_fn(prompt[:cut]))
            assert seen.startswith(before), prompt


@pytest.mark.parametrize(
    ("prompt", "window", "rest"),
    [
        ("one two three four", 2, "three four"),
        ("  one\n\n two   three", 2, "three"),
        ("one, two", 2, "two"),
        ("a &lt; b", 1, "&lt; b"),
        ("a&amp;b", 1, "&amp;b"),
        ("日本の家", 1, "本の家"),
        ("a İb", 2, "İb"),
        ("it’s cold", 2, "cold"),
        ("ﬁre ﬁre ﬁre", 2, "ﬁre"),
        ("I", 1, None),
        ("", 1, None),
        (" \t\n ", 1, None),
    ],
)
def test_where_it_is_cut(prompt: str, window: int, rest: str | None) -> None:
    cut = count_tokens(prompt, window)[2]
    assert (None if cut is None else prompt[cut:]) == rest


def test_what_is_beyond_reading_is_cut() -> None:
    blank = " " * 200_000
    assert count_tokens(f"{blank}a house{blank}", WINDOW) == (2, WINDOW, None)
    far = "é" + blank + "house"
    assert count_tokens(far, WINDOW) == (1, WINDOW, far.index("house"))
    assert torch.equal(tokenize([far], CONTEXT), tokenize(["é"], CONTEXT))


LETTERS = "".join(random.Random(7).choices("abcdefghijklmnopqrstuvwxyz", k=100_000))
HOSTILE = {
    "prose": "a red house at sunset, " * 5000,
    "one word": LETTERS,
    "words": " ".join(LETTERS[i : i + 7] for i in range(0, 87_500, 7)),
    "one letter": "a" * 100_000,
    "nested entities": "&" + "amp;" * 25_000,
    "wrong encodings": "Ã\x83Â\x82" * 25_000,
    "combining marks": "a" + "\u0301\u0316" * 50_000,
    "emoji": "🦊" * 100_000,
    "no spaces": "日本の家" * 25_000,
    "lines": "é\n" * 50_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_pasted_novel_is_no_standstill(name: str) -> None:
    """The bound is generous for a busy machine; open_clip itself takes minutes for some."""
    start = time.process_time()
    ids = tokenize([HOSTILE[name]], CONTEXT)
    count_tokens(HOSTILE[name], WINDOW)
    assert time.process_time() - start < 2.0
    assert ids[0, 0] == START and END in ids[0]


@pytest.mark.parametrize("name", ["<end_of_text>", "<start_of_text>", "<END_OF_TEXT>"])
def test_the_names_of_the_ends_are_plain_text(name: str) -> None:
    """Nothing behind them is lost, and they cost tokens like any other characters."""
    for prompt in (f"a red {name} house", f"{name}house", f"a{name}", f"a &lt;{name[1:]} b"):
        (ids,) = tokenize([prompt], CONTEXT).tolist()
        length = ids.index(END)
        assert ids[0] == START
        assert ids[length + 1 :] == [0] * (CONTEXT - length - 1)
        assert START not in ids[1:]
        assert count_tokens(prompt, WINDOW) == (length - 1, WINDOW, None)
    plain = tokenize([f"a red {name[:1]} {name[1:]} house"], CONTEXT)
    assert torch.equal(tokenize([f"a red {name} house"], CONTEXT), plain)


def test_a_prompt_that_is_cut_behind_a_name_of_an_end_says_where() -> None:
    prompt = "<end_of_text> " + "word " * 80
    used, window, cut = count_tokens(prompt, WINDOW)
    assert used > window
    assert cut is not None
    assert prompt[cut:].startswith("word")
