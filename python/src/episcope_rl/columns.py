"""Makes `steps` messages of rollouts: grids in u8, selections as bits, and where episodes begin."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Array, ends_of, host, packed_selection, padded_cells
from .rollout import Rollout
from .starts import EpisodeStarts, Starts

# Of one message: large enough that a message costs nothing, small enough that none waits long behind another.
MESSAGE_BYTES = 4 << 20
MAX_ROWS = 1_000_000
# Columns that go as they are.
_PLAIN = ("operation", "point", "bbox", "reward", "similarity", "success", "priority")


@dataclass
class Columns:
    """One `steps` message but for its `seq`."""

    head: dict[str, Any]
    arrays: dict[str, Array]
    # Records that the recorder makes of it, and how many of them are steps.
    records: int
    steps: int

    @property
    def nbytes(self) -> int:
        return sum(int(array.nbytes) for array in self.arrays.values())


class ColumnMaker:
    """Makes the messages of one stream's rollouts, in order."""

    def __init__(self) -> None:
        self.starts = EpisodeStarts()

    def columns(self, rollout: Rollout) -> Iterator[Columns]:
        numbers = rollout.numbers
        leaves = {name: host(leaf) for name, leaf in rollout.fields.leaves.items()}
        start = None if rollout.start is None else {name: host(leaf) for name, leaf in rollout.start.leaves.items()}
        arrays = _step_arrays(leaves)
        ended = (arrays["terminated"] | arrays["truncated"]) != 0
        starts = self.starts.find(leaves, start, ended, rollout)
        bytes_per_step = sum(array.nbytes for array in arrays.values()) / ended.size
        fit = max(1, min(MAX_ROWS, int(MESSAGE_BYTES / bytes_per_step)))
        wide = min(len(numbers), fit)
        tall = min(rollout.rows, max(1, fit // wide))
        for left in range(0, len(numbers), wide):
            columns = range(left, min(left + wide, len(numbers)))
            for first in range(0, rollout.rows, tall):
                rows = range(first, min(first + tall, rollout.rows))
                own = starts.within(rows, columns, rows.stop == rollout.rows)
                part = {name: array[rows.start : rows.stop, columns.start : columns.stop] for name, array in arrays.items()}
                yield _message(part, own, numbers[columns.start : columns.stop], rollout)


def _step_arrays(leaves: dict[str, Array]) -> dict[str, Array]:
    arrays = {"after": padded_cells(leaves["after.grid"], leaves.get("after.mask"))}
    if "selection" in leaves:
        arrays["mask"] = packed_selection(leaves["selection"])
    for name, leaf in leaves.items():
        if name in _PLAIN or name.startswith(("metrics.", "info.")):
            arrays[name] = leaf
    arrays["terminated"], arrays["truncated"] = ends_of(leaves, leaves["operation"].shape)
    return arrays


def _message(arrays: dict[str, Array], starts: Starts, numbers: list[int], rollout: Rollout) -> Columns:
    rows, columns, height, width = arrays["after"].shape
    head: dict[str, Any] = {"type": "steps", "shape": [rows, columns, height, width], "time": rollout.time}
    if numbers != list(range(len(numbers))):
        head["envs"] = numbers
    if rollout.operation_names:
        head["operation_names"] = {str(operation): name for operation, name in rollout.operation_names.items()}
    count = len(starts.t)
    if count:
        tasks = list(dict.fromkeys(starts.tasks))
        places = {task: place for place, task in enumerate(tasks)}
        head["tasks"] = tasks
        arrays["start_t"], arrays["start_env"], arrays["start_pair"] = starts.t, starts.env, starts.pair
        arrays["start_task"] = np.array([places[task] for task in starts.tasks], np.int32)
        arrays["start_grid"], arrays["start_target"], arrays["start_input"] = starts.grid, starts.target, starts.input
    ends = int(np.count_nonzero(arrays["terminated"] | arrays["truncated"]))
    return Columns(head, arrays, rows * columns + count + ends, rows * columns)
