"""Gathers rows that come one at a time, until they are worth a message."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Array
from .fields import Fields
from .rollout import Rollout, Tasks, check_fields

_LOT_BYTES = 4 << 20
_LOT_ROWS = 512
_LOT_SECONDS = 1.0

# The environments of a row; None: 0 to N - 1. Rows of different environments go into different lots.
Envs = tuple[int, ...] | None


@dataclass
class _Lot:
    """Rows with the same leaves."""

    leaves: dict[str, Array]
    capacity: int
    start: Fields | None
    tasks: Tasks | None
    time: float
    rows: int = 0

    def fits(self, row: Mapping[str, Array]) -> bool:
        return self.leaves.keys() == row.keys() and all(own.shape[1:] == row[name].shape for name, own in self.leaves.items())


class RowCollector:
    def __init__(self, submit: Callable[[Rollout], None]) -> None:
        self._submit = submit
        self._lots: dict[Envs, _Lot] = {}
        self._starts: dict[Envs, tuple[Fields, Tasks | None]] = {}
        self._lock = threading.Lock()

    def start(self, envs: Envs, state: Fields, tasks: Tasks | None) -> None:
        """These environments were reset: what comes now belongs to new episodes. `state` is `[N, …]`."""
        with self._lock:
            self._hand_over(envs)
            self._starts[envs] = state, tasks

    def add(self, envs: Envs, row: Mapping[str, Array], tasks: Tasks | None) -> None:
        """One row, `[N, …]`; it is copied. Raises FIELD_MISSING or FIELD_ODD."""
        with self._lock:
            lot = self._lots.get(envs)
            if lot is not None and not lot.fits(row):
                self._hand_over(envs)
                lot = None
            if lot is None:
                lot = self._lots[envs] = self._new_lot(envs, row, tasks)
            for name, leaf in row.items():
                lot.leaves[name][lot.rows] = leaf
            lot.rows += 1
            if lot.rows == lot.capacity or time.time() - lot.time > _LOT_SECONDS:
                self._hand_over(envs)

    def flush(self) -> None:
        with self._lock:
            for envs in list(self._lots):
                self._hand_over(envs)

    def _new_lot(self, envs: Envs, row: Mapping[str, Array], tasks: Tasks | None) -> _Lot:
        size = max(1, sum(leaf.nbytes for leaf in row.values()))
        capacity = max(1, min(_LOT_ROWS, _LOT_BYTES // size))
        start, start_tasks = self._starts.pop(envs, (None, None))
        leaves = {name: np.empty((capacity, *leaf.shape), leaf.dtype) for name, leaf in row.items()}
        return _Lot(leaves, capacity, start, start_tasks if tasks is None else tasks, time.time())

    def _hand_over(self, envs: Envs) -> None:
        lot = self._lots.pop(envs, None)
        if lot is None or lot.rows == 0:
            return
        fields = Fields({name: leaf[: lot.rows] for name, leaf in lot.leaves.items()}, {name: name for name in lot.leaves})
        rows, environments, height, width = check_fields(fields, "")
        numbers: Sequence[int] | None = envs
        self._submit(
            Rollout(rows, environments, height, width, fields, lot.start, lot.tasks, lot.time, None if numbers is None else list(numbers))
        )
