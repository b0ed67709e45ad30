from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.utils.class_weight import compute_sample_weight

from feedbackclf import training
from feedbackclf.chunks import chunk_texts
from feedbackclf.column_training import FEW, ROUGH_STRENGTH, Lesson, balanced, fit_columns, text_lesson
from feedbackclf.columns import NOT_LABELLED, Column, head_of, label_columns, weak_columns
from feedbackclf.corpus import Example
from feedbackclf.engine import Engine
from feedbackclf.errors import FeedbackError
from feedbackclf.guesses import Guesses, text_key
from feedbackclf.head_training import inputs_seen
from feedbackclf.heads import HeadModel
from feedbackclf.language_training import train_language
from feedbackclf.metrics import best_threshold
from feedbackclf.model import Model
from feedbackclf.model_card import model_card
from feedbackclf.persistence import write_model
from feedbackclf.second_pass import (
    SEGMENT_WEIGHT,
    TEACHER_SHARE,
    both_guesses,
    guess_lesson,
    own_guesses,
    segment_lesson,
)
from feedbackclf.table_training import in_a_line
from feedbackclf.taxonomy import Head, Taxonomy, default_taxonomy
from feedbackclf.training import Trained, TrainingData, train_model
from feedbackclf.vectors import choose_features, feedback_counts

SPEED = Taxonomy("two heads", ("nl", "da", "sv", "en"), (Head("speed"), Head("quality")))


def without(examples: list[Example], head: str) -> list[Example]:
    """Every second example not labelled for a head."""
    return [
        replace(x, labels={name: label for name, label in x.labels.items() if name != head or place % 2})
        for place, x in enumerate(examples)
    ]


def weights(model: Model, prefix: str) -> np.ndarray:
    return model.table.weights[:, [place for place, name in enumerate(model.columns) if name.startswith(prefix)]]


def test_same_data_and_seed_give_the_same_bytes_whatever_jobs(
    few: list[Example], small_model: Model, tmp_path: Path
) -> None:
    secret = "Xanthippe Quackenbush"
    examples = [replace(x, text=f"{x.text} {secret}") if i % 9 == 0 else x for i, x in enumerate(few[::5])]
    data = TrainingData(
        examples[:-40],
        extra=examples[-40:-20],
        weak=[replace(x, labels={}, rating=1 + 4 * (x.labels["sentiment"] == "positive")) for x in examples[-20:]],
    )
    for jobs in (1, 2):
        trained = train_model(data, default_taxonomy(), language=small_model.language, seed=5, jobs=jobs)
        write_model(trained.model, tmp_path / str(jobs), trained.metrics, "card")
    other = train_model(data, default_taxonomy(), language=small_model.language, seed=6)
    write_model(other.model, tmp_path / "other")
    names = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert names == ["README.md", "metrics.json", "model.json", "weights.npz"]
    for name in names:
        content = (tmp_path / "1" / name).read_bytes()
        assert content == (tmp_path / "2" / name).read_bytes(), name
        assert all(word.encode(code) not in content for word in secret.split() for code in ("utf-8", "utf-32-le"))
    assert (tmp_path / "1/weights.npz").read_bytes() != (tmp_path / "other/weights.npz").read_bytes()


def test_language_learning_is_seeded(few: list[Example]) -> None:
    sample = few[::6]
    texts, codes = [x.text for x in sample], [str(x.language) for x in sample]
    one, two, other = (train_language(texts, codes, ["nl", "da", "sv", "en"], seed=seed).table for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.weights, two.weights)
    np.testing.assert_array_equal(one.intercepts, two.intercepts)
    assert one.weights.shape != other.weights.shape or (one.weights != other.weights).any()


def test_not_labelled_is_not_none(few: list[Example], small_model: Model) -> None:
    examples = few[::3]
    partial = without(examples, "speed")
    as_none = [replace(x, labels={"speed": "none", **x.labels}) for x in partial]

    def train(data: list[Example]) -> Trained:
        return train_model(TrainingData(data), SPEED, language=small_model.language)

    empty, filled = train(partial), train(as_none)
    assert (weights(empty.model, "speed:") != weights(filled.model, "speed:")).any()
    np.testing.assert_array_equal(weights(empty.model, "quality:"), weights(filled.model, "quality:"))
    assert empty.metrics["heads"]["speed"]["all"]["support"] == len(examples) // 2
    assert filled.metrics["heads"]["speed"]["all"]["support"] == len(examples)
    assert empty.metrics["heads"]["quality"]["all"]["support"] == len(examples)


