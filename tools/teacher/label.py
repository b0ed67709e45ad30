"""Have the teacher label other reviews, for the shipped model to learn from (see `tools/teacher/train.py`).

Usage: python tools/teacher/label.py teacher.pt [--data ../shared/data] [--output FILE] [--minutes 30]

It goes on where it stopped if the file that it writes is there and of the same texts.

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
from sentences import sentences
from teacher import Teacher

from feedbackclf.columns import head_of, label_columns
from feedbackclf.corpus import Example, read_corpus
from feedbackclf.guesses import Guesses, text_key
from feedbackclf.taxonomy import Taxonomy, default_taxonomy

sys.path.insert(0, str(Path(__file__).parents[1]))
from train_default import ANNOTATED, LANGUAGES, read_aspects

PORTION = 2_000
FIRST_ASPECTS = 1_500
WHOLE, SENTENCES = 32_000, 98_000


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
    examples = with_sentences(in_turn(arguments.data, taxonomy))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    names = tuple(column.name for column in label_columns([], taxonomy))
    keys = np.array([text_key(example.text) for example in examples], np.uint64)
    until, odds = time.monotonic() + 60 * arguments.minutes, np.zeros((0, len(names)), np.float32)
    if arguments.output.is_file():
        before = Guesses.read(arguments.output)
        if len(before.keys) <= len(keys) and (before.keys == keys[: len(before.keys)]).all():
            odds = before.log_odds
    for start in range(len(odds), len(examples), PORTION):
        odds = np.concatenate([odds, log_odds(teacher, [x.text for x in examples[start : start + PORTION]], taxonomy)])
        of_choice = [head_of(name) in {head.name for head in taxonomy.choices} for name in names]
        odds[WHOLE : WHOLE + SENTENCES, of_choice] = np.nan  # what is chosen is chosen for a whole text
        Guesses(names, keys[: len(odds)], mean_of_groups(odds, examples[: len(odds)])).write(arguments.output)
        print(f"{len(odds):,} of {len(examples):,} texts", file=sys.stderr, flush=True)
        if time.monotonic() > until:
            break


def in_turn(data: Path, taxonomy: Taxonomy) -> list[Example]:
    """Some of M-ABSA, reviews of each language in turn, the rest of M-ABSA; in random order, each text once.

    Reviews with stars that are labelled with care, too, are left to those labels.
    """
    labelled = {x.text for x in read_corpus([data / ANNOTATED], taxonomy).examples}
    rng = random.Random(0)
    reviews = []
    for language in LANGUAGES:
        of_language = list(read_corpus([data / f"reviews.{language}.jsonl.gz"], taxonomy).examples)
        rng.shuffle(of_language)
        reviews.append(of_language)
    turns = (example for turn in zip_longest(*reviews) for example in turn if example is not None)
    groups = defaultdict(list)
    for example in read_aspects([data / f"mabsa.{language}.jsonl.gz" for language in LANGUAGES]):
        groups[example.group].append(example)
    aspects = [groups[name] for name in sorted(groups, key=lambda name: text_key(str(name)))]
    parts = [*aspects[:FIRST_ASPECTS], turns, *aspects[FIRST_ASPECTS:]]
    once: dict[str, Example] = {}
    for example in chain.from_iterable(parts):
        once.setdefault(example.text.strip().casefold(), example)
    return [x for x in once.values() if x.text not in labelled]


def with_sentences(examples: Sequence[Example]) -> list[Example]:
    """Some texts as they are; of the others sentences, in which a remark stands alone, and then they themselves."""
    parts = [part for example in examples[WHOLE:] for part in sentences(example)]
    return [*examples[:WHOLE], *parts[:SENTENCES], *examples[WHOLE:]]


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


def mean_of_groups(odds: NDArray[np.float32], examples: Sequence[Example]) -> NDArray[np.float32]:
    """The log-odds, with their mean for translations of one sentence."""
    groups = defaultdict(list)
    for place, example in enumerate(examples):
        if example.group:
            groups[example.group].append(place)
    together = odds.copy()
    for places in groups.values():
        together[places] = odds[places].mean(axis=0)
    return together


if __name__ == "__main__":
    main()
