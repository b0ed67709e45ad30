"""What `model.json` may say, field by field. Whoever made the folder, nothing else gets past this file."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import DecodeError, Meta, Struct, json

FORMAT_VERSION, OLDEST_VERSION = 2, 1
MAX_COLUMNS, MAX_CLASSES = 2048, 256
LARGEST_FACTOR = 1e9
MAX_DEPTH = 16
"""Of what may be nested at will, and is written, printed or pickled by functions that call themselves."""
_SHOWN = 100
"""Characters of a complaint, which may quote the file."""

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=250)]
Columns: TypeAlias = Annotated[tuple[Name, ...], Meta(max_length=MAX_COLUMNS)]
Factor: TypeAlias = Annotated[float, Meta(gt=0, le=LARGEST_FACTOR)]


class _Strict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Languages(_Strict, frozen=True):
    """The classes of language identification."""

    classes: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=MAX_CLASSES)]


class Phrases(_Strict, frozen=True):
    """The phrase network, without columns if there is none."""

    columns: Columns
    gain: Factor


class WeightsFile(_Strict, frozen=True):
    """The file of the arrays: always the same name, so that it leads to no other place."""

    file: Literal["weights.npz"]
    sha256: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class _Head(_Strict, frozen=True):
    name: Name
    calibration: Literal["multinomial"]
    threshold: Annotated[float, Meta(ge=0, le=1)]


class Head1(_Head, frozen=True):
    """The settings of a head in version 1."""


class HeadSettings(_Head, frozen=True):
    """The settings of a head: `factors` has one for each of its labels."""

    factors: tuple[Factor, ...]


class _Description(_Strict, frozen=True):
    taxonomy: dict[str, Any]  # for `Taxonomy.from_dict`, which reads TOML as well
    languages: Languages
    columns: Annotated[Columns, Meta(min_length=1)]
    weights: WeightsFile
    about: dict[str, Any]


class Description1(_Description, frozen=True):
    """`model.json` of version 1."""

    format_version: Literal[1]
    heads: tuple[Head1, ...]


class Description(_Description, frozen=True):
    """`model.json` as it is written today."""

    format_version: Literal[2]
    phrases: Phrases
    heads: tuple[HeadSettings, ...]


class _Version(Struct):
    format_version: Any = None


class VersionError(ValueError):
    """A version that is not read here."""


def parse_description(content: bytes) -> Description1 | Description:
    """What a `model.json` says.

    Raises:
        VersionError: it is of a version that is not read here.
        ValueError: it is no JSON object, or a field is missing, unknown or out of range. One line.
    """
    try:
        version = json.decode(content, type=_Version).format_version
    except (DecodeError, RecursionError) as error:
        raise ValueError(f"cannot be read as JSON: {_told(error)}") from None
    if type(version) is not int or not OLDEST_VERSION <= version <= FORMAT_VERSION:
        shown = version if isinstance(version, int | None) else type(version).__name__
        raise VersionError(f"has format version {_cut(repr(shown))}")
    description: Description1 | Description
    try:
        description = json.decode(content, type=Description1 if version == 1 else Description)
    except (DecodeError, RecursionError) as error:
        raise ValueError(_told(error)) from None
    for name in ("taxonomy", "about"):
        if not _is_shallow(getattr(description, name), MAX_DEPTH):
            raise ValueError(f"`{name}`: more than {MAX_DEPTH} levels")
    return description


def _is_shallow(value: object, levels: int) -> bool:
    """Whether lists and objects are nested in no more levels than that."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(part, levels - 1) for part in inside)


def _told(error: Exception) -> str:
    """The complaint of the decoder, the field first."""
    says, _, where = str(error).partition(" - at `$")
    says = _cut(says[:1].lower() + says[1:])
    return f"`{where.strip('`.')}`: {says}" if where.strip("`.") else says


def _cut(text: str) -> str:
    printable = "".join(c if c.isprintable() else "?" for c in text[:_SHOWN])
    return printable if len(text) <= _SHOWN else f"{printable}…"
