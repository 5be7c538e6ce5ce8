"""Runs as numpy arrays, straight from their journals; the recorder is not needed."""
from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .arrays import Array, Bytes
from .errors import EpiscopeError, journal_damaged, run_missing
from .journal_file import Item, JournalFile, Record
from .log_files import LoggedEpisode, read_log

if TYPE_CHECKING:
    from jaxtyping import Bool, Float64, Int64, Shaped, UInt8

log = logging.getLogger("episcope_rl")


@dataclass(frozen=True)
class Steps:
    """T steps as columns. Grids differ in size, so they are lists; a cell outside a grid's own mask is 255."""

    after: list[UInt8[np.ndarray, "_ _"]]
    #: Each of the size of the grid before the step; None where the action selects nothing, or not by a mask.
    selection: list[Bool[np.ndarray, "_ _"] | None]
    operation: Int64[np.ndarray, "T"]
    operation_name: list[str | None]
    reward: Float64[np.ndarray, "T"]
    terminated: Bool[np.ndarray, "T"]
    truncated: Bool[np.ndarray, "T"]
    #: NaN where it is not known.
    similarity: Float64[np.ndarray, "T"]
    #: Unix seconds.
    time: Float64[np.ndarray, "T"]
    metrics: dict[str, Float64[np.ndarray, "T"]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.operation)


class Source(Protocol):
    """Where an episode's records stand."""

    @property
    def steps(self) -> int | None:
        """How many, where that is known without reading them."""

    def first(self) -> Item | None: ...
    def last(self) -> Item | None: ...
    def items(self) -> Iterator[Item]: ...
    def steps_between(self, first: int, end: int | None) -> Iterator[Item]: ...


class Episode:
    """One episode of a run. Of its journal only what is asked for is read: facts from the first and last block, steps from their blocks.

    All but `number` and `path` raise JOURNAL_DAMAGED or JOURNAL_NEWER.
    """

    def __init__(self, path: Path, number: int, source: Source) -> None:
        #: Its directory, with pictures; there is none yet while a log has the episode alone.
        self.path = path
        self.number = number
        self._source = source

    @cached_property
    def records(self) -> list[Record]:
        """As they were recorded."""
        return [item.record for item in self._source.items()]

    @cached_property
    def _start(self) -> Record:
        first = self._source.first()
        if first is None or first.record["type"] != "episode-start":
            raise journal_damaged(str(self.path), 0, "the episode has no beginning")
        return first.record

    @cached_property
    def _end(self) -> Record | None:
        last = self._source.last()
        return last.record if last is not None and last.record["type"] == "episode-end" else None

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
        return None if self._end is None else str(self._end["outcome"])

    @property
    def totals(self) -> dict[str, Any] | None:
        """`steps`, `reward`, `final_similarity`, `best_similarity`; None: the episode did not end."""
        return None if self._end is None else dict(self._end["totals"])

    @cached_property
    def initial(self) -> UInt8[np.ndarray, "H W"]:
        return _grid(self._start["initial"])

    @cached_property
    def target(self) -> UInt8[np.ndarray, "H W"] | None:
        """None: hidden."""
        return None if self._start["target"] is None else _grid(self._start["target"])

    @cached_property
    def input(self) -> UInt8[np.ndarray, "H W"] | None:
        """None: not recorded."""
        return _grid(self._start["input"]) if "input" in self._start else None

    def steps(self, first: int = 0, end: int | None = None) -> Steps:
        """The steps with numbers from `first` to before `end`; default: all."""
        chosen = list(self._source.steps_between(first, end))
        records = [item.record for item in chosen]
        infos = [record["info"] for record in records]
        names = dict.fromkeys(name for info in infos for name in info.get("metrics", {}))
        return Steps(
            after=[_grid(record["after"]) for record in records],
            selection=[_selection(item.record, item.shape_before) for item in chosen],
            operation=np.array([record["action"]["operation"] for record in records], np.int64),
            operation_name=[record["action"].get("name") for record in records],
            reward=_column([record["reward"] for record in records]),
            terminated=np.array([record["terminated"] for record in records], np.bool_),
            truncated=np.array([record["truncated"] for record in records], np.bool_),
            similarity=_column([info.get("similarity") for info in infos]),
            time=_column([record["time"] for record in records]),
            metrics={name: _column([info.get("metrics", {}).get(name) for info in infos]) for name in names},
        )

    @cached_property
    def _length(self) -> int:
        known = self._source.steps
        return sum(item.record["type"] == "step" for item in self._source.items()) if known is None else known

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"<episode {self.number} of task {self.task_id}: {len(self)} steps, {self.outcome or 'open'}>"

    def _repr_svg_(self) -> str | None:
        """In a notebook: the summary picture, where the run has one."""
        picture = self.path / "summary.svg"
        return picture.read_text() if picture.exists() else None


class Run:
    """A run's directory, also while it is being recorded or after its recorder died: then as it was when it was asked first."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def episodes(self) -> list[Episode]:
        """In the order of their numbers."""
        found = {number: Episode(self.path / f"episode_{number:04d}", number, logged) for number, logged in self._logged.items() if number}
        for path in self.path.glob("*/journal.epi"):
            try:
                journal = JournalFile(path)
            except EpiscopeError as error:
                log.warning("an episode is passed over: %s", error)
                continue
            found[journal.head.number] = Episode(path.parent, journal.head.number, journal)
        return [found[number] for number in sorted(found)]

    @cached_property
    def _logged(self) -> dict[int, LoggedEpisode]:
        return read_log(self.path / "log")

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
        items = list(JournalFile(path).items()) if path.exists() and path.stat().st_size else []
        # What the log has beyond, its journal gets later.
        last = -1 if not items or items[-1].position is None else items[-1].position
        logged = self._logged[0].items() if 0 in self._logged else iter(())
        return [item.record for item in (*items, *(item for item in logged if item.position is not None and item.position > last))]

    @property
    def metrics(self) -> Shaped[np.ndarray, "M"]:
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
    if not (path / "manifest.json").exists() and not any(path.glob("*/journal.epi")) and not any(path.glob("log/*.epl")):
        raise run_missing(str(path))
    return Run(path)


def _grid(grid: dict[str, Any]) -> Bytes:
    cells = np.frombuffer(grid["data"], np.uint8).reshape(grid["shape"])
    if "mask" not in grid:
        return cells
    return np.where(np.frombuffer(grid["mask"], np.uint8).reshape(grid["shape"]) != 0, cells, np.uint8(255))


def _selection(record: Record, shape: tuple[int, ...] | None) -> Array | None:
    mask = record["action"].get("selection", {}).get("mask")
    return None if mask is None or shape is None else np.frombuffer(mask, np.uint8).reshape(shape) != 0


def _column(values: list[Any]) -> Array:
    return np.array([_number(value) for value in values], np.float64)


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
