"""Packed steps that memory has no room for, in a temporary file until they are safe."""
from __future__ import annotations

import math
import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from .arrays import Array
from .columns import Columns

# Of one file: it is deleted when all that it has is safe.
_FILE_BYTES = 64 << 20

_Place = tuple[int, np.dtype[np.generic], tuple[int, ...]]


class Spill:
    """`limit`: bytes in all files together."""

    def __init__(self, directory: Path, limit: int) -> None:
        self._directory = directory
        self._limit = limit
        self._lock = threading.Lock()
        self._held = 0
        self._file: _File | None = None

    def keep(self, columns: Columns) -> Spilled | None:
        """None: there is no room, or the disk takes nothing."""
        with self._lock:
            if self._held >= self._limit:
                return None
        try:
            if self._file is None or self._file.size >= _FILE_BYTES:
                self._file = _File(self._directory)
            places = self._file.keep(columns)
        except OSError:
            return None
        spilled = Spilled(self, self._file, columns, places)
        self.change(spilled.nbytes)
        return spilled

    def change(self, by: int) -> None:
        with self._lock:
            self._held += by


class Spilled:
    """Columns in a file. The file is deleted with the last of them."""

    def __init__(self, spill: Spill, file: _File, columns: Columns, places: dict[str, _Place]) -> None:
        self._spill = spill
        self._file = file
        self._columns = replace(columns, arrays={})
        self._places = places
        self.nbytes = sum(array.nbytes for array in columns.arrays.values())
        self.steps = columns.steps
        self.records = columns.records

    def read(self) -> Columns:
        return replace(self._columns, arrays={name: self._file.read(place) for name, place in self._places.items()})

    def release(self) -> None:
        self._spill.change(-self.nbytes)


class _File:
    """Without a name in the file system: whatever becomes of the process, nothing is left."""

    def __init__(self, directory: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=directory, prefix="episcope-")
        self.size = 0

    def keep(self, columns: Columns) -> dict[str, _Place]:
        places: dict[str, _Place] = {}
        at = self.size
        for name, array in columns.arrays.items():
            data = np.ascontiguousarray(array)
            places[name] = (at, data.dtype, data.shape)
            at += _write(self._file.fileno(), data, at)
        self.size = at
        return places

    def read(self, place: _Place) -> Array:
        at, dtype, shape = place
        size = math.prod(shape) * dtype.itemsize
        return np.frombuffer(b"".join(_pieces(self._file.fileno(), at, size)), dtype).reshape(shape)


def _write(descriptor: int, array: Array, at: int) -> int:
    left = array.reshape(-1).view(np.uint8).data
    total = len(left)
    while left:
        written = os.pwrite(descriptor, left, at)
        left, at = left[written:], at + written
    return total


def _pieces(descriptor: int, at: int, size: int) -> Iterator[bytes]:
    while size:
        piece = os.pread(descriptor, size, at)
        if not piece:
            raise OSError("the temporary file is shorter than it was")
        yield piece
        at, size = at + len(piece), size - len(piece)
