"""The OpenAPI description, where it does not follow from the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feedbackclf.evidence_columns import evidence_columns
from feedbackclf.service.limits import Limits
from feedbackclf.taxonomy import UNDETERMINED, Taxonomy

JSON = "application/json"
EXAMPLE = {"texts": ["Quick delivery, but the zip broke on the first day"], "language": None, "evidence": False}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": schema}}}


def _refusals(reasons: Mapping[int, str]) -> dict[str, Any]:
    return {str(status): _json(reason, _ref("Refusal")) for status, reason in reasons.items()}


_KEY: dict[str, Any] = {"security": [{}, {"bearer": []}, {"header": []}]}
_NO_KEY = {401: "The server has an API key, and the request has not."}

PREDICT: dict[str, Any] = {
    **_KEY,
    "requestBody": {
        "required": True,
        "content": {JSON: {"schema": _ref("PredictRequest"), "example": EXAMPLE}},
    },
    "responses": {
        "200": _json("A prediction for each text, in order.", _ref("Predictions")),
        **_refusals(
            {
                **_NO_KEY,
                400: "The body is no JSON.",
                408: "The body took too long to arrive.",
                413: "The body has too many bytes.",
                415: "The body is not said to be JSON.",
                422: "The body says something that it cannot: a field, a language, too many or too long texts.",
                503: "Too much is waiting; `Retry-After` says for how many seconds to wait.",
            }
        ),
    },
}
MODEL: dict[str, Any] = {
    **_KEY,
    "responses": {"200": _json("Its name, languages, heads and labels.", _ref("Model")), **_refusals(_NO_KEY)},
}
HEALTH: dict[str, Any] = {"responses": {"200": _json("It lives.", _ref("Status"))}}
READINESS: dict[str, Any] = {
    "responses": {"200": _json("It is ready.", _ref("Status")), **_refusals({503: "It is stopping."})}
}
METRICS: dict[str, Any] = {
    **_KEY,
    "responses": {
        "200": {"description": "Metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **_refusals(_NO_KEY),
    },
}


def complete(document: Mapping[str, Any], taxonomy: Taxonomy, limits: Limits) -> dict[str, Any]:
    """The description of the endpoints with that of what goes in and out: it follows the model that there is now."""
    paths = {path: {method: _ours(of) for method, of in item.items()} for path, item in document["paths"].items()}
    keys = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    schemas = {
        "PredictRequest": {
            "type": "object",
            "required": ["texts"],
            "additionalProperties": False,
            "properties": {
                "texts": {
                    "type": "array",
                    "maxItems": limits.texts,
                    "items": {"type": "string", "maxLength": limits.characters},
                },
                "language": {"enum": [*taxonomy.languages, None], "default": None, "description": "Null: it is told."},
                "evidence": {"type": "boolean", "default": False, "description": "Quote the words that carry labels."},
            },
        },
        "Predictions": {
            "type": "object",
            "required": ["predictions"],
            "properties": {"predictions": {"type": "array", "items": _ref("Prediction")}},
        },
        "Prediction": _prediction(taxonomy),
        "Model": {
            "type": "object",
            "required": ["name", "taxonomy", "languages", "heads", "sha256", "version", "limits"],
        },
        "Status": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}},
        "Refusal": {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}},
    }
    return {**document, "paths": paths, "components": {"schemas": schemas, "securitySchemes": keys}}


def _ours(operation: Mapping[str, Any]) -> dict[str, Any]:
    """An operation without the answers that FastAPI adds to those it has."""
    return {**operation, "responses": {s: r for s, r in operation["responses"].items() if "description" in r}}


def _prediction(taxonomy: Taxonomy) -> dict[str, Any]:
    probability: dict[str, Any] = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
    fields = dict.fromkeys(taxonomy.output_columns, probability)
    fields["language"] = {"enum": [*taxonomy.languages, UNDETERMINED]}
    fields |= {head.name: {"enum": [*head.labels, None]} for head in taxonomy.heads}
    kinds = [{"type": [kind, "null"]} for kind in ("string", "integer", "integer", "number")]
    names = evidence_columns(taxonomy)
    quotes = {name: kinds[place % len(kinds)] for place, name in enumerate(names)}
    return {"type": "object", "required": list(taxonomy.output_columns), "properties": {**fields, **quotes}}
