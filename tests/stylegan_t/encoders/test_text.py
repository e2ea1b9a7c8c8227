"""The word tower: any text in, unit vectors out."""

import pytest
import torch
from msgspec.structs import replace

from stylegan_t.encoders.known_words import KnownWords
from stylegan_t.encoders.text import WordTower, WordTowerConfig, word_pieces

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


def told(known: KnownWords | None) -> WordTower:
    """A tower that declares its words, and takes words with the same letters for the same."""
    torch.manual_seed(0)
    return WordTower(CONFIG, "told", known).eval()


def test_a_tower_tells_the_words_that_it_was_not_taught() -> None:
    tower = told(KnownWords(("red house", "couch"), ("a",), (("sofa", ("couch",)),)))
    assert tower.unknown_words("a red house") == {}
    assert tower.unknown_words("a Cat, a red SOFA!") == {"cat": (), "sofa": ("couch",)}
    assert list(tower.unknown_words("日本の家 and a house 😀")) == ["日本の家", "and"]
    assert tower.unknown_words("") == {}


def test_a_tower_that_declares_no_words_tells_none() -> None:
    assert told(None).unknown_words("a cat on a sofa") == {}


def test_words_beyond_the_window_are_not_told() -> None:
    tower = told(KnownWords(("house",)))
    assert list(tower.unknown_words("house house house house house cat dog")) == ["cat"]


@pytest.mark.parametrize(
    "prompt", ["é" * 10_000, "cat " * 10_000, "a1 b2 " * 5_000, "\0\n\t", "家" * 999]
)
def test_what_is_told_of_a_long_prompt_is_short(prompt: str) -> None:
    assert len(told(KnownWords(("house",))).unknown_words(prompt)) <= 16


def test_a_slip_that_the_tower_reads_as_the_known_word_is_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tower = told(KnownWords(("house",)))
    alike = torch.tensor([[1.0, 0.0], [0.8, 0.6]])
    monkeypatch.setattr(tower, "_encoded", lambda rows: alike[: len(rows)])
    assert tower.unknown_words("hosue") == {}
    unlike = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
    monkeypatch.setattr(tower, "_encoded", lambda rows: unlike[: len(rows)])
    assert tower.unknown_words("housse") == {"housse": ("house",)}


def test_a_hidden_layer_lets_embeddings_be_longer_than_the_tower_is_wide() -> None:
    """A thing of a code book has an axis of its own; 8 numbers and one layer span 8 of them."""
    for hidden, least, most in ((0, 1, 8), (64, 20, 32)):
        torch.manual_seed(1)
        tower = WordTower(
            WordTowerConfig(c_dim=32, width=8, layers=1, heads=2, buckets=512, hidden=hidden)
        )
        c = tower.eval().encode([f"word{k} " * 3 for k in range(64)])
        assert c.shape == (64, 32)
        assert least <= torch.linalg.matrix_rank(c, rtol=1e-4).item() <= most


def test_a_hidden_layer_has_a_sensible_width() -> None:
    for hidden in (-1, 1 << 21):
        with pytest.raises(ValueError, match="sensible"):
            WordTowerConfig(hidden=hidden)


def test_a_tower_may_leave_out_what_it_was_not_taught() -> None:
    words = KnownWords(words=("red", "house", "elephant"), silent=("a",))
    torch.manual_seed(4)
    tower = WordTower(CONFIG, "reads all", words).eval()
    choosy = WordTower(CONFIG, "skips", replace(words, skips=True)).eval()
    choosy.load_state_dict(tower.state_dict())
    strange, plain = "a zzyzx red 家 house", "a red house"
    assert torch.equal(choosy.encode([strange]), choosy.encode([plain]))
    assert torch.equal(choosy.encode([plain]), tower.encode([plain]))
    assert not torch.allclose(tower.encode([strange]), tower.encode([plain]))
    assert torch.equal(choosy.encode(["zzyzx"]), choosy.encode([""]))
    assert list(choosy.unknown_words(strange)) == ["zzyzx", "家"]
    assert choosy.count(strange)[0] == 5
