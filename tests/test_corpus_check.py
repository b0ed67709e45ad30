from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feedbackclf.commands.corpus import app
from feedbackclf.corpus import Corpus, Example, Problem, read_corpus
from feedbackclf.corpus_check import check_corpus
from feedbackclf.taxonomy import default_taxonomy

CORPORA = Path(__file__).parent.parent / "corpora"
TAXONOMY = default_taxonomy()
REVIEW = "Ordered on Monday, delivered on Tuesday. The driver was friendly, the lamp works, and I would buy here again!"


def example(
    text: str, row: int, language: str | None = None, rating: float | None = None, file: str = "a.csv", **labels: str
) -> Example:
    return Example(text, language, labels, rating, None, file, row)


def check(*examples: Example, detected: Sequence[tuple[str, float]] | None = None) -> list[Problem]:
    detect = None if detected is None else lambda texts: detected[: len(texts)]
    return check_corpus(Corpus(examples), TAXONOMY, detect)


def brief(problems: Sequence[Problem]) -> list[tuple[int, str, str, str]]:
    return [(problem.row, problem.column, problem.kind, problem.severity) for problem in problems]


def test_a_clean_corpus_has_no_problems() -> None:
    assert check(example(REVIEW, 1, speed="positive"), example("Top!", 2, speed="none")) == []


def test_what_the_reader_found_is_part_of_the_answer_in_order_of_rows() -> None:
    found = Problem("a.csv", 2, "speed", "unknown-label", "unknown label")
    corpus = Corpus((example(REVIEW, 1), example("x", 2), example(REVIEW, 3)), (found,))
    assert [problem.row for problem in check_corpus(corpus, TAXONOMY)] == [2, 3]


def test_the_same_text_twice_is_an_error_and_names_both_rows() -> None:
    (problem,) = check(example(REVIEW, 1), example(REVIEW.replace(" ", "  "), 4, file="b.csv"))
    assert brief([problem]) == [(4, "text", "duplicate", "error")]
    assert str(problem).startswith("b.csv:4: text: ")
    assert "a.csv:1" in problem.message


def test_nearly_the_same_text_is_a_warning() -> None:
    (problem,) = check(example(REVIEW, 1), example(REVIEW.lower(), 2))
    assert brief([problem]) == [(2, "text", "near-duplicate", "warning")]
    assert str(problem).endswith("(warning)")


def test_short_texts_may_repeat_but_not_contradict_each_other() -> None:
    assert check(example("Top!", 1, speed="none"), example("Top!", 2, speed="none")) == []
    problems = check(example("Top!", 1, speed="none"), example("Top!", 2, speed="positive"))
    assert brief(problems) == [(2, "speed", "contradiction", "error")]


def test_labels_of_nearly_the_same_text_that_differ_are_a_warning_per_head() -> None:
    copy = REVIEW.replace("lamp", "light")
    problems = check(
        example(REVIEW, 1, speed="positive", level="meets"),
        example(copy, 2, speed="negative", level="fails", issue="none"),
    )
    assert brief(problems)[1:] == [(2, "speed", "contradiction", "warning"), (2, "level", "contradiction", "warning")]
    assert all("a.csv:1" in problem.message for problem in problems)


def test_a_head_that_one_row_leaves_unlabelled_is_no_contradiction() -> None:
    problems = check(example(REVIEW, 1, speed="positive"), example(REVIEW, 2, quality="none"))
    assert [problem.kind for problem in problems] == ["duplicate"]


def test_a_contradiction_is_found_across_an_unlabelled_row() -> None:
    problems = check(example("Top!", 1), example("Top!", 2, speed="none"), example("Top!", 3, speed="mixed"))
    assert brief(problems) == [(3, "speed", "contradiction", "error")]
    assert "a.csv:2" in problems[0].message


@pytest.mark.parametrize(
    ("label", "stars", "is_reported"),
    [
        ("positive", 1, True),
        ("negative", 5, True),
        ("negative", 3, False),
        ("mixed", 1, False),
        ("positive", 5, False),
        ("negative", 4.5, False),
    ],
)
def test_a_sentiment_opposite_to_the_stars_is_a_warning(label: str, stars: float, is_reported: bool) -> None:
    problems = check(example("Fine", 1, rating=stars, sentiment=label))
    assert brief(problems) == ([(1, "sentiment", "against-stars", "warning")] if is_reported else [])


@pytest.mark.parametrize(
    ("language", "code", "confidence", "is_reported"),
    [
        ("nl", "da", 0.99, True),
        ("nl", "da", 0.90, False),
        ("nl", "nl", 0.99, False),
        ("nl", "und", 0.99, True),
        ("no", "und", 0.99, False),
        ("no", "da", 0.99, True),
        (None, "da", 0.99, False),
    ],
)
def test_a_wrong_language_is_a_warning_when_it_is_sure(
    language: str | None, code: str, confidence: float, is_reported: bool
) -> None:
    problems = check(example(REVIEW, 1, language=language), detected=[(code, confidence)])
    assert brief(problems) == ([(1, "language", "wrong-language", "warning")] if is_reported else [])


def test_short_texts_are_not_asked_for_their_language() -> None:
    assert check(example("Helt fint det der", 1, language="nl"), detected=[("da", 1.0)]) == []


def test_no_message_holds_the_text() -> None:
    problems = check(
        example(REVIEW, 1, language="nl", rating=1, sentiment="positive"),
        example(REVIEW, 2, speed="none"),
        example(REVIEW.lower(), 3, speed="mixed"),
        detected=[("en", 1.0)],
    )
    assert len(problems) >= 5
    assert not any(word in str(problem) for problem in problems for word in ("Monday", "monday", "driver"))


def test_near_duplicates_of_one_group_are_known() -> None:
    texts = ("We waited for a whole hour at the desk.", "We waited for a whole hour at the desk!")
    for groups, kinds in ((("a", "a"), []), (("a", "b"), ["near-duplicate"]), ((None, None), ["near-duplicate"])):
        rows = [Example(text, "en", {}, None, group, "made-up", 1) for text, group in zip(texts, groups, strict=True)]
        assert [problem.kind for problem in check_corpus(Corpus(tuple(rows)), TAXONOMY)] == kinds


def test_the_authored_corpus_passes() -> None:
    assert check_corpus(read_corpus([CORPORA], TAXONOMY), TAXONOMY) == []


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["check", *arguments, "--no-language-check"])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_lists_problems_and_fails_on_errors(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text,speed\nTop!,quick\nGood,none\n")
    code, out, err = run(str(file))
    assert code == 1
    assert out.startswith(f"{file}:")
    assert out.count("\n") == 1
    assert "1 error" in err


def test_the_command_lets_warnings_pass_and_writes_json(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text,sentiment,rating\nTop!,negative,5\n")
    code, out, _ = run(str(file), "--json")
    answer = json.loads(out)
    assert code == 0
    assert (answer["rows"], answer["errors"], answer["warnings"]) == (1, 0, 1)
    assert answer["problems"][0]["column"] == "sentiment"


def test_the_command_takes_a_taxonomy(tmp_path: Path) -> None:
    taxonomy = tmp_path / "my.toml"
    taxonomy.write_text('languages = ["en"]\n[[heads]]\nname = "price"\n')
    file = tmp_path / "a.csv"
    file.write_text("text,price\nCheap,positive\n")
    assert run(str(file), "--taxonomy", str(taxonomy))[:2] == (0, "")


def test_help_shows_an_example() -> None:
    assert "feedbackclf corpus check corpora/" in CliRunner().invoke(app, ["check", "--help"]).stdout