def test_columns_learn_from_labelled_rows_alone(few: list[Example]) -> None:
    examples = without(few[::3], "speed")
    labelled = [x for x in examples if "speed" in x.labels]
    counts = feedback_counts([x.text for x in examples], [str(x.language) for x in examples]).texts()
    scale = choose_features(counts, min_df=3, ngram_factor=0.6)
    vectors = scale.vectors(counts[:, scale.buckets])
    columns = [column for column in label_columns(examples, SPEED) if column.name.startswith("speed")]
    same = [column for column in label_columns(labelled, SPEED) if column.name.startswith("speed")]
    rows = np.array([place for place, x in enumerate(examples) if "speed" in x.labels])
    everything, ones = np.arange(len(examples)), np.ones(len(examples))
    languages = everything % 2
    weightless = np.isin(everything, rows).astype(float)

    def fit(lesson: Lesson) -> tuple[np.ndarray, np.ndarray]:
        return fit_columns(lesson, seed=0, jobs=1)

    expected = fit(text_lesson(vectors[rows], same, ones[rows], languages[rows], np.arange(len(rows))))
    for found in (
        fit(text_lesson(vectors, columns, ones, languages, everything)),
        fit(text_lesson(vectors, columns, ones, languages, rows)),
        fit(Lesson(vectors, columns, np.tile(weightless, (len(columns), 1)), languages)),
    ):
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])


def test_questions_of_heads() -> None:
    rows = [Example("x", "nl", labels, None, None, "", 1) for labels in ({"speed": "mixed"}, {"speed": "none"}, {})]
    answers = {column.name: column.answers.tolist() for column in label_columns(rows, SPEED)}
    assert answers["speed:mentioned"] == answers["speed:positive"] == answers["speed:negative"] == [1, 0, NOT_LABELLED]
    assert answers["quality:mentioned"] == [NOT_LABELLED] * 3


def test_a_column_asks_about_its_head_whatever_its_label() -> None:
    asked = Taxonomy("odd", ("nl",), (Head("speed"), Head("happy", ("yes", "no: why"), "choice")))
    found = {column.name: head_of(column.name) for column in label_columns([], asked)}
    assert found["speed:mentioned"] == "speed"
    assert found["happy:no: why"] == "happy"
    assert set(found.values()) == {"speed", "happy"}


def test_stars_answer_for_sentiment_only() -> None:
    rows = [Example("x", "nl", {}, stars, None, "", 1) for stars in (1.0, 5.0, None)]
    columns = weak_columns(rows, default_taxonomy())
    assert {column.name: column.answers.tolist() for column in columns} == {
        "weak:sentiment:positive": [0, 1, NOT_LABELLED],
        "weak:sentiment:negative": [1, 0, NOT_LABELLED],
    }


def test_rough_answers_are_learned_with_a_stronger_penalty_and_rare_ones_too() -> None:
    """Weights in the thousands, which a few rare answers once led to, would not fit into half precision."""
    rng = np.random.default_rng(0)
    vectors = csr_matrix((rng.random((4_000, 300)) < 0.02).astype(np.float32))
    columns = [Column("weak:speed:negative", (np.arange(4_000) % 500 == 0).astype(np.int8))]
    lesson = text_lesson(vectors, columns, np.ones(4_000), np.zeros(4_000, int), np.arange(4_000))
    careful, rough = (fit_columns(lesson, seed=0, jobs=1, strength=strength)[0] for strength in (16, ROUGH_STRENGTH))
    assert 0 < np.abs(rough).max() < np.abs(careful).max() < 100


@given(answers=st.lists(st.sampled_from([0, 0, 0, 1]), min_size=2, max_size=60))
def test_answers_in_one_language_weigh_as_in_scikit_learn(answers: list[int]) -> None:
    assume(len(set(answers)) == 2)
    found = balanced(np.array(answers, np.int8), np.zeros(len(answers), int))
    np.testing.assert_allclose(found, compute_sample_weight("balanced", answers))


def test_yes_and_no_weigh_the_same_in_each_language() -> None:
    answers, languages = np.zeros(400, np.int8), np.repeat([0, 1, 2], [100, 200, 100])
    answers[:90], answers[100:140], answers[300] = 1, 1, 1
    weights = balanced(answers, languages)
    sums = [[weights[(languages == language) & (answers == answer)].sum() for answer in (0, 1)] for language in (0, 1)]
    np.testing.assert_allclose(sums, [[50 * 10 / FEW, 50], [100, 100]])
    assert weights[300] == pytest.approx(50 / FEW)  # one text in the language does not weigh as much as the 99 others


