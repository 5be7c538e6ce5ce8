"""Makes messages of what was handed over, in a thread of its own, so that the training pays for a reference only."""
from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from .accounting import Ledger
from .budget import Budget
from .columns import ColumnMaker, Columns
from .items import End, Gap, Item, RecordItem, RecordJob, StepsItem
from .pick import Picker, PickJob
from .rollout import Rollout
from .spill import Spill

Job = Rollout | PickJob | RecordJob | Item


class Packer:
    def __init__(self, jobs: SimpleQueue[Job], queue: SimpleQueue[Item], ledger: Ledger, budget: Budget, memory: Budget, spill: Spill, picker: Picker, failed: Callable[[Exception], None]) -> None:
        self._jobs = jobs
        self._queue = queue
        self._ledger = ledger
        # Of what is handed over, and of what is packed.
        self._budget = budget
        self._memory = memory
        self._spill = spill
        self._picker = picker
        self._failed = failed
        self._maker = ColumnMaker()
        self.thread = threading.Thread(target=self._run, daemon=True, name="episcope-packer")

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            if isinstance(job, Rollout):
                self._pack(job, job.nbytes)
                continue
            if isinstance(job, PickJob):
                self._pick(job)
                continue
            if isinstance(job, RecordJob):
                self._make(job)
                continue
            if isinstance(job, Gap):
                self._maker.starts.forget()
            if isinstance(job, RecordItem):
                self._memory.exchange(0, job.nbytes)
                self._budget.give(job.nbytes)
            self._queue.put(job)
            if isinstance(job, End):
                return
            # A rollout is large: it must not live until the next one comes.
            del job

    def _pick(self, job: PickJob) -> None:
        try:
            parts = self._picker.pick(job.rollout, job.picks)
        except Exception as error:  # noqa: BLE001  whatever it is, the training goes on
            parts = []
            self._failed(error)
        for part in parts:
            self._ledger.accept(part.steps)
            self._pack(part, 0)
        self._budget.give(job.rollout.nbytes)

    def _pack(self, rollout: Rollout, held: int) -> None:
        left = rollout.steps
        try:
            for columns in self._maker.columns(rollout):
                left -= columns.steps
                self._queue.put(self._kept(columns))
        except Exception as error:  # noqa: BLE001  whatever it is, the training goes on
            self._ledger.drop(left, "not readable")
            self._maker.starts.forget()
            self._queue.put(Gap(left))
            self._failed(error)
        finally:
            self._budget.give(held)

    def _make(self, job: RecordJob) -> None:
        try:
            item = RecordItem(job.make())
            self._memory.exchange(0, item.nbytes)
            self._queue.put(item)
        except Exception as error:  # noqa: BLE001  whatever it is, the training goes on
            self._ledger.drop(1, "not readable")
            self._queue.put(Gap(1))
            self._failed(error)
        finally:
            self._budget.give(job.nbytes)

    def _kept(self, columns: Columns) -> StepsItem:
        """In memory while there is room, then on the disk, and then it waits for room."""
        if not self._memory.take(columns.nbytes, wait=False):
            spilled = self._spill.keep(columns)
            if spilled is not None:
                return StepsItem(spilled)
            self._memory.take(columns.nbytes, wait=True)
        return StepsItem(columns)
