"""What is wrong with a model folder is told in one line, whoever made it and however little it was an accident."""

from __future__ import annotations

import json
import os
import shutil
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from feedbackclf.errors import FeedbackError
from feedbackclf.model_folder import read_taxonomy
from feedbackclf.persistence import read_model, write_model
from feedbackclf.weights_file import KINDS, most_bytes
from tests.damage import Damage, array, describe, drop, headed, member, overlapping, put, repack, reweigh, rewrite, said
from tests.tiny import COLUMNS, tiny_model


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_model(tiny_model(), folder)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "copy"))


def truncated(folder: Path) -> None:
    os.truncate(folder / "weights.npz", 4000)


def flipped(folder: Path) -> None:
    content = bytearray((folder / "weights.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "weights.npz").write_bytes(content)


def enlarged(name: str, size: int) -> Damage:
    """As long as that, without taking so much of the disk."""
    return lambda folder: os.truncate(folder / name, size)


def a_pipe(name: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return damage


def compressed(folder: Path) -> None:
    repack(lambda entries: [(name, content, zipfile.ZIP_DEFLATED) for name, content, _ in entries])(folder)


def bomb(folder: Path) -> None:
    """Thirty megabytes of zeros that take little room."""
    repack(lambda entries: [(entries[0][0], bytes(30 << 20), zipfile.ZIP_DEFLATED), *entries[1:]])(folder)


def first(value: float) -> Any:
    def change(found: Any) -> Any:
        found = found.copy()
        found.flat[0] = value
        return found

    return change


DEEP = "[" * 100_000 + "]" * 100_000
OF_FILES: dict[str, tuple[Damage, str]] = {
    "weights truncated": (truncated, "is not the file"),
    "weights flipped": (flipped, "is not the file"),
    "weights missing": (lambda folder: (folder / "weights.npz").unlink(), "weights.npz: cannot be read"),
    "weights a pipe": (a_pipe("weights.npz"), "no regular file"),
    "weights a folder": (lambda f: [(f / "weights.npz").unlink(), (f / "weights.npz").mkdir()], "no regular file"),
    "weights too large": (enlarged("weights.npz", 1 << 33), "8,589,934,592 bytes, and can have"),
    "weights empty": (rewrite(lambda content: b""), "no archive"),
    "no archive": (rewrite(lambda content: b"PK\x03\x04 this is no archive, however long it may be"), "no archive"),
    "something behind": (rewrite(lambda content: content + b"\0"), "no archive"),
    "something before": (rewrite(lambda content: b"\0" + content), "no archive"),
    "no list of contents": (rewrite(lambda content: content.replace(b"PK\x01\x02", b"PK\x01\x03")), "no archive"),
    "no files": (rewrite(lambda content: content.replace(b"PK\x03\x04", b"PK\x03\x05")), "out of place"),
    "a comment": (rewrite(lambda content: content[:-2] + b"\1\0x"), "no archive"),
    "a larger list elsewhere": (rewrite(lambda content: content[:-42] + b"PK\x06\x07" + content[-38:]), "no archive"),
    "files in each other": (rewrite(overlapping), "lie upon each other"),
    "an array too many": (repack(lambda files: [*files, ("more.npy", b"", 0)]), "of 18 arrays, not of 17"),
    "an array twice": (repack(lambda files: [*files, files[0]]), "of 18 arrays, not of 17"),
    "an array for another": (repack(lambda files: [*files[:-1], files[0]]), "phrase_intercepts is missing"),
    "a name of elsewhere": (repack(lambda files: [("../" + files[0][0], *files[0][1:]), *files[1:]]), "is missing"),
    "compressed": (compressed, "compressed"),
    "a bomb": (bomb, "compressed"),
    "pickled": (array("head_intercepts", lambda found: np.array([{}], object)), "no array as NumPy writes it"),
    "no header": (member("head_intercepts", lambda content: content[:9]), "no array as NumPy writes it"),
    "an endless header": (member("head_intercepts", lambda c: c[:8] + b"\xff\xff" + c[10:]), "no array as NumPy"),
    "another version of arrays": (member("head_intercepts", headed(b"'<f4'", b"open('x')")), "no array as NumPy"),
    "a huge shape": (member("head_intercepts", headed(b"(6,)", b"(9000000000,)")), "9000000000"),
    "a shape beyond all": (member("head_intercepts", headed(b"(6,)", b"(%s,)" % (b"9" * 30))), "no array as NumPy"),
    "a negative shape": (member("head_intercepts", headed(b"(6,)", b"(-6,)")), "no array as NumPy writes it"),
    "a shape of words": (member("head_intercepts", headed(b"(6,)", b"('6',)")), "no array as NumPy writes it"),
    "one dimension too many": (array("head_intercepts", lambda found: found[None]), "head_intercepts of type"),
    "big-endian": (array("head_intercepts", lambda found: found.astype(">f4")), "head_intercepts of type >f4"),
    "of doubles": (array("feedback_weights", lambda found: found.astype(float)), "feedback_weights of type <f8"),
    "by columns": (array("feedback_weights", np.asfortranarray), "feedback_weights of type <f2.*by columns"),
    "array missing": (reweigh(lambda arrays: arrays.pop("feedback_norm2")), "of 16 arrays"),
    "array too short": (array("language_norm2", lambda found: found[1:]), "language weights of shape"),
    "phrase array too short": (array("phrase_units", lambda found: found[1:]), "phrase units of shape"),
    "heads too narrow": (array("head_coefficients", lambda found: found[:, 1:].copy()), "heads of shape"),
    "bucket too large": (array("feedback_buckets", lambda found: found + np.int32(1)), "buckets out of range"),
    "bucket negative": (array("phrase_buckets", first(-1)), "buckets out of range"),
    "buckets twice": (array("language_buckets", lambda found: np.r_[found[0], found[:-1]]), "buckets out of range"),
    "buckets wrapped": (array("feedback_buckets", lambda b: np.where(b == b[1], np.int32(-(2**31)), b)), "buckets"),
    "phrase bias too large": (array("phrase_bias", first(601)), "bias out of range"),
    **{
        f"{name} {value}": (array(name, first(value)), "out of range|no numbers")
        for name, (kind, _) in KINDS[2].items()
        for value in (np.nan, np.inf, -1e30)
        if kind[1] == "f" and (kind != "<f2" or not np.isfinite(value))
    },
    "squared length negative": (array("feedback_norm2", first(-1)), "feedback norm2 out of range"),
}
OF_FIELDS: dict[str, tuple[Damage, str]] = {
    "description missing": (lambda folder: (folder / "model.json").unlink(), "model.json: cannot be read"),
    "description no JSON": (lambda folder: (folder / "model.json").write_text("{"), "JSON"),
    "description no text": (lambda folder: (folder / "model.json").write_bytes(b'{"x": "\xff"}'), "version None"),
    "description a list": (
        lambda folder: (folder / "model.json").write_text("[]"),
        "JSON: expected `object`, got `array`",
    ),
    "description a pipe": (a_pipe("model.json"), "no regular file"),
    "description of 100 MB": (enlarged("model.json", 100 << 20), "104,857,600 bytes"),
    "description too deep": (said('"about": {', f'"about": {{"x": {DEEP},'), "recursion"),
    "description rather deep": (said('"about": {', f'"about": {{"x": {"[" * 20 + "]" * 20},'), "`about`: more than 16"),
    "taxonomy rather deep": (said('"kind": "choice"', f'"kind": {"[" * 900 + "]" * 900}'), "`taxonomy`: more than 16"),
    "version too deep": (said('"format_version": 2', f'"format_version": {DEEP}'), "recursion"),
    "newer version": (put("format_version", 99), "version 99, and this feedbackclf reads 1 to 2"),
    "no version": (put("format_version", None), "version None"),
    "version in words": (put("format_version", "2"), "version 'str'"),
    "version true": (put("format_version", True), "version True|version 'bool'"),
    "version huge": (said('"format_version": 2', '"format_version": ' + "9" * 4000), "version 9+…"),
    "version beyond all": (said('"format_version": 2', '"format_version": ' + "9" * 5000), "out of range"),
    "version of a fraction": (put("format_version", 2.0), "version 'float'"),
    "older version": (put("format_version", 1), "factors|phrases"),
    "taxonomy empty": (put("taxonomy", {}), "taxonomy"),
    "taxonomy a list": (put("taxonomy", []), "`taxonomy`: expected `object`, got `array`"),
    "taxonomy of numbers": (put("taxonomy.heads", [1]), "heads"),
    "heads twice": (put("taxonomy.heads", [{"name": "speed"}] * 2), "'speed' would be there twice"),
    "language of elsewhere": (put("taxonomy.languages.0", "../../x"), "no language code"),
    "language twice": (put("taxonomy.languages.0", "en"), "different codes"),
    "star of another script": (put("taxonomy.heads.0.from_rating", {"²": "good"}), "star"),
    "star huge": (put("taxonomy.heads.0.from_rating", {"9" * 5000: "good"}), "star"),
    "kind of words": (put("taxonomy.heads.0.kind", ["x" * 1000]), "kind"),
    "label of two lines": (put("taxonomy.heads.0.labels.0", "a\nb"), "labels"),
    "label half a character": (put("taxonomy.heads.0.labels.0", "\ud800"), "JSON|utf|surrogate"),
    "a thousand heads": (put("taxonomy.heads", [{"name": f"x{n}"} for n in range(1000)]), "1000 heads"),
    "too many labels": (
        put("taxonomy.heads", [{"name": "x", "kind": "choice", "labels": [f"{n}" for n in range(1001)]}]),
        "1001 labels",
    ),
}
OF_MODELS: dict[str, tuple[Damage, str]] = {
    "columns too few": (put("columns", [COLUMNS[0]]), "weights of shape"),
    "columns none": (put("columns", []), "`columns`: expected `array` of length >= 1"),
    "columns too many": (put("columns", ["x"] * 3000), "`columns`: expected `array` of length <= 2048"),
    "columns of numbers": (put("columns.0", 1), r"`columns\[0\]`: expected `str`, got `int`"),
    "column too long": (put("columns.0", "x" * 1000), "length <= 250"),
    "classes too few": (put("languages.classes", ["nl"]), "language weights of shape"),
    "classes none": (put("languages.classes", []), "`languages.classes`"),
    "class twice": (put("languages.classes", ["nl", "nl", "en"]), "twice"),
    "heads none": (put("heads", []), "not those of the taxonomy"),
    "heads of another name": (put("heads.0.name", "other"), "not those of the taxonomy"),
    "threshold of words": (put("heads.0.threshold", "0.5"), r"`heads\[0\].threshold`: expected `float`, got `str`"),
    "threshold too high": (put("heads.1.threshold", 1.5), r"`heads\[1\].threshold`: expected `float` <= 1.0"),
    "threshold no number": (put("heads.1.threshold", float("nan")), "JSON"),
    "threshold infinite": (said('"threshold": 0.5', '"threshold": 1e999'), r"`heads\[0\].threshold`: number out of"),
    "threshold missing": (lambda f: describe(f, lambda d: d["heads"][0].pop("threshold")), "missing required field"),
    "calibration unknown": (put("heads.0.calibration", "x" * 1000), "`heads.0..calibration`: invalid"),
    "factor of nothing": (put("heads.0.factors.0", 0), "factors"),
    "factor of words": (put("heads.0.factors.0", "two"), "factors"),
    "factor of a dimension": (put("heads.1.factors.0", 2), "factors of head 'speed'"),
    "factors too few": (put("heads.0.factors", [1]), "factors of head 'tone'"),
    "weights elsewhere": (put("weights.file", "../weights.npz"), "`weights.file`"),
    "weights at an address": (put("weights.file", "/etc/passwd"), "`weights.file`"),
    "weights not described": (put("weights", None), "`weights`: expected `object`, got `null`"),
    "hash of two lines": (put("weights.sha256", "0" * 64 + "\n"), "`weights.sha256`"),
    "no phrases": (put("phrases", None), "`phrases`"),
    "phrases missing": (drop("phrases"), "missing required field `phrases`"),
    "phrases that are not there": (put("phrases.columns", ["a", "b"]), "phrase weights of shape"),
    "gain of words": (put("phrases.gain", "x"), "`phrases.gain`"),
    "gain of nothing": (put("phrases.gain", 0), "`phrases.gain`"),
    "unknown field": (put("more", 1), "unknown field `more`"),
    "unknown field in a head": (put("heads.0.more", 1), r"`heads\[0\]`: object contains unknown field `more`"),
    "unknown field of two lines": (put("a\nb" + "x" * 1000, 1), "unknown field `a.bx+…"),
    "about a list": (put("about", []), "`about`"),
}


@pytest.mark.parametrize("kind", [*OF_FILES, *OF_FIELDS, *OF_MODELS])
def test_a_damaged_folder_is_told_in_one_line(kind: str, folder: Path) -> None:
    damage, says = (OF_FILES | OF_FIELDS | OF_MODELS)[kind]
    damage(folder)
    with pytest.raises(FeedbackError, match=says) as error:
        read_model(folder)
    told = str(error.value).replace(str(folder), "FOLDER")
    assert told.startswith("FOLDER")
    assert told.isprintable()
    assert len(told) < 400


@pytest.mark.parametrize("kind", list(OF_FIELDS))
def test_the_taxonomy_alone_is_read_as_carefully(kind: str, folder: Path) -> None:
    assert read_taxonomy(folder) == tiny_model().taxonomy
    damage, says = OF_FIELDS[kind]
    damage(folder)
    with pytest.raises(FeedbackError, match=says) as error:
        read_taxonomy(folder)
    assert str(error.value).isprintable()


@pytest.mark.parametrize("kind", ["weights too large", "a bomb", "a huge shape", "description of 100 MB"])
def test_what_is_refused_takes_little_memory(kind: str, folder: Path) -> None:
    (OF_FILES | OF_FIELDS)[kind][0](folder)
    tracemalloc.start()
    try:
        with pytest.raises(FeedbackError):
            read_model(folder)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_file_may_be_as_large_as_the_description_says(written: Path) -> None:
    description = json.loads((written / "model.json").read_text(encoding="utf-8"))
    sizes = [most_bytes(n, len(description["languages"]["classes"])) for n in (1, 10, 100)]
    assert sizes == sorted(sizes)
    assert sizes[0] > 50 * (written / "weights.npz").stat().st_size


def test_weights_may_be_a_link_to_a_file(folder: Path, tmp_path: Path) -> None:
    (folder / "weights.npz").rename(tmp_path / "elsewhere")
    (folder / "weights.npz").symlink_to(tmp_path / "elsewhere")
    assert read_model(folder).columns == COLUMNS
