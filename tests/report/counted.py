"""A tagged CSV file in DuckDB, and what can be counted there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from feedbackclf.taxonomy import Taxonomy
from tests.report.reference import Tree, longest_prefix, mean, net

JUDGED = ("positive", "negative", "mixed")
ANSWERED = "sentiment is not null"


class Counted:
    """Answers for one file, whose columns are those of `tagged.py`; `unit` is that of the periods."""

    def __init__(self, path: Path, taxonomy: Taxonomy, min_group: int, unit: str) -> None:
        self.taxonomy, self.min_group, self.unit = taxonomy, min_group, unit
        self.db = duckdb.connect()
        self.db.execute("create table t as select * from read_csv(?, all_varchar=true, header=true)", [str(path)])
        self.db.execute("alter table t add column period varchar")
        self.db.execute(f"update t set period = strftime(date_trunc('{unit}', date::date), '%Y-%m-%d')")

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.db.execute(sql).fetchall()

    def count(self, where: str) -> int:
        return int(self.ask(f"select count(*) from t where {where}")[0][0])

    def net(self, where: str, column: str = "sentiment") -> Tree:
        return net(*self.net_counts(where, column))

    def net_counts(self, where: str, column: str = "sentiment") -> tuple[int, int, int]:
        given = f"{where} and {column} is not null and {column} <> 'none'"
        return (
            self.count(f"{where} and {column} = 'positive'"),
            self.count(f"{where} and {column} = 'negative'"),
            self.count(given),
        )

    def mean(self, where: str) -> Tree:
        return mean(self.stars(where))

    def stars(self, where: str = "true") -> np.ndarray:
        rows = self.ask(f"select stars::double from t where {where} and stars is not null")
        return np.array([row[0] for row in rows], float)

    def since(self, day: str) -> str:
        days_or_more = (
            "date_diff('day', date '2026-01-05', date '{}') // 7"
            if self.unit == "week"
            else (f"date_diff('{self.unit}', date '2026-01-01', date '{{}}')")
        )
        return days_or_more.format(day)

    def visible(self, column: str) -> tuple[list[str], list[int]]:
        """The values that can be shown, the most frequent first, and how many rows each of the others has."""
        first = "list_position(" + str([*self.taxonomy.languages]) + ", language)" if column == "language" else "rowid"
        groups = self.ask(
            f"select count(*) n, {column} from t where {ANSWERED} and {column} is not null and {column} <> 'und' "
            f"group by 2 order by n desc, (select min({first}) from t u where u.{column} = t.{column})"
        )
        rest = self.count(f"{ANSWERED} and {column} is null or {ANSWERED} and {column} = 'und'")
        n = longest_prefix([n for n, _ in groups], rest, self.min_group)
        return [value for _, value in groups[:n]], [n for n, _ in groups[n:]]
