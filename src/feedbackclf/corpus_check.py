"""What a reader of a labelled corpus would object to: repeats, contradictions, wrong languages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from feedbackclf.corpus import Corpus, Example, Problem
from feedbackclf.near_duplicates import near_duplicate_groups
from feedbackclf.taxonomy import UNDETERMINED, Taxonomy

MIN_WORDS = 5  # shorter texts are alike by nature ("Top!"), and their language is anyone's guess
SURE = 0.95

Detector = Callable[[Sequence[str]], Sequence[tuple[str, float]]]


def check_corpus(corpus: Corpus, taxonomy: Taxonomy, detect_language: Detector | None = None) -> list[Problem]:
    """Everything that is wrong with a corpus, by file and row; what the reader already found is part of it.

    Errors: unknown label, unknown language, bad rating, empty text; the same text twice, or with two labels.
    Warnings: nearly the same text twice, or with two labels; a text that reads as another language than its row
    says (people switch languages); a sentiment that is the opposite of the stars (they misread those, too). Repeats of
    fewer than `MIN_WORDS` words are only reported if their labels differ.

    Args:
        detect_language: texts → one `(code, probability)` each; None leaves the languages unchecked.
    """
    problems = [
        *corpus.problems,
        *_repeats(corpus.examples),
        *_against_stars(corpus.examples, taxonomy),
        *(_wrong_languages(corpus.examples, taxonomy, detect_language) if detect_language else ()),
    ]
    return sorted(problems, key=lambda problem: (problem.file, problem.row))


def _repeats(examples: Sequence[Example]) -> Iterator[Problem]:
    members: defaultdict[int, list[Example]] = defaultdict(list)
    for example, group in zip(examples, near_duplicate_groups([e.text for e in examples]).tolist(), strict=True):
        members[group].append(example)
    for group in members.values():
        if len(group) > 1:
            yield from _compare(group)


def _compare(group: Sequence[Example]) -> Iterator[Problem]:
    """Hold each of the (nearly) equal texts against the first one before it: of its wording, else of them all."""
    firsts: dict[str, Example] = {}  # by wording
    labelled: dict[tuple[str, str | None], Example] = {}  # by head and wording; None: any
    for example in group:
        words = example.text.split()
        wording = " ".join(words)
        if firsts and len(words) >= MIN_WORDS:
            if wording in firsts:
                message = f"the same text as {_place(firsts[wording])}; keep one of them"
                yield _problem(example, "text", "duplicate", message)
            elif example.group is None or example.group != group[0].group:  # else it is known: a translation, say
                message = f"nearly the same text as {_place(group[0])}; keep one if it is a copy"
                yield _problem(example, "text", "near-duplicate", message, is_warning=True)
        firsts.setdefault(wording, example)
        for head, label in example.labels.items():
            same = labelled.setdefault((head, wording), example)
            near = labelled.setdefault((head, None), example)
            other = same if same.labels[head] != label else near
            if other.labels[head] != label:
                likeness = "the same text" if other is same else "nearly the same text"
                message = f"{label} here, but {other.labels[head]} for {likeness} in {_place(other)}; settle on one"
                yield _problem(example, head, "contradiction", message, is_warning=other is not same)


def _against_stars(examples: Sequence[Example], taxonomy: Taxonomy) -> Iterator[Problem]:
    for head in taxonomy.heads:
        by_stars = {float(stars): label for stars, label in (head.from_rating or {}).items()}
        for example in examples:
            label = example.labels.get(head.name)
            implied = by_stars.get(example.rating) if example.rating is not None else None
            if {label, implied} == {"positive", "negative"}:
                message = f"{label}, but a rating of {example.rating:g} means {implied}; check which one is right"
                yield _problem(example, head.name, "against-stars", message, is_warning=True)


def _wrong_languages(examples: Sequence[Example], taxonomy: Taxonomy, detect: Detector) -> Iterator[Problem]:
    checked = [e for e in examples if e.language is not None and len(e.text.split()) >= MIN_WORDS]
    for example, (code, probability) in zip(checked, detect([e.text for e in checked]), strict=True):
        expected = example.language if example.language in taxonomy.languages else UNDETERMINED
        if code != expected and probability >= SURE:
            message = f"labelled {example.language}, but reads as {code} ({probability:.0%} sure); correct it if so"
            yield _problem(example, "language", "wrong-language", message, is_warning=True)


def _problem(example: Example, column: str, kind: str, message: str, *, is_warning: bool = False) -> Problem:
    return Problem(example.file, example.row, column, kind, message, "warning" if is_warning else "error")


def _place(example: Example) -> str:
    return f"{example.file}:{example.row}"
