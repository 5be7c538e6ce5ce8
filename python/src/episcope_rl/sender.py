"""Sends what is queued, in order, and keeps it until the recorder has it safe."""
from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from .accounting import Ledger
from .budget import Budget
from .destination import Answer, Destination, hello
from .items import Content, End, Flush, Gap, Item, Lost, RecordItem, StepsItem, steps_parts
from .open_episodes import OpenEpisodes
from .version import __version__
from .wire import message

PRODUCER = f"episcope-rl {__version__}"
# After so much (a part of the memory, so that room is made in time), or so long, the recorder is asked what it has safe.
_ACK_BYTES = 32 << 20
_ACK_SHARE = 8
_ACK_SECONDS = 1.0

# Gives the next destination when one is gone; None: there is none, and everything is dropped from here on.
NextDestination = Callable[[OSError | None], Destination | None]


class Sender:
    """Owns the destination. Everything but `heard` runs in its own thread."""

    def __init__(self, queue: SimpleQueue[Item], ledger: Ledger, budget: Budget, following: NextDestination, refused: Callable[[Answer], None], failed: Callable[[Exception], None]) -> None:
        self._queue = queue
        self._ledger = ledger
        self._budget = budget
        self._following = following
        self._refused = refused
        self._failed = failed
        self.destination: Destination | None = None
        # Why what nobody takes is dropped.
        self.loss = "the recorder ended"
        # What every stream begins with: the run's start.
        self.opening: RecordItem | None = None
        self._seq = 0
        # Sent, and not known to be safe.
        self._kept: deque[Content] = deque()
        # As they are after everything that is safe.
        self._episodes = OpenEpisodes()
        # What the recorder was asked, in order, with the number of kept items that each answer makes safe.
        self._asked: deque[tuple[Flush | None, int]] = deque()
        self._unasked_bytes = 0
        self._asked_at = 0.0
        self._lock = threading.Lock()
        self.thread = threading.Thread(target=self._run, daemon=True, name="episcope-sender")

    def start(self, destination: Destination) -> None:
        """Raises OSError: the destination takes nothing."""
        destination.send(hello(PRODUCER))
        self.destination = destination
        self.thread.start()

    def heard(self, destination: object, answer: Answer | None) -> None:
        """Called by the thread that listens to the recorder."""
        if answer is None:
            self._queue.put(Lost(destination))
        elif destination is not self.destination:
            return
        elif answer.get("type") in ("ack", "flushed"):
            self._answered()
        elif answer.get("type") == "error":
            self._refused(answer)

    def finish(self, is_well: bool) -> None:
        """After the thread has ended, and the recorder: what it took is safe, or lost."""
        with self._lock:
            if is_well:
                self._retire(len(self._kept))
            while self._kept:
                self._drop(self._kept.popleft(), was_sent=True)

    def _run(self) -> None:
        while True:
            try:
                item = self._queue.get(timeout=_ACK_SECONDS)
            except Empty:
                self._guard(self._ask_if_idle)
                continue
            if isinstance(item, End):
                return
            if isinstance(item, Lost):
                if item.destination is self.destination:
                    self._replace(None)
            elif isinstance(item, Flush):
                self._flush(item)
            else:
                self._take(item)

    def _guard(self, send: Callable[[], Any]) -> bool:
        """Whether there still is a destination that took it."""
        if self.destination is None:
            return False
        try:
            send()
        except OSError as error:
            self._replace(error)
            return False
        return True

    def _take(self, item: Content) -> None:
        if self.destination is None:
            self._drop(item, was_sent=False)
            return
        # Counted first: from here on it is among what a new destination gets.
        with self._lock:
            self._kept.append(item)
        self._ledger.send(item.steps)
        try:
            self._guard(lambda: self._send(item))
        except Exception as error:  # noqa: BLE001  whatever it is, what comes after it is sent
            self._leave_out(item, error)

    def _leave_out(self, item: Content, error: Exception) -> None:
        """No message can be made of it."""
        with self._lock:
            self._kept.pop()
            self._kept.append(Gap(item.records))
        self._seq += item.records
        self._ledger.drop(item.steps, "not readable", was_sent=True)
        self._budget.give(item.nbytes)
        item.release()
        self._failed(error)

    def _send(self, item: Content) -> None:
        assert self.destination is not None
        if isinstance(item, StepsItem):
            with self._lock:
                columns = self._episodes.continued(item.columns())
            self.destination.send(steps_parts(columns, self._seq))
            self._seq += columns.records
        else:
            if not isinstance(item, Gap):
                self.destination.send(item.parts(self._seq))
            self._seq += item.records
        if not self.destination.answers:
            with self._lock:
                self._retire(1)
            return
        self._unasked_bytes += item.size
        if self._unasked_bytes >= min(_ACK_BYTES, self._budget.limit // _ACK_SHARE):
            self._ask(None)

    def _flush(self, flush: Flush) -> None:
        if self.destination is None:
            flush.done.set()
        else:
            # Where it fails, what comes in its place is asked.
            self._guard(lambda: self._ask(flush))

    def _ask(self, flush: Flush | None) -> None:
        assert self.destination is not None
        with self._lock:
            count = len(self._kept) - sum(count for _, count in self._asked)
            self._asked.append((flush, count))
        self._unasked_bytes, self._asked_at = 0, time.monotonic()
        if self.destination.answers:
            self.destination.send(message({"type": "ack"} if flush is None else {"type": "flush", "id": 0}))
            return
        self.destination.sync()
        self._answered()

    def _answered(self) -> None:
        """The first of the questions is answered."""
        with self._lock:
            flush, count = self._asked.popleft() if self._asked else (None, 0)
            self._retire(count)
        if flush is not None:
            flush.safe = True
            flush.done.set()

    def _ask_if_idle(self) -> None:
        if self._unasked_bytes and time.monotonic() - self._asked_at >= _ACK_SECONDS:
            self._ask(None)

    def _replace(self, reason: OSError | None) -> None:
        """The destination is gone: what it had not made safe goes to the next one."""
        with self._lock:
            waiting = [flush for flush, _ in self._asked if flush is not None]
            self._asked.clear()
        # What the old one still says is not heard any more.
        self.destination = None
        while not self._start_again(reason):
            reason = None
        for flush in waiting:
            self._flush(flush)

    def _start_again(self, reason: OSError | None) -> bool:
        """False: this one is gone too."""
        destination = self._following(reason)
        again = deque(self._kept)
        if destination is None:
            while self._kept:
                self._drop(self._kept.popleft(), was_sent=True)
            return True
        self._seq, self._unasked_bytes = 0, 0
        self._kept.clear()
        self._episodes.tell_again()
        self.destination = destination
        try:
            destination.send(hello(PRODUCER))
            if self.opening is not None and self.opening not in again:
                destination.send(self.opening.parts(0))
                self._seq = 1
            while again:
                self._kept.append(again.popleft())
                self._send(self._kept[-1])
        except OSError:
            self.destination = None
            self._kept.extend(again)
            return False
        return True

    def _retire(self, count: int) -> None:
        # No other stream follows on a file.
        is_last = self.destination is not None and not self.destination.answers
        for _ in range(min(count, len(self._kept))):
            item = self._kept.popleft()
            if isinstance(item, StepsItem) and not is_last:
                self._episodes.advance(item.columns())
            elif isinstance(item, Gap):
                self._episodes.forget()
            self._ledger.acknowledge(item.steps)
            self._budget.give(item.nbytes)
            item.release()

    def _drop(self, item: Content, *, was_sent: bool) -> None:
        self._ledger.drop(item.steps, self.loss, was_sent=was_sent)
        self._budget.give(item.nbytes)
        item.release()