def test_a_word_of_the_language_does_not_speak_for_a_dimension() -> None:
    """Texts of language 0 mention it three times as often as those of language 1; word 0 is only in the former."""
    rng = np.random.default_rng(0)
    languages = np.arange(2_000) % 2
    yes = rng.random(2_000) < np.where(languages == 0, 0.6, 0.2)
    words = np.stack([languages == 0, yes ^ (rng.random(2_000) < 0.1), np.ones(2_000)], axis=1)
    lesson = Lesson(csr_matrix(words.astype(np.float32)), [], np.ones((1, 2_000)), languages)
    plain, by_language = (
        fit_columns(replace(lesson, columns=[Column("speed:mentioned", yes.astype(np.int8), flag)]), seed=0, jobs=1)
        for flag in (False, True)
    )
    assert plain[0][0, 0] > 1
    assert abs(by_language[0][0, 0]) < 0.3 < 3 < by_language[0][1, 0]


def test_a_column_with_one_answer_learns_nothing(few: list[Example]) -> None:
    counts = feedback_counts([x.text for x in few[:20]], ["nl"] * 20).texts()
    scale = choose_features(counts, min_df=2, ngram_factor=1)
    column = Column("speed:mixed", np.zeros(20, np.int8))
    vectors = scale.vectors(counts[:, scale.buckets])
    coefficients, intercepts = fit_columns(
        Lesson(vectors, [column], np.ones((1, 20)), np.zeros(20, int)), seed=0, jobs=1
    )
    assert not coefficients.any()
    assert intercepts.tolist() == [0]


def test_if_there_are_too_many_features_the_rarer_ones_go() -> None:
    counts = feedback_counts(["goed", "goed snel", "goed snel duur", "goed snel duur"], ["nl"] * 4).texts()
    every = choose_features(counts, min_df=2, ngram_factor=1)
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    sizes = []
    for most in range(1, len(every.buckets) + 2):
        some = choose_features(counts, min_df=2, ngram_factor=1, most=most)
        left_out = np.setdiff1d(every.buckets, some.buckets)
        assert len(some.buckets) <= most
        if len(left_out):
            assert frequency[left_out].max() < frequency[some.buckets].min(initial=5)
        sizes.append(len(some.buckets))
    assert sizes[-2:] == [len(every.buckets)] * 2
    assert sizes[0] < len(every.buckets)


@pytest.mark.parametrize("kind", ["near duplicates", "group", "neither"])
def test_texts_that_belong_together_stay_in_one_fold(kind: str, small_model: Model) -> None:
    """Labels are drawn by lot, so only a model that has seen a text's siblings can know them."""
    rng = random.Random(0)

    def word() -> str:
        return "".join(rng.choice("bdfgklmnprstv") + rng.choice("aeiou") for _ in range(4))

    examples = []
    for number in range(40):
        label, shared = rng.choice(["short", "long"]), [word() for _ in range(12 if kind == "near duplicates" else 3)]
        for _ in range(4):
            own = [] if kind == "near duplicates" else [word() for _ in range(6)]
            text = " ".join([*shared, *own]) + rng.choice([".", "!", " ...", ""])
            group = str(number) if kind == "group" else None
            examples.append(Example(text, "nl", {"stay": label}, None, group, "made-up", len(examples) + 1))
    rng.shuffle(examples)
    taxonomy = Taxonomy("lots", ("nl", "da", "sv", "en"), (Head("stay", ("short", "long"), "choice"),))
    trained = train_model(TrainingData(examples), taxonomy, language=small_model.language)
    right = trained.metrics["heads"]["stay"]["all"]["accuracy"]["value"]
    if kind == "neither":
        assert right > 0.9  # or the other two would prove nothing
    else:
        assert right < 0.75


def test_too_little_to_learn_from(few: list[Example], small_model: Model) -> None:
    with pytest.raises(FeedbackError, match="only 30 labelled texts"):
        train_model(TrainingData(few[:30]), default_taxonomy(), language=small_model.language)
    with pytest.raises(FeedbackError, match="'da'"):
        train_model(TrainingData([x for x in few if x.language != "da"]), default_taxonomy())


def test_a_head_without_labels_is_not_given(few: list[Example], small_model: Model) -> None:
    taxonomy = Taxonomy("more", SPEED.languages, (*SPEED.heads, Head("parking")))
    trained = train_model(TrainingData(few[::5]), taxonomy, language=small_model.language)
    assert trained.metrics["heads"]["parking"] == {}
    assert 0 <= trained.model.heads[0].threshold <= 1


