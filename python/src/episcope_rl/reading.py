"""Runs as numpy arrays, straight from their journals; the recorder is not needed."""
from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import Array, Bytes
from .errors import run_missing
from .journal_format_1 import read_journal

Record = dict[str, Any]


@dataclass(frozen=True)
class Steps:
    """T steps as columns. Grids differ in size, so they are lists; a cell outside a grid's own mask is 255."""

    after: list[Bytes]
    #: Bool, each of the size of the grid before the step; None where the action selects nothing, or not by a mask.
    selection: list[Array | None]
    operation: Array
    operation_name: list[str | None]
    reward: Array
    terminated: Array
    truncated: Array
    #: NaN where it is not known.
    similarity: Array
    time: Array
    metrics: dict[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.operation)


class Episode:
    """One episode of a run. Everything is read when it is asked for first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = int(path.name.rpartition("_")[2])

    @cached_property
    def records(self) -> list[Record]:
        """As they were recorded. Raises ValueError where the journal is damaged."""
        return list(read_journal(self.path / "journal.epi"))

    @property
    def _start(self) -> Record:
        return self.records[0]

    @property
    def key(self) -> str:
        return str(self._start["episode"])

    @property
    def task_id(self) -> str:
        return str(self._start["task_id"])

    @property
    def pair_index(self) -> int:
        return int(self._start["pair_index"])

    @property
    def mode(self) -> str:
        return str(self._start["mode"])

    @property
    def meta(self) -> dict[str, Any]:
        return dict(self._start["meta"])

    @property
    def outcome(self) -> str | None:
        """None: the episode did not end."""
        return str(self.records[-1]["outcome"]) if self.records[-1]["type"] == "episode-end" else None

    @property
    def totals(self) -> dict[str, Any] | None:
        return dict(self.records[-1]["totals"]) if self.records[-1]["type"] == "episode-end" else None

    @cached_property
    def initial(self) -> Bytes:
        return _grid(self._start["initial"])

    @cached_property
    def target(self) -> Bytes | None:
        return None if self._start["target"] is None else _grid(self._start["target"])

    @cached_property
    def input(self) -> Bytes | None:
        return _grid(self._start["input"]) if "input" in self._start else None

    def steps(self, first: int = 0, end: int | None = None) -> Steps:
        """The steps with numbers from `first` to before `end`; default: all."""
        chosen = [record for record in self._steps if record["step"] >= first and (end is None or record["step"] < end)]
        before = self.initial.shape if first == 0 else None
        selections: list[Array | None] = []
        for record in chosen:
            shape = record["before"]["shape"] if "before" in record else before or self._shape_before(record)
            selections.append(_selection(record, shape))
            before = record["after"]["shape"]
        infos = [record["info"] for record in chosen]
        names = dict.fromkeys(name for info in infos for name in info.get("metrics", {}))
        return Steps(
            after=[_grid(record["after"]) for record in chosen],
            selection=selections,
            operation=np.array([record["action"]["operation"] for record in chosen], np.int64),
            operation_name=[record["action"].get("name") for record in chosen],
            reward=_column([record["reward"] for record in chosen]),
            terminated=np.array([record["terminated"] for record in chosen], np.bool_),
            truncated=np.array([record["truncated"] for record in chosen], np.bool_),
            similarity=_column([info.get("similarity") for info in infos]),
            time=_column([record["time"] for record in chosen]),
            metrics={name: _column([info.get("metrics", {}).get(name) for info in infos]) for name in names},
        )

    @cached_property
    def _steps(self) -> list[Record]:
        return [record for record in self.records if record["type"] == "step"]

    def _shape_before(self, record: Record) -> tuple[int, ...]:
        place = self._steps.index(record)
        shape: tuple[int, ...] = self._steps[place - 1]["after"]["shape"] if place else self.initial.shape
        return shape

    def __len__(self) -> int:
        return len(self._steps)

    def __repr__(self) -> str:
        return f"<episode {self.number} of task {self.task_id}: {len(self)} steps, {self.outcome or 'open'}>"

    def _repr_svg_(self) -> str | None:
        """In a notebook: the summary picture, where the run has one."""
        picture = self.path / "summary.svg"
        return picture.read_text() if picture.exists() else None


class Run:
    """A run's directory, also while it is being recorded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def episodes(self) -> list[Episode]:
        return [Episode(path.parent) for path in sorted(self.path.glob("*/journal.epi"))]

    def episode(self, number: int) -> Episode:
        """By its number in the run, from 1. Raises KeyError."""
        for episode in self.episodes:
            if episode.number == number:
                return episode
        raise KeyError(number)

    @cached_property
    def records(self) -> list[Record]:
        """Those that belong to no episode: metrics, batches, the run's start and end."""
        path = self.path / "run.epi"
        return list(read_journal(path)) if path.exists() else []

    @property
    def metrics(self) -> Array:
        """A structured array: `step`, `time`, and each value by name, NaN where a record has it not."""
        records = [record for record in self.records if record["type"] == "metrics"]
        names = dict.fromkeys(name for record in records for name in record["values"])
        rows = [(record["step"], record["time"], *(_number(record["values"].get(name)) for name in names)) for record in records]
        return np.array(rows, [("step", np.int64), ("time", np.float64), *((name, np.float64) for name in names)])

    def frame(self) -> Any:
        """The episodes as a pandas DataFrame, a row each. Raises ImportError: pandas is not installed."""
        import pandas

        rows = [
            {"number": one.number, "key": one.key, "task_id": one.task_id, "pair_index": one.pair_index, "mode": one.mode, "outcome": one.outcome, "steps": len(one), **{
                name: (one.totals or {}).get(name) for name in ("reward", "final_similarity", "best_similarity")
            }}
            for one in self.episodes
        ]
        return pandas.DataFrame(rows).set_index("number") if rows else pandas.DataFrame()

    def __iter__(self) -> Iterator[Episode]:
        return iter(self.episodes)

    def __repr__(self) -> str:
        return f"<run {self.path.name}: {len(self.episodes)} episodes>"


def read(run: str | os.PathLike[str]) -> Run:
    """Opens a run's directory for reading. Raises RUN_MISSING."""
    path = Path(run)
    if not (path / "manifest.json").exists() and not any(path.glob("*/journal.epi")):
        raise run_missing(str(path))
    return Run(path)


def _grid(grid: dict[str, Any]) -> Bytes:
    cells = np.frombuffer(grid["data"], np.uint8).reshape(grid["shape"])
    if "mask" not in grid:
        return cells
    return np.where(np.frombuffer(grid["mask"], np.uint8).reshape(grid["shape"]) != 0, cells, np.uint8(255))


def _selection(record: Record, shape: tuple[int, ...]) -> Array | None:
    mask = record["action"].get("selection", {}).get("mask")
    return None if mask is None else np.frombuffer(mask, np.uint8).reshape(shape) != 0


def _column(values: list[Any]) -> Array:
    return np.array([_number(value) for value in values], np.float64)


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
