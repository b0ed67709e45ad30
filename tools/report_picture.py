"""Draw what a report looks like: `docs/report.png`, for the README.

Usage: python tools/report_picture.py

The feedback is that of `corpora/`; its shops, dates and stars are made up here. It takes Chromium, as the tests of
pages do.
"""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

from feedbackclf.corpus import read_corpus
from feedbackclf.taxonomy import default_taxonomy

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "report.png"
SHOPS = {"Utrecht": 0.3, "Malmö": 0.0, "Aarhus": -0.1, "Leeds": -0.4}
"""By how many stars each is better or worse."""
STARS = {"positive": 4.4, "negative": 1.7, "neutral": 3.0, "mixed": 2.9}
WIDTH, HEIGHT = 1100, 1500


def main() -> None:
    """Make a dump, a report of it, and a picture of that."""
    with tempfile.TemporaryDirectory() as folder:
        raw, page = Path(folder, "spring.csv"), Path(folder, "report.html")
        write_dump(raw)
        command = [str(Path(sys.executable).with_name("feedbackclf")), "report", str(raw), "-o", str(page)]
        subprocess.run([*command, "--title", "What customers say (made up)"], check=True)
        with sync_playwright() as running:
            chromium = shutil.which("chromium")
            browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            view.goto(page.as_uri())
            view.screenshot(path=PICTURE)
            browser.close()


def write_dump(path: Path) -> None:
    """The texts of the corpora with invented shops, dates and stars."""
    rng = random.Random(4)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "shop", "stars", "text"])
        for example in read_corpus([ROOT / "corpora"], default_taxonomy()).examples:
            shop = rng.choice(list(SHOPS))
            stars = rng.gauss(STARS[example.labels["sentiment"]] + SHOPS[shop], 0.6)
            day = date(2026, 1, 1) + timedelta(days=rng.randrange(270))
            writer.writerow([day.isoformat(), shop, min(max(round(stars), 1), 5), example.text])


if __name__ == "__main__":
    main()
