"""What the page says is what the figures say, and nothing in the data can change what the page is."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from feedbackclf.report.figures import Estimate, Figures, Source
from feedbackclf.report.pages import formats
from feedbackclf.report.pages.report_page import render
from tests.report import sample
from tests.report.reading import Element, read
from tests.report.sample_quotes import quotes

VARIANTS = {"sample": sample.sample, "compared": sample.compared, "least": sample.least, "hotels": sample.hotels}
HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)> \u202e {{ 7 * 7 }} &amp;"


@cache
def page(variant: str) -> Element:
    return read(html(variant))


@cache
def html(variant: str) -> str:
    return render(VARIANTS[variant]())


def at(data: Any, path: str) -> Any:
    for step in path.split("."):
        data = data[int(step)] if isinstance(data, list | tuple) else data[step]
    return data


def as_json(figures: Figures) -> Any:
    return json.loads(json.dumps(figures.to_dict()))


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_number_is_the_figure_it_says_it_is(variant: str) -> None:
    data = as_json(VARIANTS[variant]())
    found = page(variant).with_attribute("data-figure")
    assert len(found) > (5 if variant == "least" else 20)
    for element in found:
        value = at(data, element.attributes["data-figure"])
        assert element.text == formats.FORMATS[element.attributes["data-format"]](value), element.attributes


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_number_stands_in_the_page_but_figures(variant: str) -> None:
    loose = page(variant).loose_text()
    assert "A model errs" in loose
    assert [line for line in loose.splitlines() if re.search(r"\d", line)] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_page_loads_and_runs_nothing_but_itself(variant: str) -> None:
    root = page(variant)
    policy = next(x for x in root.all() if x.attributes.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.attributes["content"].split(";"))
    assert rules["default-src"] == "'none'"
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        texts = [x.text for x in root.all() if x.tag == tag and "type" not in x.attributes]
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
        assert rules[rule].split() == [f"'sha256-{one}'" for one in hashes]
    for element in root.all():
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")]
        assert "src" not in element.attributes
        assert element.attributes.get("href", "#").startswith("#")


@pytest.mark.parametrize("variant", VARIANTS)
def test_ids_are_unique_links_lead_somewhere_and_headings_are_in_order(variant: str) -> None:
    elements = list(page(variant).all())
    ids = Counter(x.attributes["id"] for x in elements if "id" in x.attributes)
    assert [name for name, times in ids.items() if times > 1] == []
    wanted = [x.attributes["href"][1:] for x in elements if "href" in x.attributes]
    wanted += [x.attributes["aria-labelledby"] for x in elements if "aria-labelledby" in x.attributes]
    clips = re.findall(r'clip-path="url\(#([^)]+)\)"', html(variant))
    assert [name for name in (*wanted, *clips) if name not in ids] == []
    levels = [int(x.tag[1]) for x in elements if re.fullmatch(r"h[1-6]", x.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_chart_has_a_name_a_table_and_the_colours_of_the_page() -> None:
    figures = [x for x in page("compared").all() if x.tag == "figure"]
    assert len(figures) == 18
    for figure in figures:
        svgs = [x for x in figure.all() if x.tag == "svg"]
        assert [x.attributes["class"] for x in svgs] == ["wide", "narrow"]
        assert all(x.attributes["aria-label"] and x.attributes["role"] == "img" for x in svgs)
        assert len([x for x in figure.all() if x.tag == "td"]) > 0
        for element in (x for svg in svgs for x in svg.all()):
            for paint in ("fill", "stroke"):
                colour = element.attributes.get(paint, "none")
                assert colour == "none" or colour.startswith("var(--"), (element.tag, element.attributes)


def test_the_summary_says_in_words_what_stands_out() -> None:
    said = " ".join(section("sample", "summary").text.split())
    assert "Net sentiment is +13 (+10 to +16) points in 2,980 texts" in said
    assert re.search(r"goes most with low ratings is criticism of \w+: −[\d.]+ \(−", said)
    assert "People write most about quality" in said
    assert "least liked resolution" in said
    assert "risen by +1.0 (+0.6 to +1.4) points per month" in said
    assert "Malmö (shop, −22 points)" in said


def test_a_comparison_comes_first_and_says_what_changed_and_what_did_not() -> None:
    contents = [x.attributes["href"] for x in page("compared").all() if x.tag == "a"]
    assert contents.index("#changes") < contents.index("#sentiment")
    said = " ".join(section("compared", "changes").text.split())
    assert "Net sentiment rose from +4 to +13" in said
    assert "Praise minus criticism of resolution fell from −34 to −49" in said
    assert "The mean rating rose from 3.21 to 3.42, a change of +0.21 (+0.10 to +0.32) stars" in said
    assert "speed rose" not in said
    assert "no larger than chance" in said


def test_drivers_are_never_said_to_be_causes_without_a_warning() -> None:
    assert "Association is not proof of cause" in section("sample", "drivers").text


def test_a_taxonomy_of_ones_own_has_its_own_sections() -> None:
    headings = [x.text.strip() for x in page("hotels").all() if x.tag == "h2"]
    assert "kind of stay" in headings
    assert "Satisfaction" not in headings
    assert "net sentiment" not in section("hotels", "summary").text.lower()


def test_figures_without_intervals_are_shown_without() -> None:
    figures = without_intervals(sample.compared())
    assert ".low" not in render(figures)


def without_intervals(part: Any) -> Any:
    if isinstance(part, tuple):
        return tuple(map(without_intervals, part))
    if isinstance(part, dict):
        return {key: without_intervals(value) for key, value in part.items()}
    if isinstance(part, Estimate):
        return replace(part, low=None, high=None)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{field.name: without_intervals(getattr(part, field.name)) for field in fields(part)})
    return part


def test_where_little_is_known_little_is_said() -> None:
    rich = sample.sample()
    assert rich.trends is not None
    assert rich.drivers is not None
    assert rich.sentiment is not None
    one = replace(rich.trends.periods[0], net=None, rating=None, dimensions={})
    figures = replace(
        rich,
        sentiment=replace(rich.sentiment, net=None),
        trends=replace(rich.trends, periods=(one,), slope=None, p=None),
        drivers=replace(rich.drivers, outcome="sentiment", effects=(), left_out=()),
        breakdowns=(replace(rich.breakdowns[0], groups=(), p=None, q=None),),
    )
    said = " ".join(read(render(figures)).text.split())
    assert "Too few months to say whether net sentiment rises or falls" in said
    assert "sets the sentiment of 2,874 texts" in said


def test_quotes_are_shown_as_they_are_but_for_control_characters() -> None:
    quotes = [x for x in page("sample").all() if x.attributes.get("class") == "quote"]
    assert len(quotes) == 200
    first = next(x for x in quotes[0].all() if x.tag == "bdi")
    assert first.attributes["dir"] == "auto"
    assert "<script>document.title = 'run';</script> <b>bold</b> & <img src=x onerror=alert(1)>" in first.text
    second = next(x for x in quotes[1].all() if x.tag == "bdi").text
    assert second.startswith("Order txet came late")
    assert "really late.\nSecond line" in second
    assert "🎉👩‍👩‍👧" in quotes[3].text
    assert not re.search("[\u0000-\u0008\u202a-\u202e\u2066-\u2069]", html("sample"))


def test_evidence_is_marked_and_named() -> None:
    quotes = [x for x in page("sample").all() if x.attributes.get("class") == "quote"]
    marks = [x for x in quotes[1].all() if x.tag == "mark"]
    assert [(x.text, x.attributes["class"]) for x in marks] == [("came late", "negative")]
    why = next(x for x in quotes[1].all() if x.attributes.get("class") == "why negative")
    assert why.text == "(evidence of speed: negative)"


def test_names_from_the_data_stay_text_wherever_they_are_shown() -> None:
    rich = sample.compared()
    breakdown = rich.breakdowns[0]
    group = replace(breakdown.groups[0], part=replace(breakdown.groups[0].part, name=HOSTILE))
    quote = replace(rich.quotes[0], source=HOSTILE, groups={HOSTILE: HOSTILE}, labels={"sentiment": HOSTILE})
    figures = replace(
        rich,
        title=HOSTILE,
        source=Source(HOSTILE, 3000, 20),
        breakdowns=(replace(breakdown, column=HOSTILE, groups=(group, *breakdown.groups[1:])),),
        notes=(HOSTILE,),
        model=HOSTILE,
        quotes=(quote,),
    )
    root = read(render(figures))
    assert [x.tag for x in root.all() if x.tag in ("img", "b")] == []
    assert len([x for x in root.all() if x.tag == "script"]) == 2
    assert root.text.count("{{ 7 * 7 }}") > 5
    facts = json.loads(next(x for x in root.all() if x.attributes.get("id") == "facts").text)
    assert facts[0]["labels"] == {"sentiment": HOSTILE}


def test_the_page_stays_small() -> None:
    figures = replace(sample.compared(), quotes=quotes(600))
    assert len(render(figures).encode()) < 1_500_000


def section(variant: str, name: str) -> Element:
    return next(x for x in page(variant).all() if x.tag == "section" and x.attributes.get("id") == name)
