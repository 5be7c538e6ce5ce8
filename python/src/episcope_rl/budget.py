"""Bytes that this process may hold for the recorder."""
from __future__ import annotations

import threading


class Budget:
    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held = 0
        self._changed = threading.Condition()

    @property
    def held(self) -> int:
        return self._held

    def take(self, size: int, *, wait: bool, beyond: int = 0) -> bool:
        """Whether they may be held. One that is larger than the limit may when nothing else is held. `beyond`: bytes above the limit that are allowed."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._fits(size - beyond))
            elif not self._fits(size - beyond):
                return False
            self._held += size
            return True

    def exchange(self, before: int, now: int) -> None:
        """What is held has become another size."""
        with self._changed:
            self._held += now - before
            self._changed.notify_all()

    def give(self, size: int) -> None:
        self.exchange(size, 0)

    def _fits(self, size: int) -> bool:
        return self._held == 0 or self._held + size <= self.limit
