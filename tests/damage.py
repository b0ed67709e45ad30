"""Ways to damage a model folder so that the damage gets as far as possible: the hash is mended where it can be."""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Damage = Callable[[Path], object]
Entry = tuple[str, bytes, int]
"""Name, content and compression of a file in an archive."""


def describe(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what `model.json` says."""
    path = folder / "model.json"
    description = json.loads(path.read_text(encoding="utf-8"))
    change(description)
    path.write_text(json.dumps(description), encoding="utf-8")


def put(where: str, value: object) -> Damage:
    """Set a field of `model.json`, given as `heads.0.threshold`; it may be a new one."""
    *path, last = [int(part) if part.isdigit() else part for part in where.split(".")]

    def change(at: Any) -> None:
        for part in path:
            at = at[part]
        at[last] = value

    return lambda folder: describe(folder, change)


def drop(where: str) -> Damage:
    """Leave a field of `model.json` out."""
    path, _, last = where.rpartition(".")
    return lambda folder: describe(folder, lambda d: (d[path] if path else d).pop(last))


def said(old: str, new: str) -> Damage:
    """Change the text of `model.json`."""

    def damage(folder: Path) -> None:
        path = folder / "model.json"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return damage


def weigh(folder: Path, content: bytes) -> None:
    """Write `weights.npz`, with its hash."""
    (folder / "weights.npz").write_bytes(content)
    put("weights.sha256", hashlib.sha256(content).hexdigest())(folder)


def rewrite(change: Callable[[bytes], bytes]) -> Damage:
    """Change the bytes of `weights.npz`."""
    return lambda folder: weigh(folder, change((folder / "weights.npz").read_bytes()))


def reweigh(change: Callable[[dict[str, Any]], object]) -> Damage:
    """Change the arrays by name."""

    def damage(folder: Path) -> None:
        with np.load(folder / "weights.npz") as file:
            arrays = dict(file)
        change(arrays)
        np.savez(file := io.BytesIO(), **arrays)
        weigh(folder, file.getvalue())

    return damage


def array(name: str, change: Callable[[Any], Any]) -> Damage:
    """Change one of the arrays."""
    return reweigh(lambda arrays: arrays.update({name: change(arrays[name])}))


def repack(change: Callable[[list[Entry]], list[Entry]]) -> Damage:
    """Change the files in the archive."""

    def damage(folder: Path) -> None:
        with zipfile.ZipFile(folder / "weights.npz") as archive:
            entries = [(name, archive.read(name), zipfile.ZIP_STORED) for name in archive.namelist()]
        weigh(folder, packed(change(entries)))

    return damage


def packed(entries: list[Entry]) -> bytes:
    """An archive of them. Names may be there twice, at which `writestr` would warn."""
    with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
        for name, content, compression in entries:
            archive.NameToInfo.clear()  # where names that are there are looked up
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return file.getvalue()


def member(name: str, change: Callable[[bytes], bytes]) -> Damage:
    """Change the file of one array."""
    return repack(
        lambda entries: [
            (file, change(content) if file == f"{name}.npy" else content, how) for file, content, how in entries
        ]
    )


def headed(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Change the header of an array, whose size stays."""

    def change(content: bytes) -> bytes:
        size = 10 + int.from_bytes(content[8:10], "little")
        header = content[10 : size - 1].rstrip()
        assert old in header
        return content[:10] + header.replace(old, new).ljust(size - 11) + b"\n" + content[size:]

    return change


def overlapping(content: bytes) -> bytes:
    """An archive whose list of contents says of every file that it is most of the archive."""
    changed = bytearray(content)
    for found in re.finditer(b"PK\x01\x02", content):
        at, size = found.start(), len(content) // 2
        struct.pack_into("<2L", changed, at + 20, size, size)
        struct.pack_into("<L", changed, at + 42, 0)
    return bytes(changed)
