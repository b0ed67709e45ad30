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
from feedbackclf.head_training import cross_fit, fit_head
from feedbackclf.heads import HeadAnswers, decide, pool
from feedbackclf.language import LanguageModel, ModelDetector, detect_languages
from feedbackclf.language_training import train_language
from feedbackclf.metrics import best_threshold
from feedbackclf.model import Model
from feedbackclf.near_duplicates import fold_groups
from feedbackclf.scoring import ColumnScores, ScoreTable
from feedbackclf.taxonomy import NOT_MENTIONED, Taxonomy
from feedbackclf.vectors import FeatureCounts, FeatureScale, choose_features, feedback_counts

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

    weak_names, weak_table = _learn_weak(weak, language, taxonomy, scale, seed, jobs, say)
    columns = label_columns(main, taxonomy)
    weights = np.r_[np.ones(len(data.examples)), np.full(len(data.extra), EXTRA_WEIGHT)]
    vectors = scale.vectors(counts.texts())
    folds = _folds(groups[: len(main)], seed)
    out_of_fold = _out_of_fold(counts, vectors, columns, scale, weak_table, folds, weights, seed, jobs, say)
    say("learning the columns on everything")
    everything = np.arange(len(main))
    learned = scale.table(*fit_columns(vectors, columns, everything, weights, seed=seed, jobs=jobs))

    kept = np.arange(len(data.examples))
    inputs = pool(out_of_fold, codes, taxonomy.languages)[kept]
    heads, answers = [], {}
    for head in taxonomy.heads:
        gold = np.array([_index(head.labels, example.labels.get(head.name)) for example in data.examples])
        known = np.flatnonzero(gold >= 0)
        probabilities = np.full((len(gold), len(head.labels)), 1 / len(head.labels))
        probabilities[known] = cross_fit(inputs[known], gold[known], len(head.labels), folds[kept][known])
        threshold = 0.5
        if head.is_dimension and len(known):
            none = head.labels.index(NOT_MENTIONED)
            threshold = best_threshold(1 - probabilities[known, none], gold[known] != none)
        heads.append(fit_head(head, inputs[known], gold[known], threshold))
        answers[head.name] = decide(probabilities, head, threshold)
    model = Model(
        taxonomy=taxonomy,
        language=language,
        columns=(*(column.name for column in columns), *weak_names),
        table=_side_by_side([learned, weak_table]),
        heads=tuple(heads),
        about={**(about or {}), "seed": seed, "versions": _versions(), "rows": _sizes(data, len(weak))},
    )
    return Trained(model, {"method": f"{N_FOLDS}-fold cross-validation", **_report(data.examples, answers, taxonomy)})


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
    language: LanguageModel,
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
    counts = feedback_counts([x.text for x in weak], _languages_of(weak, language, taxonomy), scale.buckets)
    coefficients, intercepts = fit_weak_columns(scale.vectors(counts.texts()), columns, seed=seed, jobs=jobs)
    return tuple(column.name for column in columns), scale.table(coefficients, intercepts)


def _out_of_fold(
    counts: FeatureCounts,
    vectors: sparse.csr_matrix,
    columns: Sequence[Column],
    scale: FeatureScale,
    weak: ScoreTable,
    folds: NDArray[np.int64],
    weights: NDArray[np.float64],
    seed: int,
    jobs: int,
    say: Say,
) -> ColumnScores:
    """What columns say of texts that they have not been learned from."""
    parts, places = [], []
    for fold in range(N_FOLDS):
        say(f"cross-validation: fold {fold + 1} of {N_FOLDS}")
        rows = np.flatnonzero(folds != fold)
        learned = scale.table(*fit_columns(vectors, columns, rows, weights, seed=seed, jobs=jobs))
        left_out = np.flatnonzero(folds == fold)
        parts.append(_score(counts, left_out, _side_by_side([learned, weak]), scale))
        places.append(left_out)
    return ColumnScores.joined(parts).take(np.argsort(np.concatenate(places)))


def _score(counts: FeatureCounts, texts: NDArray[np.int64], table: ScoreTable, scale: FeatureScale) -> ColumnScores:
    """The scores of some texts, from their counts."""
    wanted = np.isin(counts.text, texts)
    owner = np.searchsorted(texts, counts.text[wanted])
    part = FeatureCounts(counts.segments[wanted], owner, counts.n_chunks[texts])
    coefficients = table.weights / scale.scale[:, None]
    whole = part.texts()
    text = np.asarray(scale.vectors(whole) @ coefficients + table.intercepts, np.float32)
    by_segment = np.asarray(scale.vectors(part.segments) @ coefficients + table.intercepts, np.float32)
    best = np.full_like(text, -np.inf)
    np.maximum.at(best, owner, by_segment)
    n_segments = np.bincount(owner, minlength=len(texts))
    best[n_segments == 0] = table.intercepts
    return ColumnScores(text, best, whole @ scale.scale**2, part.n_chunks, n_segments)


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


def _report(examples: Sequence[Example], answers: Mapping[str, HeadAnswers], taxonomy: Taxonomy) -> dict[str, Any]:
    return {"rows": len(examples), **report(examples, answers, taxonomy)}


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
