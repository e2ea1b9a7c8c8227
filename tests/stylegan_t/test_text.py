"""The word tower: any text in, unit vectors out."""

import pytest
import torch

from stylegan_t.text import WordTower, WordTowerConfig, word_pieces

CONFIG = WordTowerConfig(c_dim=16, width=16, layers=2, heads=2, buckets=512, window=6)


@pytest.fixture(scope="module")
def tower() -> WordTower:
    torch.manual_seed(0)
    return WordTower(CONFIG).eval()


@pytest.mark.parametrize(
    "prompt", ["", "   ", "a house", "日本の家 😀", "é" * 10_000, "word " * 10_000, "\0\n\t", "!?…"]
)
def test_every_prompt_has_a_unit_vector(tower: WordTower, prompt: str) -> None:
    c = tower.encode([prompt])
    assert c.shape == (1, 16) and c.dtype == torch.float32
    assert c.norm().item() == pytest.approx(1, abs=1e-5)


def test_a_batch_does_not_change_a_prompt(tower: WordTower) -> None:
    alone = tower.encode(["a red house"])
    among = tower.encode(["", "a red house", "a b c d e f g h"])[1:2]
    torch.testing.assert_close(alone, among, atol=1e-5, rtol=0)


def test_case_and_punctuation_do_not_matter_but_order_does(tower: WordTower) -> None:
    a, b, c = tower.encode(["red house, blue sky", "RED house blue sky!", "blue house red sky"])
    torch.testing.assert_close(a, b)
    assert (a - c).norm() > 1e-4


def test_the_window_ends_where_count_says(tower: WordTower) -> None:
    prompt = "one two three four five six seven eight"
    assert tower.count(prompt) == (8, 6, prompt.index("seven"))
    assert tower.count("one two") == (2, 6, None)
    assert tower.count("") == (0, 6, None)
    seen, cut = tower.encode([prompt, prompt[: prompt.index("seven")]])
    torch.testing.assert_close(seen, cut)


def test_words_that_share_letters_share_pieces() -> None:
    house, houses = set(word_pieces("house", 8192)), set(word_pieces("houses", 8192))
    cactus = set(word_pieces("cactus", 8192))
    assert len(house & houses) > 4 > len(house & cactus)
    assert word_pieces("house", 8192) == word_pieces("house", 8192)
    assert len(word_pieces("x" * 100_000, 8192)) <= 24


def test_sizes_are_checked() -> None:
    with pytest.raises(ValueError, match="sizes"):
        WordTowerConfig(width=10, heads=4)
    with pytest.raises(ValueError, match="sizes"):
        WordTowerConfig(buckets=2**40)
