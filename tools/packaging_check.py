"""Build wheel and sdist into dist/, install each into an empty environment, and do the main job without a network.

Usage: python tools/packaging_check.py [DIST]

With DIST, a folder with one wheel and an sdist, these are tried, and nothing is built. Dependencies come from the
package index. Where `uvx` is on the path, the wheel is also run with that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = "Quick delivery, but the zip broke on the first day"
JOBS: tuple[tuple[str, ...], ...] = (
    ("--help",),
    ("models", "show", "default"),
    ("explain", TEXT),
    ("predict", "reviews.csv", "--rules", "default", "-o", "tagged.csv"),
    ("report", "tagged.csv", "-o", "report.html", "--png", "slides"),
)
IN_THE_WHEEL = (
    "feedbackclf/py.typed",
    "feedbackclf/default_taxonomy.toml",
    "feedbackclf/models/default/weights.npz",
    "feedbackclf/report/pages/templates/page.html.j2",
)
IN_THE_SDIST = (
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
    "corpora/LICENSE",
    "models/default/weights.npz",
    "tests/tiny.py",
)
NO_NETWORK = '''\
"""Python imports this when it starts. No socket of this process reaches another machine."""
import socket


def refuse(*arguments, **options):
    raise SystemExit("packaging_check: something asked for the network")


socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
'''


def main() -> None:
    """Build and try everything; the exit code is 1 if something does not hold."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        dist = Path(sys.argv[1]) if len(sys.argv) > 1 else build(work / "build")
        (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
        check_contents(wheel, sdist)
        for archive in (wheel, sdist):
            say(f"trying {archive.name}")
            python = installed(archive, work / f"venv-{archive.suffix[1:]}")
            do_the_job([str(python.with_name("feedbackclf"))], work / f"job-{archive.suffix[1:]}", python)
        if uvx := shutil.which("uvx"):
            say(f"trying uvx --from {wheel.name}")
            run([uvx, "--from", str(wheel), "feedbackclf", "explain", TEXT], work, dict(os.environ))
    say("everything holds")


def build(environment: Path) -> Path:
    """The sdist, and the wheel made of it, in dist/, which is emptied first."""
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    python = empty(environment)
    run([str(python), "-m", "pip", "install", "--quiet", "build"], ROOT, dict(os.environ))
    run([str(python), "-m", "build", "--outdir", str(dist), str(ROOT)], ROOT, dict(os.environ))
    return dist


def check_contents(wheel: Path, sdist: Path) -> None:
    """What has to be in each, the licence first."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    licences = [name for name in inside if name.endswith(".dist-info/licenses/LICENSE")]
    missing = [name for name in IN_THE_WHEEL if name not in inside]
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    missing += [name for name in IN_THE_SDIST if name not in inside]
    if missing or not licences:
        sys.exit(f"packaging_check: missing: {', '.join(missing) or 'the licence of the wheel'}")


def empty(folder: Path) -> Path:
    """A new environment; gives its Python."""
    venv.create(folder, with_pip=True)
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def installed(archive: Path, folder: Path) -> Path:
    """An environment with nothing but an archive and its dependencies; gives its Python."""
    python = empty(folder)
    run([str(python), "-m", "pip", "install", "--quiet", f"{archive.resolve()}[report]"], ROOT, dict(os.environ))
    return python


def do_the_job(feedbackclf: Sequence[str], folder: Path, python: Path) -> None:
    """Tag, explain and report where there is no network, and nothing of this repository but a few texts."""
    folder.mkdir()
    shutil.copy(ROOT / "corpora" / "sample.csv", folder / "reviews.csv")
    (folder / "cut" / "sitecustomize.py").parent.mkdir()
    (folder / "cut" / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(folder / "cut"), "HOME": str(folder)}
    # The guard is for Python alone; a name space without a network, where Linux lets us have one, is for everything.
    unshare = shutil.which("unshare")
    can = unshare and subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode == 0
    apart = [unshare, "-rn"] if unshare and can else []
    check_the_guard(python, folder, environment)
    for words in JOBS:
        run([*apart, *feedbackclf, *words], folder, environment)
    rows = (folder / "tagged.csv").read_text(encoding="utf-8").splitlines()
    if "sentiment" not in rows[0] or len(rows) < 16 or not (folder / "report.html").stat().st_size:
        sys.exit("packaging_check: tagged.csv or report.html is not what it should be")


def check_the_guard(python: Path, folder: Path, environment: dict[str, str]) -> None:
    """Whether asking for the network would be noticed."""
    ask = "import socket; socket.create_connection(('127.0.0.1', 9))"
    done = subprocess.run([str(python), "-c", ask], cwd=folder, env=environment, capture_output=True, check=False)
    if b"asked for the network" not in done.stderr:
        sys.exit("packaging_check: the network is not cut")


def run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    """Run a command, whose output matters only if it fails."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"packaging_check: exit code {done.returncode}: {' '.join(command)}\n{done.stdout}{done.stderr}")


def say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
