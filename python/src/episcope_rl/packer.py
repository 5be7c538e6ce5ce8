"""Makes messages of what was handed over, in a thread of its own, so that the training pays for a reference only."""
from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from .accounting import Ledger
from .budget import Budget
from .columns import ColumnMaker
from .items import End, Gap, Item, StepsItem
from .rollout import Rollout

Job = Rollout | Item


class Packer:
    def __init__(self, jobs: SimpleQueue[Job], queue: SimpleQueue[Item], ledger: Ledger, budget: Budget, failed: Callable[[Exception], None]) -> None:
        self._jobs = jobs
        self._queue = queue
        self._ledger = ledger
        self._budget = budget
        self._failed = failed
        self._maker = ColumnMaker()
        self.thread = threading.Thread(target=self._run, daemon=True, name="episcope-packer")

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            if isinstance(job, Rollout):
                self._pack(job)
                continue
            if isinstance(job, Gap):
                self._maker.starts.forget()
            self._queue.put(job)
            if isinstance(job, End):
                return
            # A rollout is large: it must not live until the next one comes.
            del job

    def _pack(self, rollout: Rollout) -> None:
        held, left = rollout.nbytes, rollout.steps
        try:
            for columns in self._maker.columns(rollout):
                item = StepsItem(columns)
                self._budget.exchange(0, item.nbytes)
                left -= item.steps
                self._queue.put(item)
        except Exception as error:  # noqa: BLE001  whatever it is, the training goes on
            self._ledger.drop(left, "not readable")
            self._maker.starts.forget()
            self._queue.put(Gap(left))
            self._failed(error)
        finally:
            self._budget.give(held)
