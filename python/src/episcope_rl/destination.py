"""Where a stream goes: a file, or a recorder behind a pipe or a socket."""
from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from .errors import socket_refused, spool_exists
from .program import Program
from .wire import AnswerReader, Parts, message

# More buffers than this a system call does not take.
_MOST_PARTS = 512
_READ_BYTES = 1 << 16
# Fewer changes between the two processes than with the 64 KiB that a pipe has by default.
_PIPE_BYTES = 1 << 20
_SET_PIPE_SIZE = 1031

Answer = dict[str, Any]


class Destination(Protocol):
    """`send` blocks as long as the other side does and raises OSError when there is none any more."""

    # Whether it says itself what is safe; a file is safe when it is written.
    answers: bool

    def send(self, parts: Parts) -> None: ...

    def sync(self) -> None:
        """Where nothing answers: makes safe what was sent."""

    def end(self) -> None:
        """Nothing more will be sent."""

    def wait(self, timeout: float | None) -> bool:
        """After `end`: whether the other side is done."""

    def leave(self) -> None:
        """In a forked process: lets go of what belongs to the parent."""


class FileDestination:
    """A spool file, which `episcope record input=FILE` takes later."""

    answers = False

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError as error:
            raise spool_exists(str(path)) from error

    def send(self, parts: Parts) -> None:
        _write_all(self._file, parts)

    def sync(self) -> None:
        os.fsync(self._file)

    def end(self) -> None:
        os.close(self._file)

    def wait(self, timeout: float | None) -> bool:
        return True

    def leave(self) -> None:
        os.close(self._file)


class ProgramDestination:
    """The recorder that runs beside this process."""

    answers = True

    def __init__(self, program: Program, heard: Callable[[Answer | None], None]) -> None:
        self.program = program
        _enlarge(program.stdin)
        self._listener = _listen(lambda: os.read(program.answers, _READ_BYTES), heard)

    def send(self, parts: Parts) -> None:
        _write_all(self.program.stdin, parts)

    def sync(self) -> None:
        """Its answers say what is safe."""

    def end(self) -> None:
        self.program.close_input()

    def wait(self, timeout: float | None) -> bool:
        if self.program.wait(timeout) is None:
            return False
        self._listener.join(1)
        return True

    def leave(self) -> None:
        self.program.leave()


class SocketDestination:
    """A recorder that waits at a Unix socket: `episcope record input=unix:PATH`."""

    answers = True

    def __init__(self, path: str, heard: Callable[[Answer | None], None]) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise socket_refused(path, error.strerror or str(error)) from error
        self._listener = _listen(lambda: self._socket.recv(_READ_BYTES), heard)

    def send(self, parts: Parts) -> None:
        _write_all(self._socket.fileno(), parts)

    def sync(self) -> None:
        """Its answers say what is safe."""

    def end(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def wait(self, timeout: float | None) -> bool:
        self._listener.join(timeout)
        return not self._listener.is_alive()

    def leave(self) -> None:
        # Without a shutdown: that would end the parent's connection.
        self._socket.close()


def hello(producer: str) -> Parts:
    return message({"type": "hello", "version": 1, "producer": producer})


def _write_all(descriptor: int, parts: Parts) -> None:
    left = [memoryview(part) for part in parts]
    while left:
        written = os.writev(descriptor, left[:_MOST_PARTS])
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if written:
            left[0] = left[0][written:]


def _enlarge(descriptor: int) -> None:
    try:
        import fcntl

        fcntl.fcntl(descriptor, _SET_PIPE_SIZE, _PIPE_BYTES)
    except (ImportError, OSError):
        pass


def _listen(read: Callable[[], bytes], heard: Callable[[Answer | None], None]) -> threading.Thread:
    """Hands each answer on, and None at the end: the recorder is gone."""

    def run() -> None:
        reader = AnswerReader()
        try:
            while data := read():
                for answer in reader.push(data):
                    heard(answer)
        except OSError:
            pass
        heard(None)

    thread = threading.Thread(target=run, daemon=True, name="episcope-answers")
    thread.start()
    return thread
