"""The figures of a tagged CSV file by another way: DuckDB counts, statsmodels and scipy do the statistics."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

import numpy as np
import statsmodels.api as sm
from statsmodels.stats.multitest import multipletests

from feedbackclf.rules import DEFAULT_RULES
from tests.report.counted import ANSWERED, JUDGED, Counted
from tests.report.reference import (
    Tree,
    change,
    estimate,
    mean,
    mean_difference,
    net,
    net_difference,
    share,
    share_change,
    shown_among,
)


class Oracle(Counted):
    """The figures, section by section."""

    def figures(self) -> Tree:
        """All that does not depend on the command line, quotes and comparison left out."""
        return {
            "source": {"rows": self.count("true"), "empty": self.count("trim(coalesce(text, '')) = ''")},
            "dates": list(self.ask("select min(date), max(date) from t")[0]),
            "languages": [
                share(label, n, self.count(ANSWERED))
                for label, n in self.ask(
                    f"select language, count(*) c from t where {ANSWERED} group by 1 order by c desc, "
                    f"list_position({[*self.taxonomy.languages, 'und']}, language)"
                )
            ],
            "sentiment": self.balance("sentiment", self.taxonomy.head("sentiment").labels, "true"),
            "rating": self.mean("true"),
            "ratings": [
                share(label, n, self.count("stars is not null"))
                for label, n in self.ask("select stars, count(*) from t where stars is not null group by 1 order by 1")
            ],
            "dimensions": [self.dimension(head.name) for head in self.taxonomy.dimensions],
            "choices": [self.choice(head.name) for head in self.taxonomy.choices if head.name != "sentiment"],
            "drivers": self.drivers(),
            "trends": self.trends(),
            "breakdowns": self.breakdowns(),
            "unsure": [self.unsure(head.name) for head in self.taxonomy.heads if head.confidence],
            "notes": [
                self.note_of_lost_labels(),
                "Actions are those of the default response rules; --rules takes those of your firm.",
            ],
        }

    def note_of_lost_labels(self) -> str:
        lost = {head.name: self.count(f"text <> '' and {head.name} is null") for head in self.taxonomy.heads}
        which = ", ".join(f"{name} {n}" for name, n in lost.items() if n)
        return f"rows with a text and no label, which are not in the shares of that label: {which}"

    def balance(self, column: str, labels: Sequence[str], where: str) -> Tree:
        n = self.count(f"{where} and {column} in {tuple(labels)}")
        shares = [share(label, self.count(f"{where} and {column} = '{label}'"), n) for label in labels]
        return {"shares": shares, "net": self.net(where, column)}

    def dimension(self, name: str) -> Tree:
        head = self.taxonomy.head(name)
        n = self.count(f"{name} is not null")
        return {
            "name": name,
            "description": head.description,
            "mentioned": share("mentioned", self.count(f"{name} in {JUDGED}"), n),
            "polarity": self.balance(name, JUDGED, "true"),
        }

    def choice(self, name: str) -> Tree:
        head = self.taxonomy.head(name)
        n = self.count(f"{name} is not null")
        labels = [
            {
                "label": label,
                "share": share(label, self.count(f"{name} = '{label}'"), n),
                "net": self.net(f"{name} = '{label}'"),
                "actions": self.actions(f"{name} = '{label}'"),
            }
            for label in head.labels
        ]
        return {"name": name, "description": head.description, "labels": labels}

    def actions(self, where: str) -> list[Tree]:
        """What the default rules do about some rows: the first that matches."""
        rules = tomllib.loads(DEFAULT_RULES.read_text(encoding="utf-8"))["rules"]
        cases = []
        for rule in rules:
            when = {head: [labels] if isinstance(labels, str) else labels for head, labels in rule["when"].items()}
            tests = " and ".join(f"{head} in ({', '.join(map(repr, labels))})" for head, labels in when.items())
            cases.append(f"when {tests} then '{rule['action']}'")
        found = self.ask(
            f"select case {' '.join(cases)} end action, count(*) n from t where {where} group by 1 "
            f"having action is not null order by n desc, list_position({[rule['action'] for rule in rules]}, action)"
        )
        return [share(action, n, self.count(where)) for action, n in found]

    def drivers(self) -> Tree:
        names = [head.name for head in self.taxonomy.dimensions]
        remarks = [(name, polarity) for name in names for polarity in ("positive", "negative")]
        columns = ", ".join(f"({name} in ('{polarity}', 'mixed'))::int" for name, polarity in remarks)
        given = " and ".join(f"{name} is not null" for name in [*names, "stars"])
        rows = np.array(self.ask(f"select stars::double, {columns} from t where {given}"), float)
        x = sm.add_constant(rows[:, 1:])
        fit = sm.OLS(rows[:, 0], x).fit(cov_type="HC3", use_t=True)
        low, high = fit.conf_int().T
        q = multipletests(fit.pvalues[1:], method="fdr_bh")[1]
        n, effects = len(rows), []
        for place, (name, polarity) in enumerate(remarks, 1):
            portion = x[:, place].mean()
            found = np.array([fit.params[place], low[place], high[place]])
            effects.append(
                {
                    "dimension": name,
                    "polarity": polarity,
                    "rows": int(x[:, place].sum()),
                    "effect": estimate(*found, n),
                    "impact": estimate(*(portion * found), n),
                    "p": fit.pvalues[place],
                    "q": q[place - 1],
                }
            )
        effects.sort(key=lambda effect: -abs(effect["impact"]["value"]))
        baseline = estimate(fit.params[0], low[0], high[0], n)
        said = {"outcome": "rating", "column": "stars", "rows": n, "baseline": baseline, "r2": fit.rsquared}
        return {**said, "effects": effects, "left_out": []}

    def trends(self) -> Tree:
        visible, _ = self.visible("period")
        periods = self.parts("period", sorted(visible))
        (x,) = self.ask(f"select {', '.join(self.since(part['name']) for part in periods)}")
        y, weights = ([part["net"][key] for part in periods] for key in ("value", "n"))
        fit = sm.WLS(y, sm.add_constant(np.array(x, float)), weights).fit()
        return {
            "column": "date",
            "unit": self.unit,
            "periods": periods,
            "left_out": int(self.ask(f"select count(distinct period) from t where {ANSWERED}")[0][0]) - len(visible),
            "undated": self.count(f"{ANSWERED} and date is null"),
            "slope": estimate(fit.params[1], *fit.conf_int()[1], sum(weights)),
            "p": fit.pvalues[1],
        }

    def breakdowns(self) -> Tree:
        found = [self.breakdown(column) for column in ("language", "shop", "channel")]
        of_groups = [group["p"] for breakdown in found for group in breakdown["groups"]]
        q = iter(multipletests(of_groups, method="fdr_bh")[1])
        of_all = multipletests([breakdown["p"] for breakdown in found], method="fdr_bh")[1]
        for breakdown, q_of_all in zip(found, of_all, strict=True):
            breakdown["q"] = q_of_all
            for group in breakdown["groups"]:
                group["q"] = next(q)
                group["differs"] = bool(group["q"] < 0.05)
        return found

    def breakdown(self, column: str) -> Tree:
        visible, hidden = self.visible(column)
        groups = []
        for part in self.parts(column, visible):
            here = self.net_counts(f"{column} = '{part['name']}'")
            others = self.net_counts(f"{column} is distinct from '{part['name']}'")
            difference, p = net_difference(here, others)
            groups.append({"part": part, "difference": difference, "p": p})
        table = self.ask(
            "pivot (select sentiment, " + column + f" g from t where {ANSWERED} and {column} in {tuple(visible)}) "
            "on sentiment using count(*) group by g"
        )
        association = sm.stats.Table(np.array([row[1:] for row in table]), shift_zeros=False)
        undetermined = " or language = 'und'" if column == "language" else ""
        return {
            "column": column,
            "groups": groups,
            "small_groups": len(hidden),
            "small_rows": sum(hidden),
            "missing": self.count(f"{ANSWERED} and ({column} is null{undetermined})"),
            "p": association.test_nominal_association().pvalue,
        }

    def parts(self, column: str, values: Sequence[str]) -> list[Tree]:
        rest = f"({column} is null or {column} not in {tuple(values)})"
        wheres = [f"{column} = '{value}'" for value in values]
        rated = [self.count(f"{where} and stars is not null") for where in wheres]
        show_rating = shown_among(rated, self.count(f"{rest} and stars is not null"), self.min_group)
        dimensions: dict[str, list[Tree]] = {}
        for name in (head.name for head in self.taxonomy.dimensions):
            mentions = [self.count(f"{where} and {name} in {JUDGED}") for where in wheres]
            show = shown_among(mentions, self.count(f"{rest} and {name} in {JUDGED}"), self.min_group)
            dimensions[name] = [
                {
                    "mentioned": share("", n, self.count(f"{where} and {name} is not null"))["share"],
                    "net": self.net(where, name) if place in show else None,
                }
                for place, (where, n) in enumerate(zip(wheres, mentions, strict=True))
            ]
        return [
            {
                "name": value,
                "rows": self.count(f"{ANSWERED} and {where}"),
                "net": self.net(where),
                "rating": self.mean(where) if place in show_rating else None,
                "dimensions": {name: found[place] for name, found in dimensions.items()},
            }
            for place, (value, where) in enumerate(zip(values, wheres, strict=True))
        ]

    def compared_with(self, before: Oracle) -> list[Tree]:
        """The changes since another dump."""
        changes: list[Tree] = []
        for head in self.taxonomy.heads:
            n = [x.count(f"{head.name} is not null") for x in (before, self)]
            if head.is_dimension:
                mentions = [x.count(f"{head.name} in {JUDGED}") for x in (before, self)]
                changes.append(share_change(head.name, "mentioned", mentions, n))
            if head.is_dimension or head.name == "sentiment":
                old, new = (x.net_counts("true", head.name) for x in (before, self))
                changes.append(change(head.name, "net", net(*old), net(*new), *net_difference(new, old)))
            if not head.is_dimension:
                for label in head.labels:
                    counts = [x.count(f"{head.name} = '{label}'") for x in (before, self)]
                    changes.append(share_change(head.name, label, counts, n))
        old, new = before.stars(), self.stars()
        changes.append(change("rating", "mean", mean(old), mean(new), *mean_difference(new, old)))
        for one, q in zip(changes, multipletests([one["p"] for one in changes], method="fdr_bh")[1], strict=True):
            one.update(q=q, differs=bool(q < 0.05))
        return changes

    def unsure(self, name: str) -> Tree:
        p = f"{name}_confidence::double"
        is_dimension = self.taxonomy.head(name).is_dimension
        count = self.count(f"{p} between 0.35 and 0.65" if is_dimension else f"{p} < 0.6")
        return {"head": name, "unsure": share("unsure", count, self.count(f"{name}_confidence is not null"))}
