"""Which parts of the rows are large enough to be shown, so that no figure is about a handful of customers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shown(sizes: NDArray[np.int64], rest: int, min_group: int) -> NDArray[np.bool_]:
    """The parts that can be shown, shape (n_parts,).

    A part is shown if it has `min_group` rows. As the figures of all rows are shown too, those of what is not shown can
    be found by subtraction, all of it together. So if there is a small part, the next larger ones are not shown either,
    until what is not shown has `min_group` rows. It is then two parts at least (the rest counts as one), and no small
    part can be told from the others.

    Args:
        sizes: rows of each part, shape (n_parts,).
        rest: rows in none of the parts, which are not shown in any case. They have nothing in common that would tell
            who they are, so a few of them need no protection.
        min_group: rows that a part must have.
    """
    visible = sizes >= max(min_group, 1)
    if not ((sizes > 0) & ~visible).any():
        return visible
    for place in np.argsort(-sizes, kind="stable")[::-1]:
        hidden = ~visible & (sizes > 0)
        if rest + sizes[hidden].sum() >= min_group:
            break
        visible[place] = False
    return visible