def test_cross_validated_figures_are_better_than_nothing(few: list[Example], small_model: Model) -> None:
    said: list[str] = []
    told = {"say": lambda *told: said.append(in_a_line(*told))}
    trained = train_model(TrainingData(few), SPEED, language=small_model.language, **told)
    assert trained.metrics["rows"] == len(few)
    assert set(trained.metrics["heads"]["speed"]) == {"all", "nl", "da", "sv", "en"}
    assert 0.4 < trained.metrics["heads"]["speed"]["all"]["f1"]["value"] < 1
    assert 0.4 < trained.metrics["summary"]["all"]["mentioned_f1"] < 1
    assert trained.metrics["heads"]["speed"]["all"]["calibration_error"] < 0.15
    assert [line for line in said if "again" in line] == [
        f"learning 6 columns again: split {n} of 6" for n in range(1, 7)
    ]


def test_the_second_pass_learns_from_the_segment_that_says_it_and_from_all_that_do_not() -> None:
    texts = ["Snel geleverd. Mooi. Fijn", "Mooi. Fijn", "Snel", "Lelijk. Stuk"]
    counts = feedback_counts(texts, ["nl"] * 4)
    column = Column("speed:mentioned", np.array([1, 0, 1, NOT_LABELLED], np.int8))
    scores = np.array([[2.0], [0.5], [-1.0], [3.0], [0.0], [9.0], [1.0], [1.0]], np.float32)
    of_texts = np.array([1.0, 1.0, 1.0, 0.7]), np.arange(4)
    lesson = segment_lesson(counts, counts.segments, scores, [column], *of_texts, {"speed"})
    assert lesson.languages.tolist() == [0, 0, 0, 1, 1, 3, 3]
    assert lesson.columns[0].answers.tolist() == [1, 1, 1, 0, 0, NOT_LABELLED, NOT_LABELLED]  # not "Snel" once more
    np.testing.assert_allclose(lesson.weights[0][:5], SEGMENT_WEIGHT * np.array([1, 0, 0, 0.5, 0.5]))
    choice = segment_lesson(counts, counts.segments, scores, [column], *of_texts, set())
    assert not choice.weights.any()  # what is chosen is chosen for the whole text


def test_texts_of_one_segment_add_nothing_to_the_second_pass() -> None:
    counts = feedback_counts(["Snel", "Mooi"], ["nl"] * 2)
    column = Column("speed:mentioned", np.array([1, 0], np.int8))
    scores, of_texts = np.zeros((2, 1), np.float32), (np.ones(2), np.zeros(2, int))
    lesson = segment_lesson(counts, counts.segments, scores, [column], *of_texts, {"speed"})
    assert lesson.vectors.shape[0] == lesson.weights.size == 0


@pytest.fixture
def layers() -> list[HeadModel]:
    """A dimension whose log-odds of being mentioned are its one input, and a choice that says yes to as much."""
    speed = HeadModel(
        Head("speed"), np.array([[1.0, 0, 0, 0]], np.float32), np.array([0, -30, -30, 0], np.float32), 0.5, np.ones(4)
    )
    happy = Head("happy", ("yes", "no: why"), "choice")
    return [speed, HeadModel(happy, np.array([[1.0, 0]], np.float32), np.zeros(2, np.float32), 0.5, np.ones(2))]


INPUTS = np.array([[5.0], [0.5], [0.0], [-0.5], [-5.0]], np.float32)
ASKED = [Column(n, np.zeros(0, np.int8)) for n in ("speed:mentioned", "speed:negative", "happy:yes", "happy:no: why")]


def test_own_guesses_are_log_odds_from_the_threshold(layers: list[HeadModel]) -> None:
    found = own_guesses(INPUTS, layers, ASKED)
    np.testing.assert_allclose(found[:, 0], INPUTS[:, 0], atol=1e-4)
    assert (found[:, 1] < -9).all()
    np.testing.assert_allclose(found[:, 2], INPUTS[:, 0], atol=1e-4)
    np.testing.assert_allclose(found[:, 3], -INPUTS[:, 0], atol=1e-4)
    later = own_guesses(INPUTS, [replace(layers[0], threshold=1 / (1 + np.exp(-2.0))), layers[1]], ASKED)
    np.testing.assert_allclose(later[:, 0], INPUTS[:, 0] - 2, atol=1e-4)
    np.testing.assert_allclose(later[:, 1:], found[:, 1:])


def test_own_guesses_alone_teach_only_what_is_mentioned() -> None:
    own = np.ones((3, 4))
    assert np.isnan(both_guesses(own, None, ASKED)).tolist() == [[False, True, True, True]] * 3
    teacher = np.array([[3, np.nan, -3, 0]] * 3, np.float32)
    np.testing.assert_array_equal(
        both_guesses(own, teacher, ASKED), TEACHER_SHARE * teacher + (1 - TEACHER_SHARE) * own
    )


