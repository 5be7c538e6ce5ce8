"""What became of everything that was handed over."""
from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Accounting:
    """In steps; a record of metrics or of a batch counts as one. `accepted` = `acknowledged` + `sent` + `queued` + `dropped`."""

    accepted: int = 0
    # In the queue of this process.
    queued: int = 0
    # Written to the recorder, which has not yet said that it is safe.
    sent: int = 0
    # Safe: acknowledged by the recorder, or written to the spool file.
    acknowledged: int = 0
    # Lost here, by reason.
    dropped: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    # Records that the recorder refused; it says why. They are among those that it acknowledged.
    refused: int = 0


class Ledger:
    """Counts from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = Accounting()

    def read(self) -> Accounting:
        with self._lock:
            return replace(self._now, reasons=dict(self._now.reasons))

    def accept(self, steps: int) -> None:
        self._change(accepted=steps, queued=steps)

    def send(self, steps: int) -> None:
        self._change(queued=-steps, sent=steps)

    def acknowledge(self, steps: int) -> None:
        self._change(sent=-steps, acknowledged=steps)

    def drop(self, steps: int, reason: str, *, was_sent: bool = False) -> None:
        self._change(dropped=steps, **{"sent" if was_sent else "queued": -steps})
        with self._lock:
            self._now.reasons[reason] = self._now.reasons.get(reason, 0) + steps

    def refuse(self, records: int) -> None:
        self._change(refused=records)

    def _change(self, **by: int) -> None:
        with self._lock:
            self._now = replace(self._now, **{name: getattr(self._now, name) + change for name, change in by.items()})
