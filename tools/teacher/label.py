"""Have the teacher label other reviews, for the shipped model to learn from (see `tools/teacher/train.py`).

Usage: python tools/teacher/label.py teacher.pt [--data ../shared/data] [--output models/teacher/guesses.npz] [--minutes 30]

The file that is written holds no text: a hash of each, and the teacher's log-odds for each column. Translations of one
sentence get the mean of what is said of each.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from teacher import Teacher

from feedbackclf.columns import label_columns
from feedbackclf.corpus import Example, read_corpus
from feedbackclf.taxonomy import Taxonomy, default_taxonomy

sys.path.insert(0, str(Path(__file__).parents[1]))
from guesses import Guesses, text_key
from train_default import LANGUAGES, read_aspects

PORTION = 2_000


def main() -> None:
    """Read, label until the time is over, write."""
    root = Path(__file__).parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("teacher", type=Path)
    parser.add_argument("--data", type=Path, default=root.parent / "shared" / "data")
    parser.add_argument("--output", type=Path, default=root / "models" / "teacher" / "guesses.npz")
    parser.add_argument("--minutes", type=float, default=30)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    taxonomy = default_taxonomy()
    teacher = Teacher(taxonomy)
    teacher.load_state_dict(torch.load(arguments.teacher, weights_only=True))
    examples = in_turn(arguments.data, taxonomy)
    until, found = time.monotonic() + 60 * arguments.minutes, []
    for start in range(0, len(examples), PORTION):
        found.append(log_odds(teacher, [x.text for x in examples[start : start + PORTION]], taxonomy))
        print(f"{start + len(found[-1]):,} of {len(examples):,} texts", file=sys.stderr, flush=True)
        if time.monotonic() > until:
            break
    odds = np.concatenate(found)
    mean_of_groups(odds, examples[: len(odds)])
    names = tuple(column.name for column in label_columns([], taxonomy))
    keys = np.array([text_key(example.text) for example in examples[: len(odds)]], np.uint64)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    Guesses(names, keys, odds).write(arguments.output)


def in_turn(data: Path, taxonomy: Taxonomy) -> list[Example]:
    """M-ABSA's sentences, then reviews of each language in turn, in random order, each text once.

    Reviews with stars that are labelled with care, too, are left to those labels.
    """
    labelled = {x.text for x in read_corpus([data / "annotated.train.jsonl"], taxonomy).examples}
    rng = random.Random(0)
    reviews = []
    for language in LANGUAGES:
        of_language = list(read_corpus([data / f"reviews.{language}.jsonl.gz"], taxonomy).examples)
        rng.shuffle(of_language)
        reviews.append(of_language)
    turns = chain.from_iterable(zip_longest(*reviews))
    aspects = read_aspects([data / f"mabsa.{language}.jsonl.gz" for language in LANGUAGES])
    once = {x.text.strip().casefold(): x for x in chain(aspects, (x for x in turns if x is not None))}
    return [x for x in once.values() if x.text not in labelled]


def log_odds(teacher: Teacher, texts: Sequence[str], taxonomy: Taxonomy) -> NDArray[np.float32]:
    """The log-odds of each column of `label_columns`, shape (n_texts, n_columns)."""
    answers = np.concatenate([np.column_stack([places, found]) for places, found in teacher.answers(texts)])
    answers = answers[np.argsort(answers[:, 0]), 1:]
    questions, choices = iter(answers[:, : 3 * len(taxonomy.dimensions)].T), answers[:, 3 * len(taxonomy.dimensions) :]
    columns, start = [], 0
    for head in taxonomy.heads:
        if head.is_dimension:
            columns += [next(questions) for _ in range(3)]
            continue
        logits = choices[:, start : start + len(head.labels)].astype(np.float64)
        start += len(head.labels)
        for label in range(len(head.labels)):
            others = np.delete(logits, label, axis=1)
            columns.append(logits[:, label] - np.logaddexp.reduce(others, axis=1))
    return np.stack(columns, axis=1).astype(np.float32)


def mean_of_groups(odds: NDArray[np.float32], examples: Sequence[Example]) -> None:
    """Give translations of one sentence the mean of their log-odds, in place."""
    groups = defaultdict(list)
    for place, example in enumerate(examples):
        if example.group:
            groups[example.group].append(place)
    for places in groups.values():
        odds[places] = odds[places].mean(axis=0)


if __name__ == "__main__":
    main()
