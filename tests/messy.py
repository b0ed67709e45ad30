"""What people write, and worse: texts and chunks for tests that draw at random."""

from __future__ import annotations

from hypothesis import strategies as st

from feedbackclf.tokens import Tokens

PIECES = st.sampled_from(
    [
        "bl.a.", "f.eks.", "don't", "t.ex.", "d.w.z.", "m.a.o.", "a.s.a.p.", "z'n", "'s", "it's", "can't!", "o.s.v.",
        "café", "cafe\u0301", "å", "A\u030a", "Økologisk", "smörgås", "€12,50", "12.30", "kl.", "50%", "10kg", "t/m",
        "www.example.com/a?b=c", "info@example.com", "#fail", "@home", ":)", ":-(", "<3", "👍", "👍🏽", "🇳🇱!",
        "👩\u200d👧", "(ok)", "\"ja\"", "“nee”", "«nej»", "...", "?!", "wacht...", "super!!!", "HUH????", "(((", "-",
        "—", "e-mail", "either/or", "U.S.", "Mr.", "dr.", "US$5", "5km.", "37°C", "10.0.0.1", "1.2.3", "8)", "D:",
        "x'", "’t", "`n`", "goed.Fijn", "traag!Écht", "x" * 70, "\u200b", "\u0301", "ﬁjn", "İ", "ß", "ªº", "²", "ǅ",
        "نعم", "日本語", "Ж.",
    ]
)  # fmt: skip
BLANKS = st.sampled_from([" ", "  ", "\n", "\t", "\u00a0", "\r\n", "\x1f", "\x85", "\u2003", "\u3000"])
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
MESSY = st.lists(st.tuples(PIECES, BLANKS | st.just("")), max_size=12).map(lambda x: "".join(a + b for a, b in x))
TEXTS = st.lists(MESSY | ANY_TEXT, max_size=6)
CHUNK = (st.lists(PIECES, min_size=1, max_size=4).map("".join) | ANY_TEXT).map(lambda x: "".join(x.split()))
CHUNKS = st.lists(CHUNK.filter(bool), min_size=1, max_size=8)


def strings(tokens: Tokens) -> list[str]:
    """The tokens themselves."""
    text = tokens.codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    return [text[a : a + n] for a, n in zip(tokens.start.tolist(), tokens.length.tolist(), strict=True)]


def by_chunk(tokens: Tokens, n_chunks: int) -> list[list[str]]:
    """The tokens of each chunk."""
    found: list[list[str]] = [[] for _ in range(n_chunks)]
    for chunk, token in zip(tokens.chunk.tolist(), strings(tokens), strict=True):
        found[chunk].append(token)
    return found
