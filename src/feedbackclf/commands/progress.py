"""How far a command is, as one line on stderr for as long as there is something to wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from feedbackclf.table_training import Say


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


@contextmanager
def shown_steps(shown: bool) -> Iterator[Say]:
    """Gives a function that is told what begins; where it has several steps, a line shows how far they are.

    Without the line, which only a terminal can have, it says every step.
    """
    if not shown:
        from feedbackclf.table_training import in_a_line

        yield lambda message, step=0, steps=0: typer.echo(in_a_line(message, step, steps), err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TimeElapsedColumn(), BarColumn(15), TextColumn("{task.description}")
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=None)

        def say(message: str, step: int = 0, steps: int = 0) -> None:
            nonlocal task
            if step <= 1:
                bar.console.print(message, markup=False, highlight=False)
                bar.remove_task(task)
                task = bar.add_task("", total=steps or None)
            if steps:
                bar.update(task, completed=step - 1)
                bar.update(task, description=steps_in_words(step, steps, bar.tasks[0].speed), refresh=True)

        yield say


def steps_in_words(step: int, steps: int, speed: float | None) -> str:
    """The same for steps, of which this one begins and `speed` are done in a second."""
    left = f"  {timedelta(seconds=round((steps - step + 1) / speed))} left" if speed else ""
    return f"step {step} of {steps}{left}"


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
