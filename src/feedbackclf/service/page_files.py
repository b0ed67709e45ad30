"""The page at `/`: index.html and what it loads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).with_name("page")
# Not what the machine thinks of extensions: browsers run no script that is said to be something else.
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}

PAGE_FILES: Mapping[str, tuple[Path, str]] = {
    "/" if path.name == "index.html" else f"/{path.name}": (path, _TYPES[path.suffix])
    for path in sorted(_FOLDER.iterdir())
    if path.suffix in _TYPES
}
"""For each path of a URL the file and its media type."""
