"""Where episodes begin in a rollout, and with what."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Array, Bytes, host, padded_cells
from .fields import Fields
from .rollout import Rollout

Leaves = Mapping[str, Array]


@dataclass
class Starts:
    """S episodes: each begins before row `t` (T: after the last) in column `env`."""

    t: Array
    env: Array
    tasks: list[str]
    pair: Array
    grid: Bytes
    target: Bytes
    input: Bytes

    def within(self, rows: range, columns: range, is_last: bool) -> Starts:
        """Those of a part of the rollout, counted from its first row and column."""
        end = rows.stop + 1 if is_last else rows.stop
        chosen = np.flatnonzero((self.t >= rows.start) & (self.t < end) & (self.env >= columns.start) & (self.env < columns.stop))
        return Starts(
            self.t[chosen] - rows.start,
            self.env[chosen] - columns.start,
            [self.tasks[index] for index in chosen],
            self.pair[chosen],
            self.grid[chosen],
            self.target[chosen],
            self.input[chosen],
        )


class EpisodeStarts:
    """Keeps from rollout to rollout which environments have an episode."""

    def __init__(self) -> None:
        # By number of the environment.
        self._open: Array = np.zeros(0, np.bool_)

    def forget(self) -> None:
        """A rollout was dropped: which grids the episodes have come to is not known."""
        self._open[:] = False

    def find(self, leaves: Leaves, start: Leaves | None, ended: Array, rollout: Rollout) -> Starts:
        """`leaves` are `[T, N, …]`, those of `start` `[N, …]`, `ended` is bool `[T, N]`."""
        rows, columns = ended.shape
        tasks = rollout.tasks
        envs = np.array(rollout.numbers)
        if len(self._open) <= envs.max():
            self._open = np.concatenate([self._open, np.zeros(envs.max() + 1 - len(self._open), np.bool_)])
        was_open = self._open[envs]
        parts: list[Starts] = []
        first = np.arange(columns) if start is not None else np.flatnonzero(~was_open)
        at_once = np.zeros(len(first), np.intp)
        if start is not None:
            parts.append(_starts(start, "", (first,), at_once, first, tasks))
        elif "before.grid" in leaves:
            parts.append(_starts(leaves, "before.", (at_once, first), at_once, first, tasks))
        t, env = np.nonzero(ended)
        if "next.grid" in leaves:
            # Of numpy's arrays only these rows were copied.
            place = (np.arange(len(t)),) if rollout.next_is_compact else (t, env)
            parts.append(_starts(leaves, "next.", place, t + 1, env, tasks))
        elif "before.grid" in leaves:
            inside = t + 1 < rows
            t, env = t[inside] + 1, env[inside]
            parts.append(_starts(leaves, "before.", (t, env), t, env, tasks))
        made = _joined(parts, leaves["after.grid"].shape[2:])
        self._open[envs] = _still_open(was_open, made, ended)
        return made


def _starts(
    leaves: Leaves, prefix: str, place: tuple[Array, ...], t: Array, env: Array, tasks: str | Sequence[str] | None
) -> Starts:
    def grids(part: str) -> Bytes:
        grid, mask = leaves.get(f"{prefix}{part}"), leaves.get(f"{prefix}{part}_mask" if part != "grid" else f"{prefix}mask")
        if grid is None:
            shape = leaves[f"{prefix}grid"].shape[-2:]
            return np.full((len(t), *shape), 255, np.uint8)
        return padded_cells(grid[place], None if mask is None else mask[place])

    pair = leaves.get(f"{prefix}pair")
    return Starts(
        t.astype(np.int32),
        env.astype(np.int32),
        _task_ids(None if (column := leaves.get(f"{prefix}task")) is None else column[place], tasks, len(t)),
        np.zeros(len(t), np.int32) if pair is None else pair[place].astype(np.int32),
        grids("grid"),
        grids("target"),
        grids("input"),
    )


def task_ids(state: Fields, tasks: str | Sequence[str] | None) -> list[str]:
    """Of a state of N environments."""
    column = state.get("task")
    return _task_ids(None if column is None else host(column), tasks, len(state.get("grid")))


def _task_ids(column: Array | None, tasks: str | Sequence[str] | None, count: int) -> list[str]:
    if isinstance(tasks, str):
        return [tasks] * count
    if column is None:
        return ["unknown"] * count
    known: Sequence[str] = tasks or ()
    return [known[index] if 0 <= index < len(known) else f"task_{index}" for index in map(int, column)]


def _joined(parts: list[Starts], shape: tuple[int, ...]) -> Starts:
    def stacked(name: str, empty: Any) -> Any:
        arrays = [getattr(part, name) for part in parts if len(part.t)]
        return np.concatenate(arrays) if arrays else empty

    grids = np.zeros((0, *shape), np.uint8)
    numbers = np.zeros(0, np.int32)
    return Starts(
        stacked("t", numbers),
        stacked("env", numbers),
        [task for part in parts for task in part.tasks],
        stacked("pair", numbers),
        stacked("grid", grids),
        stacked("target", grids),
        stacked("input", grids),
    )


def _still_open(was_open: Array, starts: Starts, ended: Array) -> Array:
    rows, columns = ended.shape
    last_start = np.full(columns, -1)
    np.maximum.at(last_start, starts.env, starts.t)
    last_end = np.where(ended.any(axis=0), rows - 1 - np.argmax(ended[::-1], axis=0), -1)
    still: Array = np.where(last_start >= 0, last_start > last_end, was_open & (last_end < 0))
    return still
