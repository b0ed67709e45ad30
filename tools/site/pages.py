"""What the site shows: the pages of this repository at the paths they have in it, so that links between them hold."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
SHOWN = (
    "*.md",
    "LICENSE",
    "docs/**/*",
    "benchmarks/README.md",
    "benchmarks/*.svg",
    "benchmarks/*.json",
    "corpora/README.md",
    "corpora/LICENSE",
    "corpora/sample.csv",
    "src/feedbackclf/default_*.toml",
    "src/feedbackclf/report/figures.py",
)
"""Pages, and the other files that they link to. A link to anything else fails the build."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The files of this repository, in place of those that MkDocs found; and what the theme brings."""
    own = sorted(path for pattern in SHOWN for path in ROOT.glob(pattern) if path.is_file())
    pages = [File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)) for path in own]
    return Files([*(file for file in files if file.src_dir != config.docs_dir), *pages])
