"""What the charts draw and say is what the figures say."""

from __future__ import annotations

import re
import struct
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from feedbackclf.errors import FeedbackError
from feedbackclf.report.figures import Breakdown, Estimate, Figures
from feedbackclf.report.pages.charts import MOST_GROUPS, charts
from feedbackclf.report.pages.formats import count, percent, points, star_change
from feedbackclf.report.pages.report_page import NARROW, WIDE
from feedbackclf.report.pages.slides import draw
from feedbackclf.report.pages.svg import inline, to_svg
from tests.report import sample

FULL = sample.compared()


def drawn(figures: Figures, name: str, width: int = WIDE) -> ElementTree.Element:
    return ElementTree.fromstring(inline(to_svg(charts(figures)[name].draw(width)), name, name, "wide"))


def tips(figures: Figures, name: str) -> list[str]:
    """What the marks say, each once, in the order of the chart."""
    return list(dict.fromkeys(x.attrib["data-tip"] for x in drawn(figures, name).iter() if "data-tip" in x.attrib))


def said(subject: str, figure: Estimate, write: object) -> str:
    assert callable(write)
    return f"{subject}: {write(figure.value)} ({write(figure.low)} to {write(figure.high)}), {count(figure.n)} texts"


def test_shares_are_said() -> None:
    assert FULL.sentiment is not None
    assert tips(FULL, "sentiment") == [said(x.label, x.share, percent) for x in FULL.sentiment.shares]
    assert tips(FULL, "languages")[0] == said("Dutch", FULL.languages[0].share, percent)
    assert tips(FULL, "ratings")[0] == said("1 star", FULL.ratings[0].share, percent)
    assert tips(FULL, "choice-2")[3] == said("at risk", FULL.choices[2].labels[3].share.share, percent)
    assert tips(FULL, "unsure") == [said(x.head, x.unsure.share, percent) for x in FULL.unsure]


def test_drivers_are_said() -> None:
    assert FULL.drivers is not None
    names = {"positive": "praise for", "negative": "criticism of"}
    expected = [said(f"{names[x.polarity]} {x.dimension}", x.impact, star_change) for x in FULL.drivers.effects]
    assert tips(FULL, "impact") == expected
    by_effect = sorted(FULL.drivers.effects, key=lambda x: x.effect.value)
    assert tips(FULL, "effect")[0] == said(f"criticism of {by_effect[0].dimension}", by_effect[0].effect, star_change)


def test_groups_periods_and_changes_are_said() -> None:
    group = FULL.breakdowns[0].groups[2].part
    assert group.net is not None
    assert said("Malmö", group.net, points) in tips(FULL, "breakdown-0")
    assert FULL.trends is not None
    month = FULL.trends.periods[5]
    assert month.net is not None
    assert said("Jun 2025, sentiment", month.net, points) in tips(FULL, "trend")
    speed = month.dimensions["speed"].net
    assert speed is not None
    assert said("Jun 2025, speed", speed, points) in tips(FULL, "trend-dimensions")
    assert FULL.comparison is not None
    change = FULL.comparison.changes[0]
    assert tips(FULL, "changes-net")[0] == said("sentiment, before", change.before, points)
    assert said("sentiment, after", change.after, points) in tips(FULL, "changes-net")


def test_intervals_are_drawn_as_long_as_they_are() -> None:
    assert FULL.drivers is not None
    rules = [x for x in drawn(FULL, "impact").iter() if x.tag.endswith("line") and "data-tip" in x.attrib]
    widths = [x.impact.high - x.impact.low for x in FULL.drivers.effects if x.impact.high and x.impact.low]
    assert len(rules) == len(widths) > 5
    scales = [abs(float(rule.attrib["x2"])) / width for rule, width in zip(rules, widths, strict=True)]
    assert max(scales) == pytest.approx(min(scales), rel=0.02)


def test_praise_is_right_of_the_middle_and_criticism_left() -> None:
    bars = [
        x.attrib
        for x in drawn(FULL, "polarity").iter()
        if x.attrib.get("fill") in ("var(--positive)", "var(--negative)") and "data-tip" in x.attrib
    ]
    edges = {(bar["fill"], tuple(re.findall(r"-?[\d.]+", bar["d"]))[:3:2]) for bar in bars}
    assert len(bars) == 10
    left = {float(start) for fill, (start, _) in edges if fill == "var(--negative)"}
    right = {float(start) for fill, (start, _) in edges if fill == "var(--positive)"}
    assert len(right) == 1  # they start at nought
    assert max(left) < min(right)


def test_nothing_is_drawn_where_there_are_no_figures() -> None:
    assert list(charts(sample.least())) == ["languages", "sentiment", "mentioned"]
    assert list(charts(sample.hotels())) == ["languages", "mentioned", "polarity", "choice-0"]


def test_a_figure_without_an_interval_has_none() -> None:
    assert tips(sample.least(), "languages") == ["English: 100%, 1 text"]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_charts_are_no_wider_than_they_are_asked_to_be(width: int) -> None:
    for name, chart in charts(FULL).items():
        drawn_width = float(ElementTree.fromstring(to_svg(chart.draw(width))).attrib["width"])
        assert width - 40 < drawn_width <= width, name


def test_of_very_many_groups_the_largest_are_drawn() -> None:
    group = FULL.breakdowns[0].groups[0]
    groups = tuple(replace(group, part=replace(group.part, name=f"group {i}")) for i in range(MOST_GROUPS + 5))
    many = replace(FULL, breakdowns=(Breakdown("city", groups, 0, 0, 0, 0.5, 0.5),))
    assert len(tips(many, "breakdown-0")) == MOST_GROUPS
    assert "largest" in charts(many)["breakdown-0"].caption


def test_names_that_no_picture_may_hold_do_not_break_one() -> None:
    part = replace(FULL.breakdowns[0].groups[0].part, name="<b>\u0000\u202e\"quoted' \\ & ${x}\nnext")
    group = replace(FULL.breakdowns[0].groups[0], part=part)
    odd = replace(FULL, breakdowns=(replace(FULL.breakdowns[0], groups=(group,)),))
    texts = [x.text for x in drawn(odd, "breakdown-0").iter() if x.tag.endswith(("text", "tspan"))]
    assert "<b>\"quoted' \\ & ${x} next" in texts


def test_slides_are_wide_pictures_named_by_their_place(tmp_path: Path) -> None:
    figures = replace(sample.hotels(), title="Rooms \u0007& beds")
    paths = draw(figures, tmp_path / "new" / "slides")
    assert [path.name for path in paths] == [
        "01-languages.png",
        "02-mentioned.png",
        "03-polarity.png",
        "04-choice-0.png",
    ]
    assert sorted(path.name for path in paths[0].parent.iterdir()) == [path.name for path in paths]
    for path in paths:
        data = path.read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", data[16:24]) == (2560, 1440)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FeedbackError, match="file"):
        draw(sample.hotels(), tmp_path / "file" / "slides")


def test_a_library_that_is_missing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(FeedbackError, match=r"pip install 'feedbackclf\[report\]'"):
        charts(sample.least())["sentiment"].draw(WIDE)
