import csv
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedbackclf.guesses import STEP, Guesses, text_key
from feedbackclf.taxonomy import default_taxonomy
from tools.train_default import READINGS, REREADINGS

TEXTS = ["Snel!", "Traag", "Snel! "]
GUESSES = Guesses(
    ("a:x", "a:y"),
    np.array([text_key(text) for text in TEXTS], np.uint64),
    np.array([[1.0, -2.0], [30.0, 0.0], [-30.0, np.nan]], np.float32),
)


def test_guesses_are_found_by_text_and_column() -> None:
    places, odds = GUESSES.about(["nowhere", "Traag", "Snel!"], ["a:y", "b:z", "a:x"])
    assert places.tolist() == [1, 2]
    np.testing.assert_array_equal(odds, np.array([[0, np.nan, 30], [-2, np.nan, 1]], np.float32))
    nothing, none = GUESSES.about(["nowhere"], ["a:x"])
    assert (nothing.shape, none.shape) == ((0,), (0, 1))


def test_some_of_them() -> None:
    places, odds = GUESSES.first(1).about(TEXTS, ["a:x"])
    assert (places.tolist(), odds.tolist()) == ([0], [[1.0]])


def test_they_come_back_from_a_file_in_steps_and_without_the_texts(tmp_path: Path) -> None:
    path = tmp_path / "guesses.npz"
    GUESSES.write(path)
    found = Guesses.read(path)
    assert found.columns == GUESSES.columns
    np.testing.assert_array_equal(found.keys, GUESSES.keys)
    np.testing.assert_allclose(found.log_odds, np.clip(GUESSES.log_odds, -127 * STEP, 127 * STEP), atol=STEP / 2)
    assert b"Traag" not in path.read_bytes()


@pytest.mark.parametrize("file", [READINGS, REREADINGS])
def test_what_was_read_is_kept_as_keys_and_labels(file: Path) -> None:
    taxonomy = default_taxonomy()
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert set(rows[0]) == {"key", *(head.name for head in taxonomy.heads)}
    assert all(row[head.name] in (*head.labels, "") for row in rows for head in taxonomy.heads)
    assert all(re.fullmatch("[0-9a-f]{16}", row["key"]) for row in rows)
    assert len({row["key"] for row in rows}) == len(rows)


@given(st.text(), st.text())
def test_a_text_has_one_key(one: str, other: str) -> None:
    assert (text_key(one) == text_key(other)) == (one == other)
    assert 0 <= text_key(one) < 2**64
