"""What holds the package together: versions, the console script, the lock file, and the README."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

import feedbackclf

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]

RUN_HELP = """
import sys
from feedbackclf.commands import main

sys.argv = ["feedbackclf", "--help"]
try:
    main()
    code = 0
except SystemExit as stop:
    code = stop.code or 0
heavy = {"joblib", "langdetect", "numpy", "pyarrow", "scipy", "sklearn", "spacy"} & set(sys.modules)
print("imported:", *sorted(heavy), file=sys.stderr)
sys.exit(code)
"""


def test_the_version_stands_in_one_place() -> None:
    assert "version" not in PROJECT
    assert PROJECT["dynamic"] == ["version"]
    home = ROOT / PYPROJECT["tool"]["hatch"]["version"]["path"]
    assert home == Path(feedbackclf.__file__)
    assert f'__version__ = "{feedbackclf.__version__}"' in home.read_text(encoding="utf-8")


def test_help_is_quick_because_it_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", RUN_HELP], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == "imported:"
    for command in ("predict", "train", "evaluate", "corpus", "models"):
        assert command in done.stdout


def test_the_console_script_is_the_main_of_the_commands() -> None:
    assert PROJECT["scripts"] == {"feedbackclf": "feedbackclf.commands:main"}


def test_the_lock_file_pins_every_dependency_and_names_no_host() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*( ; .+)?", line) for line in lines)
    pinned = {line.split("==")[0] for line in lines}
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    assert {re.split(r"[<>=!~\[ ;]", name)[0].lower() for name in wanted} <= pinned


def test_the_quick_start_of_the_readme_is_two_verbs_of_the_makefile() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    quick_start = readme.split("## Quick start")[1].split("\n## ")[0]
    commands = re.findall(r"^make (\w+)", quick_start, re.MULTILINE)
    assert commands == ["demo", "test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{command}:", makefile, re.MULTILINE) for command in commands)


def test_the_image_copies_what_there_is_and_runs_as_nobody_in_particular() -> None:
    build, final = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")[1:]
    copied = [word for line in re.findall(r"^COPY (.*)", build, re.MULTILINE) for word in line.split()[:-1]]
    assert "src" in copied
    assert all((ROOT / name).exists() for name in copied)
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert let_in[1] == "*"
    assert {f"!{name.rstrip('/')}" for name in copied} == {line for line in let_in if line.startswith("!")}
    assert re.search(r"^USER [1-9]\d*$", final, re.MULTILINE)
    assert 'ENTRYPOINT ["feedbackclf"]' in final
    assert not re.search(r"apt-get|gcc|pip", final)


def test_the_release_refuses_a_tag_that_is_not_the_version() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    check = next(s["run"] for s in workflow["jobs"]["sdist"]["steps"] if s.get("name", "").startswith("The tag is"))
    for tag, code in {f"v{feedbackclf.__version__}": 0, "v9.9.9": 1}.items():
        environment = {**os.environ, "GITHUB_REF_NAME": tag}
        done = subprocess.run(["bash", "-c", check], cwd=ROOT, env=environment, capture_output=True, check=False)
        assert done.returncode == code, tag
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["jobs"]["publish"]["needs"] == "check"
