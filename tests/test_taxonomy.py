from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.corpus import Example
from feedbackclf.errors import FeedbackError
from feedbackclf.model import Model
from feedbackclf.persistence import read_model, write_model
from feedbackclf.taxonomy import POLARITIES, Taxonomy, default_taxonomy
from feedbackclf.training import TrainingData, train_model

HOTEL = """
name = "hotel"
languages = ["nl", "en"]

[[heads]]
name = "price"

[[heads]]
name = "cleanliness"
description = "How clean the room was."

[[heads]]
name = "stay"
kind = "choice"
labels = ["short", "long"]
"""


def test_output_columns_are_the_contract() -> None:
    assert default_taxonomy().output_columns == (
        "language",
        "language_confidence",
        "sentiment",
        "sentiment_confidence",
        "speed",
        "speed_confidence",
        "quality",
        "quality_confidence",
        "greeting",
        "greeting_confidence",
        "resolution",
        "resolution_confidence",
        "gratitude",
        "gratitude_confidence",
        "level",
        "issue",
        "loyalty",
    )


def test_default_heads_have_the_labels_of_the_contract() -> None:
    taxonomy = default_taxonomy()
    assert taxonomy.languages == ("nl", "da", "sv", "en")
    assert all(head.labels == POLARITIES for head in taxonomy.dimensions)
    assert {head.name: head.labels for head in taxonomy.choices} == {
        "sentiment": ("positive", "negative", "neutral", "mixed"),
        "level": ("fails", "meets", "exceeds", "delights", "amazes"),
        "issue": ("none", "product", "delivery", "service", "billing", "other"),
        "loyalty": ("none", "new", "returning", "at_risk"),
    }


def test_round_trip_through_json() -> None:
    taxonomy = default_taxonomy()
    assert Taxonomy.from_dict(json.loads(json.dumps(taxonomy.to_dict()))) == taxonomy


def test_unknown_head() -> None:
    with pytest.raises(KeyError):
        default_taxonomy().head("price")


GOOD_HEAD = {"name": "price"}


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ({"heads": [GOOD_HEAD]}, "languages"),
        ({"languages": "nl", "heads": [GOOD_HEAD]}, "languages"),
        ({"languages": ["nl"]}, "heads"),
        ({"languages": ["nl"], "heads": []}, "heads"),
        ({"languages": ["nl"], "heads": [GOOD_HEAD], "colour": 1}, "colour"),
        ({"languages": ["nl"], "heads": [{"name": "two words"}]}, "two words"),
        ({"languages": ["nl"], "heads": [{}]}, "name"),
        ({"languages": ["nl"], "heads": [{"name": "text"}]}, "reserved"),
        ({"languages": ["nl"], "heads": [{"name": "price", "labls": []}]}, "labls"),
        ({"languages": ["nl"], "heads": [{"name": "price", "kind": "scale"}]}, "scale"),
        ({"languages": ["nl"], "heads": [{"name": "stay", "kind": "choice"}]}, "'stay' needs a list of labels"),
        ({"languages": ["nl"], "heads": [{"name": "stay", "kind": "choice", "labels": ["a"]}]}, "two different"),
        ({"languages": ["nl"], "heads": [{"name": "stay", "kind": "choice", "labels": ["a", "a"]}]}, "two different"),
        ({"languages": ["nl"], "heads": [{"name": "price", "labels": ["a", "b"]}]}, "leave them out"),
        ({"languages": ["nl"], "heads": [{"name": "price", "confidence": "yes"}]}, "confidence"),
        ({"languages": ["nl"], "heads": [{"name": "price", "from_rating": {"1": "bad"}}]}, "from_rating"),
        ({"languages": ["nl"], "heads": [{"name": "price", "from_rating": {"x": "none"}}]}, "from_rating"),
        ({"languages": ["nl"], "heads": [{"name": "price", "balanced": True}]}, "balanced"),
        (
            {"languages": ["nl"], "heads": [{"name": "x", "kind": "choice", "labels": ["a", "b"], "balanced": 1}]},
            "balanced",
        ),
        ({"languages": ["nl"], "heads": [GOOD_HEAD, GOOD_HEAD]}, "'price'"),
        ({"languages": ["nl"], "heads": [GOOD_HEAD, {"name": "price_confidence"}]}, "'price_confidence'"),
        ({"languages": ["../nl"], "heads": [GOOD_HEAD]}, "no language code"),
        ({"languages": ["und"], "heads": [GOOD_HEAD]}, "no language code"),
        ({"languages": ["nl", "nl"], "heads": [GOOD_HEAD]}, "different"),
        ({"languages": ["nl"], "heads": [GOOD_HEAD], "name": 1}, "name"),
        ({"languages": ["nl"], "heads": [GOOD_HEAD], "a\n" * 999: 1}, r"unknown keys: '.+\.\.\..+'$"),
        ({"languages": ["nl"], "heads": [{"name": "x" * 101}]}, r"x\.\.\.x"),
        ({"languages": ["nl"], "heads": [{"name": f"x{n}"} for n in range(129)]}, "129 heads"),
        ({"languages": ["nl"], "heads": [{"name": "price", "kind": ["choice"] * 99}]}, r"kind .*\.\.\."),
        ({"languages": ["nl"], "heads": [{"name": "price", "description": 1}]}, "description"),
        ({"languages": ["nl"], "heads": [{"name": "x", "kind": "choice", "labels": ["a", "b\n"]}]}, "labels"),
        ({"languages": ["nl"], "heads": [{"name": "x", "kind": "choice", "labels": ["a", "b", []]}]}, "labels"),
        ({"languages": ["nl"], "heads": [{"name": "price", "from_rating": []}]}, "from_rating"),
        ({"languages": ["nl"], "heads": [{"name": "price", "from_rating": {"²": "none"}}]}, "star"),
        ({"languages": ["nl"], "heads": [{"name": "price", "from_rating": {"9" * 5000: "none"}}]}, "star"),
        ({"languages": ["nl"], "heads": [{"name": "price", "from_rating": {"1": []}}]}, "star"),
    ],
)
def test_errors_name_what_is_wrong(data: dict[str, Any], names: str) -> None:
    with pytest.raises(FeedbackError, match=names) as error:
        Taxonomy.from_dict(data)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content", [None, b"name = ", b"\xff\xfe", b"name = 'x'", b"x = " + b"[" * 9999, b"x = " + b"9" * 9999]
)
def test_a_bad_file_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FeedbackError, match=r"my\.toml") as error:
        Taxonomy.from_toml(path)
    assert "\n" not in str(error.value)


