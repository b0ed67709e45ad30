"""Training: columns on all but one fold, the layers above on what those columns say of the fold left out."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf.columns import head_of, label_columns
from feedbackclf.corpus import Example
from feedbackclf.errors import FeedbackError
from feedbackclf.evaluation import report
from feedbackclf.guesses import Guesses
from feedbackclf.head_training import cross_fit, fit_head, inputs_seen
from feedbackclf.heads import HeadAnswers, HeadModel, decide, pool
from feedbackclf.language import LanguageModel, ModelDetector, detect_languages, language_numbers
from feedbackclf.language_training import train_language
from feedbackclf.learned_phrases import LearnedPhrases
from feedbackclf.metrics import best_factors, best_threshold
from feedbackclf.model import Model
from feedbackclf.near_duplicates import fold_groups
from feedbackclf.phrases import PhraseNetwork
from feedbackclf.second_pass import choose_unlabelled
from feedbackclf.table_training import Say, Tables, TableTrainer, Unlabelled, say_nothing
from feedbackclf.taxonomy import NOT_MENTIONED, Taxonomy
from feedbackclf.vectors import FeatureCounts, FeatureScale, choose_features, feedback_counts

N_FOLDS = 5
MIN_EXAMPLES = 50
MIN_PER_LANGUAGE = 100
EXTRA_WEIGHT = 0.7
EXTRA_WEIGHT_FOR_CHOICES = 0.2
MIN_DF = 3
MAX_FEATURES = 100_000
"""More make models larger and slower, and hardly better."""
NGRAM_FACTOR = 0.6


@dataclass(frozen=True)
class TrainingData:
    """What to learn from.

    Attributes:
        examples: feedback labelled with care: it teaches, sets thresholds and calibration, and is cross-validated.
        chosen: labelled with care, but chosen (those that a model was unsure of, say), so that they are no sample of
            what will come: it teaches as the examples do; nothing is measured on it.
        extra: labelled with care, but unlike real feedback (written for the purpose, say): it teaches columns and,
            a little, choices; nothing is measured on it.
        weak: labelled roughly (stars, aspects): it teaches columns of its own, which the heads learn to weigh.
        languages: texts of which only the language is of interest.
        guesses: what a teacher says of some of the weak texts.
        phrases: a network for the heads to make use of, and what it says of the texts that it was learned from.
    """

    examples: Sequence[Example]
    _: KW_ONLY
    chosen: Sequence[Example] = ()
    extra: Sequence[Example] = ()
    weak: Sequence[Example] = ()
    languages: Sequence[Example] = ()
    guesses: Guesses | None = None
    phrases: LearnedPhrases | None = None


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
    say: Say = say_nothing,
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
    main = [*data.examples, *data.chosen, *data.extra]
    n_real = len(data.examples) + len(data.chosen)
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
    scale = feedback_features(counts)
    counts = replace(counts, segments=counts.segments[:, scale.buckets])
    say(f"{len(scale.buckets):,} features of {len(main):,} texts")

    trainer = TableTrainer(
        counts=counts,
        scale=scale,
        columns=label_columns(main, taxonomy),
        weights=np.r_[np.ones(n_real), np.full(len(data.extra), EXTRA_WEIGHT)],
        languages=language_numbers(codes, taxonomy.languages),
        folds=folds_of(groups[: len(main)], N_FOLDS, seed),
        seed=seed,
        jobs=jobs,
        say=say,
    )
    tables = trainer.first_pass()
    unlabelled, n_guessed = None, 0
    if weak:
        weak_codes = _languages_of(weak, language, taxonomy)
        weak_counts = feedback_counts([example.text for example in weak], weak_codes, scale.buckets)
        weak_tables = trainer.weak(weak, weak_counts, taxonomy)
        tables = tables.beside(weak_tables.names, weak_tables.final)
        guessed, log_odds = choose_unlabelled(weak_codes, seed=seed), None
        if data.guesses is not None:
            names = [column.name for column in trainer.columns]
            guessed, log_odds = data.guesses.about([example.text for example in weak], names)
            n_guessed = len(guessed)
        if len(guessed):
            say(f"guessing the labels of {len(guessed):,} texts")
            numbers = language_numbers([weak_codes[place] for place in guessed], taxonomy.languages)
            unlabelled = Unlabelled(weak_counts.take(guessed), numbers, log_odds)
        del weak_counts

    def learn_heads(tables: Tables, phrases: LearnedPhrases | None) -> tuple[list[HeadModel], dict[str, HeadAnswers]]:
        say(f"learning {len(taxonomy.heads)} heads")
        scores = phrases.scores([x.text for x in main], codes, taxonomy.languages) if phrases else None
        inputs = pool(trainer.out_of_fold(tables), trainer.languages, len(taxonomy.languages), scores)
        columns = tables.names, phrases.network.columns if phrases else ()
        return _learn_heads(inputs, main, (len(data.examples), n_real), trainer.folds, columns, taxonomy)

    # What a phrase network was asked it sees better than columns that are learned a second time.
    seen = set(map(head_of, data.phrases.network.columns)) if data.phrases else set()
    again = {head.name for head in taxonomy.dimensions} - seen
    if n_guessed:
        again |= {head.name for head in taxonomy.choices}
    if again:
        heads, _ = learn_heads(tables, None)
        tables = trainer.second_pass(tables, heads, taxonomy, unlabelled, again)
    heads, answers = learn_heads(tables, data.phrases)
    model = Model(
        taxonomy=taxonomy,
        language=language,
        columns=tables.names,
        table=tables.final.in_half_precision(),  # so that it says the same before and after it is saved
        heads=tuple(heads),
        phrases=data.phrases.network if data.phrases else PhraseNetwork.empty(),
        about={**(about or {}), "seed": seed, "versions": _versions(), "rows": _sizes(data, len(weak), n_guessed)},
    )
    figures = report(data.examples, answers, taxonomy)
    return Trained(model, {"method": f"{N_FOLDS}-fold cross-validation", "rows": len(data.examples), **figures})


def _learn_heads(
    inputs: NDArray[np.float32],
    examples: Sequence[Example],
    sizes: tuple[int, int],
    folds: NDArray[np.int64],
    columns: tuple[Sequence[str], Sequence[str]],
    taxonomy: Taxonomy,
) -> tuple[list[HeadModel], dict[str, HeadAnswers]]:
    """The layers of all heads, and their answers to texts that they have not been learned from.

    Sizes are those of the first examples, on which is measured and for which answers are given, and of these together
    with the chosen ones. The extra ones after them teach choices a little: it makes these better on indirect texts and
    no worse on real ones, but dimensions worse.
    """
    n_measured, n_real = sizes
    is_real, is_measured = np.arange(len(examples)) < n_real, np.arange(len(examples)) < n_measured
    weights = np.where(is_real, 1.0, EXTRA_WEIGHT_FOR_CHOICES)
    heads, answers = [], {}
    for head in taxonomy.heads:
        gold = np.array([example.label_index(head) for example in examples])
        known = np.flatnonzero((gold >= 0) & (is_real | (not head.is_dimension)))
        seen = inputs_seen(head, *columns, taxonomy)
        rows = gold[known], weights[known]
        probabilities = np.full((len(gold), len(head.labels)), 1 / len(head.labels))
        probabilities[known] = cross_fit(inputs[known][:, seen], *rows, len(head.labels), folds[known])
        threshold, factors = 0.5, np.ones(len(head.labels))
        measured = known[is_measured[known]]
        if head.is_dimension and len(measured):
            none = head.labels.index(NOT_MENTIONED)
            threshold = best_threshold(1 - probabilities[measured, none], gold[measured] != none)
        if head.balanced and len(measured):
            factors = best_factors(probabilities[measured], gold[measured])
        heads.append(fit_head(head, inputs[known], seen, *rows, threshold, factors))
        answers[head.name] = decide(probabilities[:n_measured], head, threshold, factors)
    return heads, answers


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


def feedback_features(labelled: FeatureCounts) -> FeatureScale:
    """The features of labelled texts that count."""
    return choose_features(labelled.texts(), min_df=MIN_DF, ngram_factor=NGRAM_FACTOR, most=MAX_FEATURES)


def folds_of(groups: NDArray[np.int64], n_folds: int, seed: int) -> NDArray[np.int64]:
    """A fold for each text, the same for all of a group (near duplicates, translations)."""
    _, group = np.unique(groups, return_inverse=True)
    fold: NDArray[np.int64] = (np.random.default_rng(seed).permutation(group.max() + 1) % n_folds)[group]
    return fold


def _versions() -> dict[str, str]:
    names = ("feedbackclf", "numpy", "scikit-learn", "scipy", "spacy")
    return {name: importlib.metadata.version(name) for name in names}


def _sizes(data: TrainingData, n_weak: int, n_guessed: int) -> dict[str, int]:
    return {
        "examples": len(data.examples),
        "chosen": len(data.chosen),
        "extra": len(data.extra),
        "weak": n_weak,
        "guesses": n_guessed,
        "languages": len(data.languages),
    }
