"""What stands in the queue between the thread that makes messages and the thread that sends them."""
from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .columns import Columns
from .spill import Spilled
from .wire import Parts, message, steps_message


@dataclass
class StepsItem:
    """Columns, in memory or in a file."""

    kept: Columns | Spilled

    @property
    def nbytes(self) -> int:
        """In memory."""
        return 0 if isinstance(self.kept, Spilled) else self.kept.nbytes

    @property
    def size(self) -> int:
        return self.kept.nbytes

    @property
    def steps(self) -> int:
        return self.kept.steps

    @property
    def records(self) -> int:
        return self.kept.records

    def columns(self) -> Columns:
        return self.kept.read() if isinstance(self.kept, Spilled) else self.kept

    def release(self) -> None:
        if isinstance(self.kept, Spilled):
            self.kept.release()


@dataclass
class RecordItem:
    """A record of the run: metrics, a batch, its start and end."""

    fields: dict[str, Any]
    nbytes: int = 512
    # A record counts as a step where steps are counted.
    steps: int = 1
    records: int = 1

    @property
    def size(self) -> int:
        return self.nbytes

    def parts(self, seq: int) -> Parts:
        return message({**self.fields, "seq": seq})

    def release(self) -> None:
        """It is in memory only."""


@dataclass
class RecordJob:
    """What makes a record when it is its turn: JAX may still be computing its values."""

    make: Callable[[], dict[str, Any]]
    nbytes: int = 512


@dataclass
class Gap:
    """Records that were dropped: the recorder sees by `seq` that they are missing."""

    records: int
    steps: int = 0
    nbytes: int = 0
    size: int = 0

    def release(self) -> None:
        """It holds nothing."""


@dataclass
class Flush:
    """Answered when everything before it is safe."""

    done: threading.Event = field(default_factory=threading.Event)
    safe: bool = False


@dataclass
class Lost:
    """The other side of this destination is gone."""

    destination: object


class End:
    """Nothing follows."""


# What a stream is made of, in order.
Content = StepsItem | RecordItem | Gap
Item = Content | Flush | Lost | End


def steps_parts(columns: Columns, seq: int) -> Parts:
    return steps_message({**columns.head, "seq": seq, "records": columns.records}, columns.arrays)
