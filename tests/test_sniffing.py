"""The page on telling encodings and delimiters is that of the figures beside it."""

from __future__ import annotations

import json

from tools import sniffing


def test_the_page_is_that_of_the_figures() -> None:
    figures = json.loads(sniffing.FILE.read_text(encoding="utf-8"))
    assert sniffing.FILE.with_suffix(".md").read_text(encoding="utf-8") == sniffing.rendered(figures)


def test_windows_1252_is_told_in_every_language() -> None:
    for language in sniffing.LANGUAGES:
        for text in sniffing.texts_of(language):
            data = text.encode("cp1252", "ignore")
            if not data.isascii():
                assert sniffing.our_encoding(data) == data.decode("cp1252")
