"""The pages of the documentation: the reference is what the code says, links lead somewhere, nothing is loaded."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.reference import command_line, python_api

ROOT = Path(__file__).parents[1]
LOADED = re.compile(r"""<(?:script|img|iframe|source)\b[^>]*?\ssrc=["']?([^"'\s>]+)|<link\b([^>]*)>""")
SHEET = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
ELSEWHERE = re.compile(r"(?:https?:)?//")
CONFIGURATION = ROOT / "tools" / "site" / "mkdocs.yml"


def build(configuration: Path, into: Path) -> subprocess.CompletedProcess[str]:
    command = ["-m", "mkdocs", "build", "--strict", "-f", str(configuration), "-d", str(into)]
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(CONFIGURATION, folder)
    assert done.returncode == 0, done.stderr
    return folder


def loaded_by(page: str) -> list[str]:
    """Addresses that a browser would fetch for a page of HTML."""
    found = []
    for source, link in LOADED.findall(page):
        if source:
            found.append(source)
        elif not re.search(r"""rel=["']?(?:canonical|prev|next)\b""", link):
            found += re.findall(r"""href=["']?([^"'\s>]+)""", link)
    return found


def test_the_site_has_the_pages_and_the_files_they_link_to(site: Path) -> None:
    for page in ("index.html", "docs/recipes.html", "docs/quick-start/analyst.html", "docs/reference/cli.html"):
        assert (site / page).exists(), page
    for file in ("corpora/sample.csv", "docs/report.png", "src/feedbackclf/default_rules.toml", "LICENSE"):
        assert (site / file).read_bytes() == (ROOT / file).read_bytes(), file


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = [path.read_text(encoding="utf-8") for path in site.rglob("*.html")]
    sheets = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    loaded = [address for page in pages for address in loaded_by(page)]
    loaded += [address for sheet in sheets for both in SHEET.findall(sheet) for address in both if address]
    assert len(loaded) > len(pages)
    assert [address for address in loaded if ELSEWHERE.match(address)] == []


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://a.example/b.js">',
        '<link rel="stylesheet" href="//a.example/b.css">',
        "<img alt=x src=http://a.example/b>",
    ],
)
def test_what_is_loaded_from_elsewhere_would_be_found(tag: str) -> None:
    (address,) = loaded_by(tag)
    assert ELSEWHERE.match(address)


@pytest.mark.parametrize(
    "broken", ["[there](no-such-page.md)", "[there](b.md#no-such-heading)", "[there](no-such.csv)"]
)
def test_a_broken_link_fails_the_build(broken: str, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "README.md").write_text(broken, encoding="utf-8")
    (tmp_path / "docs" / "b.md").write_text("# B\n", encoding="utf-8")
    settings = CONFIGURATION.read_text(encoding="utf-8").split("nav:\n  - ")[0].replace("../../docs", "docs")
    settings = settings.replace("../../build/docs", "site").replace("hooks: [pages.py]\n", "")
    (tmp_path / "mkdocs.yml").write_text(settings, encoding="utf-8")
    done = build(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert done.returncode == 1
    assert "no-such" in done.stderr


def test_the_reference_is_what_the_code_says() -> None:
    import typer

    from feedbackclf.commands import app

    written = {
        name: (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") for name in ("cli.md", "python.md")
    }
    assert written["cli.md"] == command_line(typer.main.get_command(app)), "run tools/reference.py"
    assert written["python.md"] == python_api(), "run tools/reference.py"