def test_guesses_weigh_less_near_the_threshold() -> None:
    odds = np.array([[5.0, np.nan], [0.5, 1], [0.0, -1], [-0.5, np.nan], [-5.0, 9]])
    lesson = guess_lesson(csr_matrix((5, 3)), ASKED[:2], odds, 0.5, np.zeros(5, int))
    assert lesson.columns[0].answers.tolist() == [1, 1, 0, 0, 0]
    expected = 0.5 * np.abs(np.tanh(np.nan_to_num(odds.T) / 2))
    np.testing.assert_allclose(lesson.weights, expected)
    assert lesson.weights[1, 0] == 0


def test_what_a_teacher_says_is_learned(few: list[Example], small_model: Model) -> None:
    """A word that the labelled texts say nothing about, and that the teacher takes for the mention of quality."""
    examples = [replace(x, text=f"{x.text} zwiebel" if i % 9 == 0 else x.text) for i, x in enumerate(few[::5])]
    weak = [
        Example(f"{x.text} zwiebel" if i % 2 else x.text, x.language, {}, None, None, "", i)
        for i, x in enumerate(few[1::5])
    ]
    names = tuple(column.name for column in label_columns([], SPEED))
    asked = names.index("quality:mentioned")
    odds = np.full((len(weak), len(names)), -8, np.float32)
    odds[1::2, asked] = 8
    guesses = Guesses(names, np.array([text_key(x.text) for x in weak], np.uint64), odds)
    scores = []
    for said in (None, guesses):
        data = TrainingData(examples, weak=weak, guesses=said)
        model = train_model(data, SPEED, language=small_model.language).model
        found = Engine(model).column_scores(chunk_texts(["zwiebel"]), np.array([0]))
        scores.append(found.text[0, model.columns.index("quality:mentioned")])
    assert scores[1] > scores[0] + 1
    assert model.about["rows"]["guesses"] == len(weak)


def test_chosen_texts_teach_and_are_not_measured_on(few: list[Example], small_model: Model) -> None:
    """A word that the examples do not have, and that the chosen ones say is the mention of quality."""
    examples = few[::5]
    chosen = [
        replace(x, text=f"{x.text} zwiebel" if i % 2 else x.text, labels={"quality": "positive" if i % 2 else "none"})
        for i, x in enumerate(few[1::5])
    ]
    alone, both = (
        train_model(TrainingData(examples, chosen=more), SPEED, language=small_model.language) for more in ((), chosen)
    )
    for trained in (alone, both):
        assert trained.metrics["rows"] == trained.metrics["heads"]["quality"]["all"]["support"] == len(examples)
    assert both.model.about["rows"]["chosen"] == len(chosen)
    card = model_card(both.model, {}, "mine")
    assert f"{len(chosen):,} further ones that were chosen" in card
    assert "large language model" not in card  # which is so of the shipped model
    says_quality = [
        1 - Engine(trained.model).answer(["zwiebel"]).heads.of("quality").probabilities[0, -1]
        for trained in (alone, both)
    ]
    assert says_quality[1] > says_quality[0] + 0.2


def test_thresholds_are_those_of_the_examples_alone(
    few: list[Example], small_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[int] = []

    def spied(p: np.ndarray, gold: np.ndarray) -> float:
        measured.append(len(gold))
        return best_threshold(p, gold)

    monkeypatch.setattr(training, "best_threshold", spied)
    examples, chosen = without(few[::5], "speed"), few[1::5]
    train_model(TrainingData(examples, chosen=chosen), SPEED, language=small_model.language)
    assert set(measured) == {sum("speed" in x.labels for x in examples), len(examples)}


def test_what_heads_see() -> None:
    taxonomy = default_taxonomy()
    columns, phrases = ("speed:positive", "level:meets", "weak:speed:positive"), ("speed:positive", "level:meets")
    rest = 2 + len(taxonomy.languages)  # length and language
    of_dimension = inputs_seen(taxonomy.head("speed"), columns, phrases, taxonomy)
    assert of_dimension.tolist() == [*[True, False, True] * 2, True, False, *[False] * rest]
    assert inputs_seen(taxonomy.head("sentiment"), columns, phrases, taxonomy).all()


def test_weak_texts_in_none_of_our_languages_are_not_guessed_about(few: list[Example], small_model: Model) -> None:
    weak = [Example(f"xyz{i} qqq", "und", {"speed": label}, None, None, "", i) for i, label in enumerate(["none"] * 9)]
    trained = train_model(TrainingData(few[::8], weak=weak), SPEED, language=small_model.language)
    assert trained.model.about["rows"]["weak"] == 9
