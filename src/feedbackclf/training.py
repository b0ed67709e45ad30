"""Training: columns on all but one fold, the layers above on what those columns say of the fold left out."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from feedbackclf.columns import Column, fit_columns, fit_weak_columns, label_columns, weak_columns
from feedbackclf.corpus import Example
from feedbackclf.errors import FeedbackError
from feedbackclf.evaluation import report
from feedbackclf.head_training import cross_fit, fit_head, inputs_seen
from feedbackclf.heads import HeadAnswers, HeadModel, decide, pool
from feedbackclf.language import LanguageModel, ModelDetector, detect_languages
from feedbackclf.language_training import train_language
from feedbackclf.metrics import best_threshold
from feedbackclf.model import Model
from feedbackclf.near_duplicates import fold_groups
from feedbackclf.scoring import ColumnScores, ScoreTable
from feedbackclf.self_training import choose_unlabelled, guess
from feedbackclf.taxonomy import NOT_MENTIONED, Taxonomy
from feedbackclf.vectors import FeatureCounts, FeatureScale, choose_features, feedback_counts, score_counts

N_FOLDS = 5
MIN_EXAMPLES = 50
MIN_PER_LANGUAGE = 100
EXTRA_WEIGHT = 0.7
NGRAM_FACTOR = 0.6

Say = Callable[[str], None]


@dataclass(frozen=True)
class TrainingData:
    """What to learn from.

    Attributes:
        examples: feedback labelled with care: it teaches, sets thresholds and calibration, and is cross-validated.
        extra: labelled with care, but unlike real feedback (written for the purpose, say): it only teaches.
        weak: labelled roughly (stars, aspects): it teaches columns of its own, which the heads learn to weigh.
        languages: texts of which only the language is of interest.
    """

    examples: Sequence[Example]
    extra: Sequence[Example] = ()
    weak: Sequence[Example] = ()
    languages: Sequence[Example] = ()


@dataclass(frozen=True)
class Trained:
    """A model and its cross-validated figures (see `feedbackclf.evaluation.report`)."""

    model: Model
    metrics: Mapping[str, Any]


def train_model(
    data: TrainingData,
    taxonomy: Taxonomy,
    *,
    language: LanguageModel | None = None,
    about: Mapping[str, Any] | None = None,
    seed: int = 0,
    jobs: int = 1,
    say: Say = lambda message: None,
) -> Trained:
    """Train a model; the same data and seed give the same model, whatever `jobs`.

    Args:
        language: identification to take over; None learns it from the data.
        about: what the model should say of its making.
        jobs: processes to learn columns with.
        say: is told what is going on.

    Raises:
        FeedbackError: there is too little to learn from.
    """
    main = [*data.examples, *data.extra]
    if len(data.examples) < MIN_EXAMPLES:
        raise FeedbackError(f"only {len(data.examples)} labelled texts; at least {MIN_EXAMPLES} are needed to train")
    if language is None:
        language = _learn_language([*main, *data.weak, *data.languages], taxonomy, seed, say)

    groups = fold_groups([x.text for x in (*main, *data.weak)], [x.group for x in (*main, *data.weak)])
    # The stars of a text that is labelled with care would tell its columns what they are asked about it.
    fresh = ~np.isin(groups[len(main) :], groups[: len(main)])
    weak = [example for example, is_fresh in zip(data.weak, fresh.tolist(), strict=True) if is_fresh]

    codes = _languages_of(main, language, taxonomy)
    counts = feedback_counts([example.text for example in main], codes)
    scale = choose_features(counts.texts(), min_df=3, ngram_factor=NGRAM_FACTOR)
    counts = replace(counts, segments=counts.segments[:, scale.buckets])
    say(f"{len(scale.buckets):,} features of {len(main):,} texts")

    columns = label_columns(main, taxonomy)
    weights = np.r_[np.ones(len(data.examples)), np.full(len(data.extra), EXTRA_WEIGHT)]
    vectors = scale.vectors(counts.texts())
    folds = _folds(groups[: len(main)], seed)
    splits = [*(np.flatnonzero(folds != fold) for fold in range(N_FOLDS)), np.arange(len(main))]
    coefficients = []
    for number, rows in enumerate(splits, start=1):
        say(f"learning {len(columns)} columns: split {number} of {len(splits)}")
        coefficients.append(fit_columns(vectors, columns, rows, weights[rows], seed=seed, jobs=jobs))
    tables = [scale.table(*learned) for learned in coefficients]

    weak_names: tuple[str, ...] = ()
    unlabelled: FeatureCounts | None = None
    unlabelled_codes: list[str] = []
    if weak:
        weak_codes = _languages_of(weak, language, taxonomy)
        weak_counts = feedback_counts([example.text for example in weak], weak_codes, scale.buckets)
        weak_names, weak_table = _learn_weak(weak, weak_counts, taxonomy, scale, seed, jobs, say)
        chosen = choose_unlabelled(weak_codes, seed=seed)
        unlabelled, unlabelled_codes = weak_counts.take(chosen), [weak_codes[place] for place in chosen]
        del weak_counts
        tables = [_side_by_side([table, weak_table]) for table in tables]
    names = (*(column.name for column in columns), *weak_names)

    kept = np.arange(len(data.examples))
    inputs = pool(_out_of_fold(counts, folds, tables, scale), codes, taxonomy.languages)[kept]
    heads, answers = _learn_heads(inputs, data.examples, folds[kept], names, taxonomy)
    dimensions = [model for model in heads if model.head.is_dimension]
    if unlabelled is not None and dimensions:
        unlabelled_vectors = scale.vectors(unlabelled.texts())
        for number, rows in enumerate(splits):
            say(f"self-training on {len(unlabelled_codes):,} texts: split {number + 1} of {len(splits)}")
            scores = score_counts(unlabelled, tables[number], scale)
            guesses = guess(pool(scores, unlabelled_codes, taxonomy.languages), dimensions)
            tables[number] = _learn_again(
                tables[number], names, columns, vectors, rows, weights, unlabelled_vectors, guesses, scale, seed, jobs
            )
        inputs = pool(_out_of_fold(counts, folds, tables, scale), codes, taxonomy.languages)[kept]
        heads, answers = _learn_heads(inputs, data.examples, folds[kept], names, taxonomy)
    model = Model(
        taxonomy=taxonomy,
        language=language,
        columns=names,
        table=tables[-1],
        heads=tuple(heads),
        about={**(about or {}), "seed": seed, "versions": _versions(), "rows": _sizes(data, len(weak))},
    )
    figures = report(data.examples, answers, taxonomy)
    return Trained(model, {"method": f"{N_FOLDS}-fold cross-validation", "rows": len(data.examples), **figures})


def _learn_heads(
    inputs: NDArray[np.float32],
    examples: Sequence[Example],
    folds: NDArray[np.int64],
    columns: Sequence[str],
    taxonomy: Taxonomy,
) -> tuple[list[HeadModel], dict[str, HeadAnswers]]:
    """The layers of all heads, and their answers to texts that they have not been learned from."""
    heads, answers = [], {}
    for head in taxonomy.heads:
        gold = np.array([_index(head.labels, example.labels.get(head.name)) for example in examples])
        known = np.flatnonzero(gold >= 0)
        seen = inputs_seen(head, columns, taxonomy)
        probabilities = np.full((len(gold), len(head.labels)), 1 / len(head.labels))
        probabilities[known] = cross_fit(inputs[known][:, seen], gold[known], len(head.labels), folds[known])
        threshold = 0.5
        if head.is_dimension and len(known):
            none = head.labels.index(NOT_MENTIONED)
            threshold = best_threshold(1 - probabilities[known, none], gold[known] != none)
        heads.append(fit_head(head, inputs[known], seen, gold[known], threshold))
        answers[head.name] = decide(probabilities, head, threshold)
    return heads, answers


def _learn_again(
    table: ScoreTable,
    names: Sequence[str],
    columns: Sequence[Column],
    vectors: sparse.csr_matrix,
    rows: NDArray[np.int64],
    weights: NDArray[np.float64],
    unlabelled: sparse.csr_matrix,
    guesses: Sequence[tuple[Column, NDArray[np.float64]]],
    scale: FeatureScale,
    seed: int,
    jobs: int,
) -> ScoreTable:
    """The table with the columns that were guessed learned again, from labelled and guessed texts together."""
    together = sparse.vstack([vectors[rows], unlabelled], format="csr")
    by_name = {column.name: column for column in columns}
    joined = [Column(c.name, np.r_[by_name[c.name].answers[rows], c.answers]) for c, _ in guesses]
    learned = fit_columns(
        together, joined, None, [np.r_[weights[rows], weight] for _, weight in guesses], seed=seed, jobs=jobs
    )
    fresh = scale.table(*learned)
    changed, intercepts = table.weights.copy(), table.intercepts.copy()
    where = [names.index(column.name) for column in joined]
    changed[:, where], intercepts[where] = fresh.weights, fresh.intercepts
    return replace(table, weights=changed, intercepts=intercepts)


def _learn_language(examples: Sequence[Example], taxonomy: Taxonomy, seed: int, say: Say) -> LanguageModel:
    known = [example for example in examples if example.language]
    sizes = Counter(example.language for example in known)
    few = [code for code in taxonomy.languages if sizes[code] < MIN_PER_LANGUAGE]
    if few:
        raise FeedbackError(
            f"only {sizes[few[0]]} texts are known to be in {few[0]!r}, too few to learn to tell it "
            f"(at least {MIN_PER_LANGUAGE}); take the identification of a trained model (--language-from default)"
        )
    say(f"learning to tell {len(sizes)} languages from {len(known):,} texts")
    texts, codes = [example.text for example in known], [str(example.language) for example in known]
    return train_language(texts, codes, taxonomy.languages, seed=seed)


def _languages_of(examples: Sequence[Example], language: LanguageModel, taxonomy: Taxonomy) -> list[str]:
    """The language of each text, detected where it is not known."""
    codes = [example.language or "" for example in examples]
    unknown = [index for index, code in enumerate(codes) if not code]
    detector = ModelDetector(language, taxonomy.languages)
    found = detect_languages([examples[index].text for index in unknown], detector) if unknown else []
    for index, (code, _) in zip(unknown, found, strict=True):
        codes[index] = code
    return codes


def _learn_weak(
    weak: Sequence[Example],
    counts: FeatureCounts,
    taxonomy: Taxonomy,
    scale: FeatureScale,
    seed: int,
    jobs: int,
    say: Say,
) -> tuple[tuple[str, ...], ScoreTable]:
    columns = weak_columns(weak, taxonomy)
    if not columns:
        return (), scale.table(np.zeros((len(scale.buckets), 0)), np.zeros(0))
    say(f"learning {len(columns)} weak columns from {len(weak):,} texts")
    coefficients, intercepts = fit_weak_columns(scale.vectors(counts.texts()), columns, seed=seed, jobs=jobs)
    return tuple(column.name for column in columns), scale.table(coefficients, intercepts)


def _out_of_fold(
    counts: FeatureCounts, folds: NDArray[np.int64], tables: Sequence[ScoreTable], scale: FeatureScale
) -> ColumnScores:
    """What the table of each fold, learned without it, says of the texts in it."""
    places = [np.flatnonzero(folds == fold) for fold in range(N_FOLDS)]
    parts = [score_counts(counts.take(place), tables[fold], scale) for fold, place in enumerate(places)]
    return ColumnScores.joined(parts).take(np.argsort(np.concatenate(places)))


def _side_by_side(tables: Sequence[ScoreTable]) -> ScoreTable:
    weights = np.hstack([table.weights for table in tables])
    intercepts = np.concatenate([table.intercepts for table in tables])
    return ScoreTable(tables[0].buckets, weights, tables[0].norm2, intercepts)


def _folds(groups: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """A fold for each text, the same for all of a group (near duplicates, translations)."""
    _, group = np.unique(groups, return_inverse=True)
    fold: NDArray[np.int64] = (np.random.default_rng(seed).permutation(group.max() + 1) % N_FOLDS)[group]
    return fold


def _index(labels: Sequence[str], label: str | None) -> int:
    return -1 if label is None else labels.index(label)


def _versions() -> dict[str, str]:
    names = ("feedbackclf", "numpy", "scikit-learn", "scipy", "spacy")
    return {name: importlib.metadata.version(name) for name in names}


def _sizes(data: TrainingData, n_weak: int) -> dict[str, int]:
    return {
        "examples": len(data.examples),
        "extra": len(data.extra),
        "weak": n_weak,
        "languages": len(data.languages),
    }
