"""How figures are written, what a summary picks, and how quotes are cut."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedbackclf.report.figures import Quote, Span
from feedbackclf.report.pages import formats
from feedbackclf.report.pages.highlights import highlights
from feedbackclf.report.pages.pieces import pieces
from feedbackclf.report.pages.tree import Node, estimate, figure, printable
from tests.report import sample


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("points", 0.123, "+12"),
        ("points", -0.123, "−12"),
        ("points", -0.001, "0"),
        ("fine_points", 0.0098, "+1.0"),
        ("percent", 0.412, "41%"),
        ("percent", 0.0, "0%"),
        ("percent", 0.001, "<1%"),
        ("percent", 0.999, ">99%"),
        ("percent", 1.0, "100%"),
        ("count", 3000, "3,000"),
        ("stars", 3.4249, "3.42"),
        ("star_change", -1.204, "−1.20"),
        ("probability", 0.00001, "<0.001"),
        ("probability", 0.0304, "0.030"),
        ("probability", 0.31, "0.31"),
        ("day", "2026-03-01", "1 March 2026"),
        ("month", "2026-03-01", "Mar 2026"),
        ("quarter", "2026-04-01", "Q2 2026"),
        ("year", "2026-01-01", "2026"),
        ("week", "2026-03-02", "2 Mar 2026"),
    ],
)
def test_figures_are_written_so(form: str, value: object, text: str) -> None:
    assert formats.FORMATS[form](value) == text


def test_a_figure_says_where_it_is_from() -> None:
    node = Node({"a": [{"value": 0.5, "low": 0.25, "high": None}]})
    assert figure(node.a[0].value, "percent") == '<span data-figure="a.0.value" data-format="percent">50%</span>'
    assert "to" not in estimate(node.a[0], "percent")
    assert "(" in estimate(Node({"value": 0.5, "low": 0.4, "high": 0.6}), "percent")


def test_a_number_without_a_format_cannot_get_into_a_page() -> None:
    with pytest.raises(TypeError):
        Node({"n": 5}).n.__html__()


def test_what_stands_out_is_picked() -> None:
    figures = sample.compared()
    assert figures.drivers is not None
    picked = highlights(figures)
    assert picked.hinders is not None
    assert picked.helps is not None
    effects = figures.drivers.effects
    assert effects[picked.hinders].impact.value == min(x.impact.value for x in effects)
    assert effects[picked.helps].impact.value == max(x.impact.value for x in effects)
    assert [
        figures.dimensions[i].name for i in (picked.most_mentioned, picked.best, picked.worst) if i is not None
    ] == [
        "quality",
        "gratitude",
        "resolution",
    ]
    assert picked.trend == "up"
    assert figures.choices[1].labels[picked.main_issue[1] if picked.main_issue else 0].label == "product"


def test_what_could_be_chance_does_not_stand_out() -> None:
    figures = sample.compared()
    assert figures.drivers is not None
    assert figures.trends is not None
    assert figures.comparison is not None
    unsure = replace(
        figures,
        drivers=replace(figures.drivers, effects=tuple(replace(x, q=0.2) for x in figures.drivers.effects)),
        trends=replace(figures.trends, p=0.2),
        comparison=replace(
            figures.comparison, changes=tuple(replace(x, differs=False) for x in figures.comparison.changes)
        ),
        breakdowns=(),
    )
    picked = highlights(unsure)
    assert (picked.hinders, picked.helps, picked.trend, picked.changes, picked.groups) == (None, None, "steady", (), ())


SPANS = st.builds(
    Span,
    head=st.just("speed"),
    label=st.just("negative"),
    start=st.integers(-3, 30),
    length=st.integers(0, 30),
    weight=st.just(1.0),
)


@given(text=st.text(max_size=25), spans=st.lists(SPANS, max_size=4))
def test_the_pieces_of_a_quote_are_the_quote(text: str, spans: list[Span]) -> None:
    quote = Quote(text, 1, "-", "en", {}, {}, tuple(spans), ())
    parts = pieces(quote)
    assert "".join(part.text for part in parts) == printable(text)
    ended = sum(len(part.ends) for part in parts)
    inside = [x for x in spans if max(x.start, 0) < min(x.start + x.length, len(text))]
    assert ended == len(inside)
    covered = sum(len(part.spans) for part in parts)
    assert covered >= len(inside)


def test_spans_that_overlap_are_both_kept() -> None:
    first, second = Span("speed", "negative", 0, 6, 1.0), Span("sentiment", "negative", 4, 6, 1.0)
    parts = pieces(Quote("abcdefghijkl", 1, "-", "en", {}, {}, (first, second), ()))
    assert [(part.text, part.spans, part.ends) for part in parts] == [
        ("abcd", (first,), ()),
        ("ef", (first, second), (first,)),
        ("ghij", (second,), (second,)),
        ("kl", (), ()),
    ]
