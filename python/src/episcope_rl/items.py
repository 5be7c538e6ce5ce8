"""What stands in the queue between the thread that makes messages and the thread that sends them."""
from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from .columns import Columns
from .wire import Parts, message, steps_message


@dataclass
class StepsItem:
    columns: Columns

    @property
    def nbytes(self) -> int:
        return sum(int(array.nbytes) for array in self.columns.arrays.values())

    @property
    def steps(self) -> int:
        return self.columns.steps

    @property
    def records(self) -> int:
        return self.columns.records

    def parts(self, seq: int) -> Parts:
        return steps_message({**self.columns.head, "seq": seq, "records": self.columns.records}, self.columns.arrays)


@dataclass
class RecordItem:
    """A record of the run: metrics, a batch, its start and end."""

    fields: dict[str, Any]
    nbytes: int = 512
    # A record counts as a step where steps are counted.
    steps: int = 1
    records: int = 1

    def parts(self, seq: int) -> Parts:
        return message({**self.fields, "seq": seq})


@dataclass
class Gap:
    """Records that were dropped: the recorder sees by `seq` that they are missing."""

    records: int


@dataclass
class Flush:
    done: threading.Event = field(default_factory=threading.Event)
    # What the recorder said; None: it never did.
    answer: dict[str, Any] | None = None
    safe: bool = False


@dataclass
class Lost:
    """The other side of this destination is gone."""

    destination: object


class End:
    """Nothing follows."""


Item = StepsItem | RecordItem | Gap | Flush | Lost | End
