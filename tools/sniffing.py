"""Measure how well encodings and delimiters are told, and write `docs/sniffing.md` from `docs/sniffing.json`.

Usage: python tools/sniffing.py [--measure | --check]

`--measure` makes files of the texts in `corpora/` and takes a minute. It needs charset-normalizer, chardet and
clevercsv, which nothing else here needs: install them into an environment of their own. Without it the page is written
anew from the figures, and `--check` only compares.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from feedbackclf.tables import encoding as encodings
from feedbackclf.tables.dialect import NO_DELIMITER, detected_delimiter

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "sniffing.json"
LANGUAGES = ("nl", "da", "sv", "en")
ENCODINGS = {
    "UTF-8": "utf-8",
    "UTF-8 with a mark": "utf-8-sig",
    "UTF-16 with a mark": "utf-16",
    "UTF-16-LE without": "utf-16-le",
    "Windows-1252": "cp1252",
    "Latin-1": "latin-1",
    "DOS (cp850)": "cp850",
    "Mac Roman": "mac-roman",
}
FOREIGN = ("DOS (cp850)", "Mac Roman")  # here it is right to ask
FILES = {1: 40, 10: 20, 100: 5, 1000: 1}  # rows → files for each language and encoding
DIALECT_ROWS = (1, 5, 50)
NAMES = ["id", "text", "rating"]
ABOUT = """\
How well `feedbackclf` tells encodings and delimiters, beside libraries for that. Written by `tools/sniffing.py`.

