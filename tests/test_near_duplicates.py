from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedbackclf.near_duplicates import MIN_LETTERS, SHINGLE, SIMILAR, fold_groups, fold_text, near_duplicate_groups

REVIEW = "Ordered on Monday, delivered on Tuesday. The driver was friendly, the lamp works, and I would buy here again!"
OTHER = "Nobody answered the telephone, so after three weeks I drove to the shop myself and took the money back."


def same(a: str, b: str) -> bool:
    first, second = near_duplicate_groups([a, b])
    return bool(first == second)


def jaccard(a: str, b: str) -> float:
    x, y = ({t[i : i + SHINGLE] for i in range(len(t) - SHINGLE + 1)} for t in (fold_text(a), fold_text(b)))
    return len(x & y) / len(x | y)


def random_texts(seed: int, n: int) -> list[str]:
    """Texts of random words, most of them followed by a copy in which some words changed."""
    rng = random.Random(seed)

    def word() -> str:
        return "".join(rng.choices("abcdefghijklmnoprstuvwåæø", k=rng.randint(2, 9)))

    texts = []
    for _ in range(n):
        words = [word() for _ in range(rng.randint(8, 60))]
        change = rng.random() * 0.3
        texts += [" ".join(words), " ".join(word() if rng.random() < change else w for w in words)]
    return texts


@pytest.mark.parametrize(
    "copy",
    [
        REVIEW.lower(),
        REVIEW.lower().replace(", ", "").replace(". ", ""),  # glued
        REVIEW.replace("Tuesday", "Wednesday"),
        REVIEW.lower().replace(", ", "").replace("lamp", "light"),
        "5 stars! " + REVIEW,
        REVIEW.replace(" ", "  \n").replace("!", " 🙂"),
    ],
)
def test_a_lightly_changed_copy_is_found(copy: str) -> None:
    assert same(REVIEW, copy)


def test_different_texts_are_apart() -> None:
    assert not same(REVIEW, OTHER)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("Top!", "top", True),
        ("Top!", "Tops", False),
        ("Hurtig levering, god pris", "Hurtig levering, god vare", False),
        ("👍", "👎", False),
        ("👍", " 👍 ", True),
        ("", "  ", True),
        ("café", "cafe\u0301", True),
    ],
)
def test_short_texts_are_the_same_only_if_their_letters_are(a: str, b: str, expected: bool) -> None:
    assert same(a, b) is expected


def test_groups_equal_those_of_comparing_every_pair() -> None:
    texts = random_texts(seed=1, n=75)
    groups = near_duplicate_groups(texts)
    parents = list(range(len(texts)))
    for i in range(len(texts)):
        for j in range(i):
            if jaccard(texts[i], texts[j]) >= SIMILAR and min(len(fold_text(texts[k])) for k in (i, j)) >= MIN_LETTERS:
                parents = [parents[j] if p == parents[i] else p for p in parents]
    _, expected = np.unique(parents, return_inverse=True)
    wrong = (groups[:, None] == groups) != (expected[:, None] == expected)
    assert 25 < len(texts) - groups.max() < 100
    assert not wrong.any()


@given(st.lists(st.text(max_size=60), max_size=20), st.randoms(use_true_random=False))
def test_numbers_run_in_order_of_appearance_and_equal_texts_share_one(texts: list[str], rng: random.Random) -> None:
    texts = texts + rng.sample(texts, len(texts) // 2)
    groups = near_duplicate_groups(texts)
    assert groups.shape == (len(texts),)
    assert groups.dtype == np.int64
    first_seen = list(dict.fromkeys(groups.tolist()))
    assert first_seen == list(range(len(first_seen)))
    by_text: dict[str, int] = {}
    assert all(by_text.setdefault(text, group) == group for text, group in zip(texts, groups.tolist(), strict=True))


def test_thousands_of_copies_of_one_text_are_one_group() -> None:
    texts = [f"{REVIEW} {i}" for i in range(3000)] + [OTHER]
    groups = near_duplicate_groups(texts)
    assert set(groups[:-1]) == {0}
    assert groups[-1] == 1


def test_fold_groups_join_near_duplicates_and_equal_groups_through_each_other() -> None:
    texts = [REVIEW, "Helt fint", REVIEW.lower(), "Prima zo", OTHER, "Inget att säga"]
    groups = ["a", None, None, "a", None, "b"]
    assert fold_groups(texts, groups).tolist() == [0, 1, 0, 0, 2, 3]
    assert fold_groups(texts, [None] * 6).tolist() == near_duplicate_groups(texts).tolist()
    assert fold_groups([], []).tolist() == []


def test_fold_groups_wants_one_group_per_text() -> None:
    with pytest.raises(ValueError, match="zip"):
        fold_groups(["a", "b"], ["x"])
