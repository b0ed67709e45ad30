"""What a request to predict says, from its bytes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from feedbackclf.service.limits import Limits
from feedbackclf.service.refusals import Refused


class PredictRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The body of `POST /v1/predict`.

    Attributes:
        texts: n texts.
        language: code of all of them; None: tell it.
        evidence: whether to quote the words that carry each label.
    """

    texts: list[str]
    language: str | None = None
    evidence: bool = False


_DECODER = msgspec.json.Decoder(PredictRequest)


def parse_request(body: bytes, limits: Limits, languages: Sequence[str]) -> PredictRequest:
    """Read a body and hold it against the limits.

    Raises:
        Refused: it is no JSON (400), or says something that it cannot (422).
    """
    try:
        request = _DECODER.decode(body)
    except msgspec.ValidationError as error:
        raise Refused(422, _without_names(str(error))) from None
    except (ValueError, RecursionError):  # msgspec's own errors of malformed JSON are ValueErrors
        raise Refused(400, "the body is no JSON in UTF-8") from None
    if len(request.texts) > limits.texts:
        raise Refused(422, f"texts: {len(request.texts):,} of them; a request may have {limits.texts:,}")
    for place, text in enumerate(request.texts):
        if len(text) > limits.characters:
            raise Refused(422, f"texts[{place}]: {len(text):,} characters; a text may have {limits.characters:,}")
    if request.language is not None and request.language not in languages:
        raise Refused(422, f"language: this model knows {', '.join(languages)}; or null, to have it told")
    return request


def _without_names(message: str) -> str:
    """What msgspec says of a mistake; of a field that it does not know it would say the name, which is the client's."""
    if "unknown field" in message:
        return f"the body has an unknown field; the fields are {', '.join(PredictRequest.__struct_fields__)}"
    return message[0].lower() + message[1:]