The files are made of the texts in `corpora/`, in four languages. Each has at least one letter or sign outside ASCII.
An answer is right if the text that is read is the text that was written. For DOS and Macintosh files it is right as
well to ask: `feedbackclf` reads them with `--encoding`. Our signs of such files were chosen with these texts in view,
so those figures flatter us."""


def main() -> None:
    """Measure, write, or with --check only compare."""
    if "--measure" in sys.argv:
        figures = {"encodings": measure_encodings(random.Random(7)), "delimiters": measure_delimiters(random.Random(7))}
        parts = [f'"{name}": [\n' + ",\n".join(map(json.dumps, found)) + "\n]" for name, found in figures.items()]
        FILE.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    page, path = rendered(json.loads(FILE.read_text(encoding="utf-8"))), FILE.with_suffix(".md")
    if "--check" in sys.argv:
        sys.exit(
            None if path.read_text(encoding="utf-8") == page else f"{path.name} is not up to date; run this script"
        )
    path.write_text(page, encoding="utf-8")


def our_encoding(data: bytes) -> str | None:
    """The text as we read it; None if we ask."""
    charset = encodings.begun(data) or encodings.detected(data)
    return charset and data[charset.mark :].decode(charset.codec, "replace")


def measure_encodings(rng: random.Random) -> list[dict[str, Any]]:
    """One entry per language, encoding and number of rows: how many files there were, how many each got right."""
    import chardet
    import charset_normalizer

    def by_chardet(data: bytes) -> str | None:
        name = chardet.detect(data)["encoding"]
        return data.decode(name, "replace") if name else None

    def by_charset_normalizer(data: bytes) -> str | None:
        best = charset_normalizer.from_bytes(data).best()
        return best and str(best)

    tools = {"feedbackclf": our_encoding, "charset-normalizer": by_charset_normalizer, "chardet": by_chardet}
    entries = []
    for language in LANGUAGES:
        texts = texts_of(language)
        for title, codec in ENCODINGS.items():
            held = [text for text in texts if text == text.encode(codec, "ignore").decode(codec)]
            telling = [text for text in held if not text.isascii()]
            for rows, files in FILES.items():
                contents = [
                    "id,text\n"
                    + "".join(f"{n},{text}\n" for n, text in enumerate([*rng.choices(held, k=rows - 1), one]))
                    for one in rng.choices(telling, k=files)
                ]
                entry: dict[str, Any] = {"language": language, "encoding": title, "rows": rows, "files": files}
                for name, tool in tools.items():
                    started = time.perf_counter()
                    found = [tool(content.encode(codec)) for content in contents]
                    seconds = time.perf_counter() - started
                    right = sum(
                        title in FOREIGN if text is None else text.removeprefix("\ufeff") == content
                        for text, content in zip(found, contents, strict=True)
                    )
                    entry[name] = {"right": right, "asked": found.count(None), "seconds": round(seconds / files, 5)}
                entries.append(entry)
    return entries


def measure_delimiters(rng: random.Random) -> list[dict[str, Any]]:
    """One entry per kind of file: how many there were, how many each got right."""
    import clevercsv

    def by_csv(text: str) -> str:
        try:
            return csv.Sniffer().sniff(text, ",;\t|").delimiter
        except csv.Error:
            return NO_DELIMITER

    def by_clevercsv(text: str) -> str:
        dialect = clevercsv.Detector().detect(text, delimiters=[",", ";", "\t", "|"])
        return (dialect and dialect.delimiter) or NO_DELIMITER

    def ours(text: str) -> str:
        return detected_delimiter(text, is_whole=True)

    tools = {"feedbackclf": ours, "csv.Sniffer": by_csv, "clevercsv": by_clevercsv}
    texts = [text for language in LANGUAGES for text in texts_of(language)]
    entries = []
    for title, make in KINDS.items():
        files = [(d, make(rng, texts, d, rows)) for d in ",;\t|" for rows in DIALECT_ROWS for _ in range(4)]
        if title == "one column":
            files = [(NO_DELIMITER, text) for _, text in files]
        entry: dict[str, Any] = {"kind": title, "files": len(files)}
        for name, tool in tools.items():
            started = time.perf_counter()
            right = sum(tool(text) == delimiter for delimiter, text in files)
            entry[name] = {"right": right, "seconds": round((time.perf_counter() - started) / len(files), 5)}
        entries.append(entry)
    return entries


Make = Callable[[random.Random, Sequence[str], str, int], str]
Row = list[str]


def _kind(change: Callable[[random.Random, Row], Row], names: Row = NAMES, quoting: Any = csv.QUOTE_MINIMAL) -> Make:
    def make(rng: random.Random, texts: Sequence[str], delimiter: str, rows: int) -> str:
        stream = io.StringIO(newline="")
        table = [[str(n), rng.choice(texts), str(rng.randint(1, 5))] for n in range(rows)]
        csv.writer(stream, delimiter=delimiter, quoting=quoting).writerows(
            [names, *(change(rng, row) for row in table)]
        )
        return stream.getvalue()

    return make


def _one_column(rng: random.Random, texts: Sequence[str], delimiter: str, rows: int) -> str:
    return "text\n" + "".join(f"{text}\n" for text in rng.choices(texts, k=rows))


KINDS: Mapping[str, Make] = {
    "three columns": _kind(lambda rng, row: row),
    "every cell in quotes": _kind(lambda rng, row: row, quoting=csv.QUOTE_ALL),
    "numbers and a name with commas": _kind(
        lambda rng, row: [*row, f"{rng.randint(1, 90)},{rng.randint(10, 99)}"], [*NAMES, "prijs, ca."]
    ),
    "other delimiters in the texts": _kind(
        lambda rng, row: [row[0], row[1].replace(" ", rng.choice(",;|") + " ", 3), row[2]]
    ),
    "quoted line ends": _kind(lambda rng, row: [row[0], row[1].replace(". ", ".\n- "), row[2]]),
    "a fifth of the rows a cell short": _kind(lambda rng, row: row[: 2 if rng.random() < 0.2 else 3]),
    "one column": _one_column,
}


def texts_of(language: str) -> list[str]:
    """The texts of the corpus, without line ends."""
    lines = (ROOT / "corpora" / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [" ".join(json.loads(line)["text"].split()) for line in lines]


def rendered(figures: Mapping[str, list[dict[str, Any]]]) -> str:
    """The page, in Markdown."""
    tools = ["feedbackclf", "charset-normalizer", "chardet"]
    found, sniffers = figures["encodings"], ["feedbackclf", "csv.Sniffer", "clevercsv"]
    parts = [
        "# Telling encodings and delimiters",
        ABOUT,
        "## Encodings",
        _shares(found, ("encoding", "rows"), tools),
        "By language, all sizes together:",
        _shares(found, ("encoding", "language"), tools),
        "Milliseconds for a file:",
        _milliseconds(found, "rows", tools),
        "## Delimiters",
        "Files with `,` `;` tab and `|`, of 1, 5 and 50 rows, as Python's `csv` writes them.",
        _shares(figures["delimiters"], ("kind",), sniffers),
        "Milliseconds for a file:",
        _milliseconds(figures["delimiters"], "kind", sniffers),
    ]
    return "\n\n".join(parts) + "\n"


def _shares(entries: Iterable[Mapping[str, Any]], keys: Sequence[str], tools: Sequence[str]) -> str:
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for entry in entries:
        groups[tuple(entry[key] for key in keys)].append(entry)
    rows = []
    for group, members in groups.items():
        files = sum(member["files"] for member in members)
        shares = [f"{sum(member[tool]['right'] for member in members) / files:.1%}" for tool in tools]
        rows.append([*map(str, group), str(files), *shares])
    return _markdown([*keys, "files", *tools], rows)


def _milliseconds(entries: Iterable[Mapping[str, Any]], key: str, tools: Sequence[str]) -> str:
    groups: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for entry in entries:
        groups[entry[key]].append(entry)
    rows = [
        [str(group), *(f"{1000 * sum(m[tool]['seconds'] for m in members) / len(members):.2f}" for tool in tools)]
        for group, members in groups.items()
    ]
    return _markdown([key, *tools], rows)


def _markdown(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
