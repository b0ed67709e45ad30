"""Write spaCy's tokenizer rules for our languages to src/feedbackclf/tokenizer_rules/, so that they come along as data.

python tools/tokenizer_rules.py
"""

from __future__ import annotations

from feedbackclf.taxonomy import default_taxonomy
from feedbackclf.tokenizer import MULTI_LANGUAGE, RULES, TokenizerRules, rules_path


def main() -> None:
    RULES.mkdir(exist_ok=True)
    for language in (*default_taxonomy().languages, MULTI_LANGUAGE):
        path = rules_path(language)
        path.write_text(TokenizerRules.from_spacy(language).to_json() + "\n", encoding="ascii")
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