def hotel_examples() -> list[Example]:
    """A made-up corpus in which every sentence speaks of one thing."""
    price = {
        "positive": ["a fair price for {}", "{} was cheap enough", "{} voor een mooie prijs"],
        "negative": ["{} was far too expensive", "much too pricey, {}", "{} was veel te duur"],
        "none": ["we had {}", "{} had a view", "wij hadden {}"],
    }
    clean = {
        "positive": ["spotless floors", "everything was sparkling clean", "alles was brandschoon"],
        "negative": ["dust and stains all over", "the bath was filthy", "het bad was smerig"],
        "none": ["breakfast at eight", "the tram stops outside", "de tram stopt voor de deur"],
    }
    stay = {"short": "for one night", "long": "for three weeks"}
    rooms = ["the family room", "our double room", "the attic", "a suite"]
    examples = []
    for (p, c, s), room in itertools.product(itertools.product(price, clean, stay), rooms):
        for asked, (of_price, of_clean) in enumerate(zip(price[p], clean[c], strict=True)):
            text = f"{of_price.format(room).capitalize()} {stay[s]}. {of_clean.capitalize()}."
            labels = {"price": p, "cleanliness": c, "stay": s}
            language = "nl" if asked == 2 else "en"
            examples.append(Example(text, language, labels, None, None, "made-up", len(examples) + 1))
    return examples


def test_another_taxonomy_end_to_end(tmp_path: Path, small_model: Model) -> None:
    path = tmp_path / "hotel.toml"
    path.write_text(HOTEL, encoding="utf-8")
    taxonomy = Taxonomy.from_toml(path)
    columns = ["language", "language_confidence", "price", "price_confidence"]
    columns += ["cleanliness", "cleanliness_confidence", "stay"]
    assert list(taxonomy.output_columns) == columns

    trained = train_model(TrainingData(hotel_examples()), taxonomy, language=small_model.language)
    assert set(trained.metrics["heads"]) == {"price", "cleanliness", "stay"}
    write_model(trained.model, tmp_path / "hotel")
    classifier = FeedbackClassifier.from_model(read_model(tmp_path / "hotel"))
    texts = [
        "Our room was far too expensive for one night. Everything was sparkling clean.",
        "The attic was cheap enough for three weeks. The bath was filthy.",
        "Wij hadden de zolder. De tram stopt voor de deur.",
    ]
    labels = classifier.label(pa.array(texts), pa.array(["en", "en", "nl"]))
    assert labels.schema.names == columns
    assert labels.column("price").to_pylist() == ["negative", "positive", "none"]
    assert labels.column("cleanliness").to_pylist() == ["positive", "negative", "none"]
    assert labels.column("stay").to_pylist()[:2] == ["short", "long"]
    prediction = classifier.predict(texts, ["en", "en", "nl"])[0]
    assert prediction.mentioned == {"price": "negative", "cleanliness": "positive"}
    with pytest.raises(KeyError):
        _ = prediction.sentiment
