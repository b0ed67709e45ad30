"""Learning score tables: for each fold one that has not seen it, whose scores the heads learn from, and one of all."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from feedbackclf.column_training import ROUGH_STRENGTH, Lesson, fit_columns, text_lesson
from feedbackclf.columns import Column, head_of, weak_columns
from feedbackclf.corpus import Example
from feedbackclf.heads import HeadModel, pool
from feedbackclf.scoring import ColumnScores
from feedbackclf.second_pass import (
    OWN_GUESS_WEIGHT,
    TEACHER_GUESS_WEIGHT,
    both_guesses,
    guess_lesson,
    own_guesses,
    segment_lesson,
)
from feedbackclf.table import ScoreTable
from feedbackclf.taxonomy import Taxonomy
from feedbackclf.vectors import FeatureCounts, FeatureScale, score_counts


class Say(Protocol):
    """Is told what begins and, if that has several steps of the same kind, which of them (counted from 1)."""

    def __call__(self, message: str, step: int = 0, steps: int = 0) -> None: ...


def say_nothing(message: str, step: int = 0, steps: int = 0) -> None:
    """The `Say` of those who do not want to know."""


def in_a_line(message: str, step: int = 0, steps: int = 0) -> str:
    """What a `Say` is told, for a log."""
    return f"{message}: split {step} of {steps}" if steps else message


@dataclass(frozen=True)
class Tables:
    """Score tables with the same columns.

    Attributes:
        names: of the columns.
        tables: one per fold, learned without it, and last the one learned from everything.
    """

    names: tuple[str, ...]
    tables: Sequence[ScoreTable]

    @property
    def final(self) -> ScoreTable:
        return self.tables[-1]

    def beside(self, names: Sequence[str], table: ScoreTable) -> Tables:
        """The tables with further columns, the same ones for each."""
        return Tables((*self.names, *names), [_side_by_side(own, table) for own in self.tables])


@dataclass(frozen=True)
class Unlabelled:
    """Texts without labels.

    Attributes:
        counts: of n texts.
        languages: the number of each text's language, known or detected, shape (n,).
        guesses: log-odds of a teacher for the columns, in their order, shape (n, n_columns).
    """

    counts: FeatureCounts
    languages: NDArray[np.int64]
    guesses: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class TableTrainer:
    """Learns the columns of labelled texts.

    Attributes:
        counts: features of n texts.
        scale: how much each feature counts.
        columns: what to learn, with the answers of the texts.
        weights: of the texts, shape (n,).
        languages: the number of each text's language, shape (n,).
        folds: of the texts, numbered from 0, shape (n,).
        seed, jobs: for the learners.
        say: is told what is going on.
    """

    counts: FeatureCounts
    scale: FeatureScale
    columns: Sequence[Column]
    weights: NDArray[np.float64]
    languages: NDArray[np.int64]
    folds: NDArray[np.int64]
    seed: int
    jobs: int
    say: Say

    @cached_property
    def _vectors(self) -> sparse.csr_matrix:
        return self.scale.vectors(self.counts.texts())

    @property
    def _splits(self) -> list[NDArray[np.int64]]:
        n_folds = int(self.folds.max()) + 1
        return [*(np.flatnonzero(self.folds != fold) for fold in range(n_folds)), np.arange(len(self.folds))]

    def first_pass(self) -> Tables:
        """Learn all columns from whole texts."""
        tables = []
        for number, rows in enumerate(self._splits, start=1):
            self.say(f"learning {len(self.columns)} columns", number, len(self._splits))
            lesson = text_lesson(self._vectors, self.columns, self.weights, self.languages, rows)
            tables.append(self.scale.table(*fit_columns(lesson, seed=self.seed, jobs=self.jobs)))
        return Tables(tuple(column.name for column in self.columns), tables)

    def second_pass(
        self,
        learned: Tables,
        heads: Sequence[HeadModel],
        taxonomy: Taxonomy,
        unlabelled: Unlabelled | None,
        again: Set[str],
    ) -> Tables:
        """Learn columns again, see `feedbackclf.second_pass`.

        Args:
            learned: tables of the first pass, weak columns included.
            heads: layers learned from them.
            taxonomy: what the model answers.
            unlabelled: texts to guess about.
            again: names of the heads whose columns are learned again.
        """
        of_dimension = {head.name for head in taxonomy.dimensions}
        asked = [place for place, column in enumerate(self.columns) if head_of(column.name) in again]
        columns = [self.columns[place] for place in asked]
        where = [learned.names.index(column.name) for column in columns]
        teacher, vectors = None, None
        if unlabelled is not None:
            teacher = None if unlabelled.guesses is None else unlabelled.guesses[:, asked]
            vectors = self.scale.vectors(unlabelled.counts.texts())
        tables = []
        for number, (rows, table) in enumerate(zip(self._splits, learned.tables, strict=True), start=1):
            self.say(f"learning {len(columns)} columns again", number, len(self._splits))
            own = text_lesson(self._vectors, columns, self.weights, self.languages, rows)
            lessons = [own]
            if again & of_dimension:
                counts, of_texts = self.counts.take(rows), (self.weights[rows], self.languages[rows])
                pieces = self.scale.vectors(counts.segments)
                scores = self.scale.scores(pieces, table)[:, where]
                lessons.append(segment_lesson(counts, pieces, scores, own.columns, *of_texts, of_dimension))
            if unlabelled is not None:
                found = score_counts(unlabelled.counts, table, self.scale)
                inputs = pool(found, unlabelled.languages, len(taxonomy.languages))
                guesses = both_guesses(own_guesses(inputs, heads, columns), teacher, columns)
                weight = OWN_GUESS_WEIGHT if teacher is None else TEACHER_GUESS_WEIGHT
                lessons.append(guess_lesson(vectors, columns, guesses, weight, unlabelled.languages))
            fresh = self.scale.table(*fit_columns(Lesson.joined(lessons), seed=self.seed, jobs=self.jobs))
            tables.append(_with_columns(table, where, fresh))
        return Tables(learned.names, tables)

    def out_of_fold(self, learned: Tables) -> ColumnScores:
        """What the table of each fold, learned without it, says of the texts in it."""
        places = [np.flatnonzero(self.folds == fold) for fold in range(len(learned.tables) - 1)]
        parts = [
            score_counts(self.counts.take(place), table, self.scale)
            for place, table in zip(places, learned.tables[:-1], strict=True)
        ]
        return ColumnScores.joined(parts).take(np.argsort(np.concatenate(places)))

    def weak(self, examples: Sequence[Example], counts: FeatureCounts, taxonomy: Taxonomy) -> Tables:
        """One table of the columns that roughly labelled texts can teach; without columns if there are none."""
        columns = weak_columns(examples, taxonomy)
        if not columns:
            return Tables((), [self.scale.table(np.zeros((len(self.scale.buckets), 0)), np.zeros(0))])
        self.say(f"learning {len(columns)} weak columns from {len(examples):,} texts")
        weights, languages = np.ones((len(columns), len(examples))), np.zeros(len(examples), np.int64)
        lesson = Lesson(self.scale.vectors(counts.texts()), columns, weights, languages)
        learned = fit_columns(lesson, seed=self.seed, jobs=self.jobs, strength=ROUGH_STRENGTH)
        return Tables(tuple(column.name for column in columns), [self.scale.table(*learned)])


def _side_by_side(one: ScoreTable, other: ScoreTable) -> ScoreTable:
    intercepts = np.concatenate([one.intercepts, other.intercepts])
    return ScoreTable.of(one.buckets, np.hstack([one.weights, other.weights]), one.norm2, intercepts)


def _with_columns(table: ScoreTable, where: Sequence[int], fresh: ScoreTable) -> ScoreTable:
    weights, intercepts = table.weights.copy(), table.intercepts.copy()
    weights[:, where], intercepts[where] = fresh.weights, fresh.intercepts
    return ScoreTable.of(table.buckets, weights, table.norm2, intercepts)
