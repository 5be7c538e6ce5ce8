"""Which episodes of a rollout are recorded, where not all are: decided by rewards and ends alone, before anything else is copied."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from .arrays import END_FIELDS, Array, ends_of, host
from .errors import argument_invalid
from .fields import Fields
from .rollout import STATE_PARTS, Rollout, take_leaves
from .starts import task_ids
from .tree import is_immutable

Pick = Literal["best", "worst", "first_solved"]
_DECIDING = ("reward", "success", "similarity", *END_FIELDS)


@dataclass(frozen=True)
class _Span:
    """An episode of a rollout: rows `first` to before `end` of a column."""

    column: int
    first: int
    end: int


@dataclass
class PickJob:
    """A rollout of JAX's arrays that may still be computed: its episodes are picked when they are there."""

    rollout: Rollout
    picks: Sequence[Pick]


class Picker:
    """Remembers which tasks have been solved."""

    def __init__(self) -> None:
        self._solved: set[str] = set()

    def pick(self, rollout: Rollout, picks: Sequence[Pick]) -> list[Rollout]:
        """A rollout of its own for each episode that is picked of those that begin and end in this one."""
        leaves = {name: host(rollout.fields.get(name)) for name in _DECIDING if name in rollout.fields}
        spans, gained = _spans(leaves, rollout)
        chosen: dict[_Span, None] = {}
        if spans and "best" in picks:
            chosen[spans[int(np.argmax(gained))]] = None
        if spans and "worst" in picks:
            chosen[spans[int(np.argmin(gained))]] = None
        if "first_solved" in picks:
            chosen.update(dict.fromkeys(self._first_solved(spans, leaves, rollout)))
        return [_part(rollout, span) for span in sorted(chosen, key=lambda span: (span.end, span.column))]

    def _first_solved(self, spans: list[_Span], leaves: dict[str, Array], rollout: Rollout) -> list[_Span]:
        by = leaves["success"] != 0 if "success" in leaves else leaves["similarity"] >= 1
        found = []
        for span in sorted(spans, key=lambda span: (span.end, span.column)):
            if not by[span.end - 1, span.column]:
                continue
            (task,) = task_ids(_state(rollout, span), rollout.tasks)
            if task not in self._solved:
                self._solved.add(task)
                found.append(span)
        return found


def check_picks(picks: Sequence[Pick] | Pick | None, rollout: Rollout) -> Sequence[Pick]:
    """Raises ARGUMENT_INVALID."""
    if picks is None:
        return ()
    words = (picks,) if isinstance(picks, str) else tuple(picks)
    for word in words:
        if word not in get_args(Pick):
            raise argument_invalid("pick", f"there is no '{word}'; there are {', '.join(get_args(Pick))}")
    if "first_solved" in words and "success" not in rollout.fields and "similarity" not in rollout.fields:
        raise argument_invalid("pick", "first_solved needs 'success' or 'similarity' in the rollout")
    return words


def can_decide(rollout: Rollout) -> bool:
    """Whether the values are there: arrays of JAX may still be computed."""
    return not any(is_immutable(rollout.fields.get(name)) for name in _DECIDING if name in rollout.fields)


def _spans(leaves: dict[str, Array], rollout: Rollout) -> tuple[list[_Span], Array]:
    """The episodes that end in the rollout and whose beginning is known, and the sum of rewards of each."""
    shape = rollout.rows, rollout.environments
    terminated, truncated = ends_of(leaves, shape)
    column, last = np.nonzero((terminated | truncated).T)
    is_next = np.concatenate([np.zeros(min(1, len(column)), np.bool_), column[1:] == column[:-1]])
    first = np.where(is_next, np.concatenate([np.zeros(1, np.intp), last[:-1] + 1])[: len(last)], 0)
    known = np.full(len(first), True) if "before.grid" in rollout.fields or rollout.start is not None else first > 0
    if "before.grid" not in rollout.fields and "next.grid" not in rollout.fields:
        known &= first == 0
    column, first, last = column[known], first[known], last[known]
    sums = np.concatenate([np.zeros((1, shape[1])), np.cumsum(np.nan_to_num(leaves["reward"].astype(np.float64)), axis=0)])
    gained = sums[last + 1, column] - sums[first, column]
    return [_Span(int(c), int(a), int(b) + 1) for c, a, b in zip(column, first, last, strict=True)], gained


def _state(rollout: Rollout, span: _Span) -> Fields:
    """With which the episode begins, `[1, …]`."""
    fields, column = rollout.fields, slice(span.column, span.column + 1)
    if span.first == 0 and rollout.start is not None:
        found = {name: leaf[column] for name, leaf in rollout.start.leaves.items()}
    else:
        role, row = ("before", span.first) if "before.grid" in fields else ("next", span.first - 1)
        found = {part: fields.get(f"{role}.{part}")[row, column] for part in STATE_PARTS if f"{role}.{part}" in fields}
    return Fields(found, {name: name for name in found})


def _part(rollout: Rollout, span: _Span) -> Rollout:
    def cut(leaf: Any) -> Any:
        return leaf[span.first : span.end, span.column : span.column + 1]

    own = {name: cut(leaf) for name, leaf in rollout.fields.leaves.items() if not name.startswith(("before.", "next."))}
    part = replace(
        rollout,
        rows=span.end - span.first,
        environments=1,
        fields=Fields(own, rollout.fields.paths),
        start=_state(rollout, span),
        envs=[rollout.numbers[span.column]],
    )
    take_leaves(part.fields, None, 1)
    if part.start is not None:
        take_leaves(part.start, None, 0)
    return part
