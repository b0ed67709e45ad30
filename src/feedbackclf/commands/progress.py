"""How far a command is, as one line on stderr, for as long as there is something to wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta


@contextmanager
def shown_progress(shown: bool) -> Iterator[Callable[[int, float], None]]:
    """Gives a function that is told how many rows were just done, and which share of all input is done with them.

    The share is from 0 to 1, and 0 if it cannot be told: then the line has rows and time, and no time left.
    """
    if not shown:
        yield lambda rows, share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TimeElapsedColumn(), BarColumn(15), TextColumn("{task.fields[told]}")
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task, done = bar.add_task("", total=None, told=""), 0

        def advance(rows: int, share: float) -> None:
            nonlocal done
            done += rows
            bar.update(task, completed=share or done, total=1 if share else None)
            bar.update(task, told=in_words(done, share, bar.tasks[0].speed))

        yield advance


def in_words(rows: int, share: float, speed: float | None) -> str:
    """What the line says: percentage, rows, rate and time left, as far as they are known.

    Args:
        rows: that are done.
        share: of all input that they are, 0 if unknown.
        speed: what is added to the share in a second or, if that is unknown, to the rows.
    """
    parts = [f"{share:.0%}"] if share else []
    parts.append(f"{rows:,} rows")
    if speed:
        parts.append(f"{speed * rows / (share or rows):,.0f} rows/s")
        if share:
            parts.append(f"{timedelta(seconds=round(max(1 - share, 0) / speed))} left")
    return "  ".join(parts)
