"""The episodes that are open where the recorder's knowledge ends, so that a new stream can go on with them."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .arrays import Array, Bytes
from .columns import Columns


@dataclass
class _Open:
    task: str
    pair: int
    target: Bytes
    input: Bytes
    grid: Bytes
    # Steps that the episode has had.
    steps: int = 0


class OpenEpisodes:
    def __init__(self) -> None:
        self._open: dict[int, _Open] = {}
        # Environments whose episode a new stream has still to be told.
        self._untold: set[int] = set()

    def advance(self, columns: Columns) -> None:
        """These are safe: the episodes are as they are after them."""
        arrays, envs = columns.arrays, _environments(columns)
        rows = arrays["after"].shape[0]
        last_grids = arrays["after"][-1].copy()
        last_ends = _last_ends(arrays)
        starts = _last_starts(arrays)
        for column, env in enumerate(envs):
            start = starts.get(column)
            end = int(last_ends[column])
            if start is not None and arrays["start_t"][start] > end:
                first = int(arrays["start_t"][start])
                grid = last_grids[column] if first < rows else arrays["start_grid"][start]
                task = columns.head["tasks"][arrays["start_task"][start]]
                self._open[env] = _Open(task, int(arrays["start_pair"][start]), arrays["start_target"][start], arrays["start_input"][start], grid, rows - first)
            elif end >= 0:
                self._open.pop(env, None)
            elif env in self._open:
                self._open[env].grid = last_grids[column]
                self._open[env].steps += rows

    def forget(self) -> None:
        """Records were dropped: the recorder ends all that is open."""
        self._open.clear()
        self._untold.clear()

    def tell_again(self) -> None:
        """A new stream begins."""
        self._untold = set(self._open)

    def continued(self, columns: Columns) -> Columns:
        """The same columns; where a new stream has not been told of an episode yet, it begins here anew with the grid that it had."""
        if not self._untold:
            return columns
        arrays = dict(columns.arrays)
        begun = set(arrays["start_env"][arrays["start_t"] == 0].tolist()) if "start_t" in arrays else set()
        ours = [(column, env) for column, env in enumerate(_environments(columns)) if env in self._untold]
        self._untold -= {env for _, env in ours}
        told = [(column, self._open[env]) for column, env in ours if column not in begun]
        if not told:
            return columns
        tasks = list(columns.head.get("tasks", []))
        tasks += [task for task in dict.fromkeys(one.task for _, one in told) if task not in tasks]
        made: dict[str, Array] = {
            "start_t": np.zeros(len(told), np.int32),
            "start_env": np.array([column for column, _ in told], np.int32),
            "start_task": np.array([tasks.index(one.task) for _, one in told], np.int32),
            "start_pair": np.array([one.pair for _, one in told], np.int32),
            "start_grid": np.stack([one.grid for _, one in told]),
            "start_target": np.stack([one.target for _, one in told]),
            "start_input": np.stack([one.input for _, one in told]),
        }
        count = len(arrays["start_t"]) if "start_t" in arrays else 0
        for name, array in made.items():
            arrays[name] = np.concatenate([array, arrays[name]]) if count else array
        meta: list[dict[str, Any]] = [{"continued": True, "steps_before": one.steps} for _, one in told]
        head = {**columns.head, "tasks": tasks, "starts": {"meta": meta + [{}] * count}}
        return replace(columns, head=head, arrays=arrays, records=columns.records + len(told))


def _environments(columns: Columns) -> list[int]:
    envs: list[int] = columns.head.get("envs") or list(range(columns.head["shape"][1]))
    return envs


def _last_ends(arrays: dict[str, Array]) -> Array:
    """The last row of each column that ends an episode, or -1."""
    ended = (arrays["terminated"] | arrays["truncated"]) != 0
    last: Array = np.where(ended.any(axis=0), len(ended) - 1 - np.argmax(ended[::-1], axis=0), -1)
    return last


def _last_starts(arrays: dict[str, Array]) -> dict[int, int]:
    """Of each column in which an episode starts, the place of the last start."""
    if "start_t" not in arrays:
        return {}
    order = np.argsort(arrays["start_t"], kind="stable")
    return dict(zip(arrays["start_env"][order].tolist(), order.tolist(), strict=True))
