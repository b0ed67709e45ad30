"""Teach the phrase network of the shipped model (`feedbackclf.phrases`); some half an hour on two cores.

Usage: python tools/teacher/phrases.py [--data ../shared/data] [--guesses FILE] [--output FILE]

It learns from the labelled texts, from what the teacher said of others (`tools/teacher/label.py`), and from stars: once
from everything, and once without each third of the labelled texts, so that the heads of the model can be taught with
what a network says of texts that it has not seen. What is written holds no text.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from phrase_training import NO_STARS, Chunks, Targets, learn
from sentences import sentences

from feedbackclf.columns import NOT_LABELLED, label_columns
from feedbackclf.corpus import Example, read_corpus
from feedbackclf.guesses import Guesses, text_key
from feedbackclf.learned_phrases import LearnedPhrases, network_scores
from feedbackclf.near_duplicates import fold_groups
from feedbackclf.phrases import PhraseNetwork
from feedbackclf.taxonomy import Taxonomy, default_taxonomy
from feedbackclf.training import feedback_features, folds_of
from feedbackclf.vectors import feedback_counts

sys.path.insert(0, str(Path(__file__).parents[1]))
from train_default import ANNOTATED, LANGUAGES, read_aspects, read_further

N_FOLDS = 3
LABELLED_WEIGHT = 3.0


def main() -> None:
    """Read, learn the networks, write the last one and what the others say of the texts that they have not seen."""
    root = Path(__file__).parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=root.parent / "shared" / "data")
    parser.add_argument("--guesses", type=Path, default=root / "models" / "teacher" / "guesses.npz")
    parser.add_argument("--output", type=Path, default=root / "models" / "teacher" / "phrases.npz")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    taxonomy, guesses = default_taxonomy(), Guesses.read(arguments.guesses)
    careful = read_corpus([arguments.data / ANNOTATED, root / "corpora"], taxonomy).examples
    labelled = [*careful, *read_further(arguments.data, taxonomy)]
    others = list(unlabelled(arguments.data, guesses, taxonomy))
    groups = fold_groups([x.text for x in (*labelled, *others)], [x.group for x in (*labelled, *others)])
    fresh = ~np.isin(groups[len(labelled) :], groups[: len(labelled)])
    others = [example for example, is_fresh in zip(others, fresh.tolist(), strict=True) if is_fresh]
    say(f"{len(labelled):,} labelled texts and {len(others):,} others")

    texts, codes = [x.text for x in (*labelled, *others)], [str(x.language) for x in (*labelled, *others)]
    chunks = Chunks.of(texts, codes, feedback_features(feedback_counts(texts[: len(labelled)], codes[: len(labelled)])))
    targets = targets_of(labelled, others, guesses, taxonomy)
    folds = folds_of(groups[: len(labelled)], N_FOLDS, seed=0)
    say(f"{chunks.counts.shape[0]:,} different chunks, {chunks.counts.shape[1]:,} features")

    dimensions = {head.name for head in taxonomy.dimensions}
    fold_of = np.append(folds, np.full(len(others), -1))
    left_out = [N_FOLDS, *range(N_FOLDS)]  # from the first one nothing
    work = [(fold, chunks, targets, np.flatnonzero(fold_of != fold), dimensions) for fold in left_out]
    with ProcessPoolExecutor(arguments.jobs, get_context("fork")) as pool:
        final, *without = pool.map(learn_one, work)
    scores = np.empty((len(labelled), len(final.columns)), np.float32)
    for fold, network in enumerate(without):
        rows = np.flatnonzero(folds == fold)
        own = [texts[row] for row in rows], [codes[row] for row in rows]
        scores[rows] = network_scores(network, *own, taxonomy.languages)
    keys = np.array([text_key(example.text) for example in labelled], np.uint64)
    LearnedPhrases(final, keys, scores).write(arguments.output)


def learn_one(work: tuple[int, Chunks, Targets, NDArray[np.int64], set[str]]) -> PhraseNetwork:
    """Learn the network that leaves out a fold, in a process of its own."""
    torch.set_num_threads(1)
    fold, chunks, targets, rows, dimensions = work
    started = time.monotonic()

    def tell(message: str) -> None:
        say(f"without fold {fold}: {message}, {time.monotonic() - started:.0f} s")

    return learn(chunks, targets, rows, dimensions, seed=0, say=tell)


def unlabelled(data: Path, guesses: Guesses, taxonomy: Taxonomy) -> Iterator[Example]:
    """Texts with guesses or stars: reviews, sentences of them, and sentences of M-ABSA."""
    known, labelled = set(guesses.keys.tolist()), set()
    for name in (ANNOTATED, "annotated.dev.jsonl"):
        labelled |= {example.text for example in read_corpus([data / name], taxonomy).examples}
    seen: set[int] = set()
    for language in LANGUAGES:
        path = data / f"reviews.{language}.jsonl.gz"
        for review in read_corpus([path], taxonomy).examples:
            parts = [replace(part, language=language) for part in sentences(review)]
            for example in (replace(review, language=language, group=f"{path}:{review.row}"), *parts):
                key = text_key(example.text)
                if key not in seen and example.text not in labelled and (key in known or example.rating is not None):
                    seen.add(key)
                    yield example
    for example in read_aspects([data / f"mabsa.{language}.jsonl.gz" for language in LANGUAGES]):
        if text_key(example.text) in known:
            yield example


def targets_of(labelled: Sequence[Example], others: Sequence[Example], guesses: Guesses, taxonomy: Taxonomy) -> Targets:
    """Labels of labelled texts, guesses about the others, and stars of these."""
    columns = label_columns(labelled, taxonomy)
    names = tuple(column.name for column in columns)
    answers = np.stack([column.answers for column in columns], axis=1)
    odds = np.full((len(others), len(names)), np.nan, np.float32)
    places, known = guesses.about([example.text for example in others], names)
    odds[places] = known
    yes = np.concatenate([np.maximum(answers, 0), 1 / (1 + np.exp(-np.nan_to_num(odds)))]).astype(np.float32)
    stars = [NO_STARS if x.rating is None else round(x.rating) - 1 for x in others]
    targets = Targets(
        columns=names,
        yes=yes,
        is_known=np.concatenate([answers != NOT_LABELLED, ~np.isnan(odds)]),
        stars=np.array([NO_STARS] * len(labelled) + stars),
        weights=np.repeat(np.array([LABELLED_WEIGHT, 1], np.float32), [len(labelled), len(others)]),
    )
    for places_of_choice in targets.choices({head.name for head in taxonomy.dimensions}).values():
        yes[:, places_of_choice] /= yes[:, places_of_choice].sum(axis=1, keepdims=True).clip(1e-9)
    return targets


def say(message: str) -> None:
    """Progress goes to stderr."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
