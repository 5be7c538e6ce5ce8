"""Messages of the record stream in MessagePack, each behind its length (docs/formats.md)."""
from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any

import msgpack

from .arrays import Array, wire_array

VERSION = 1
MAX_MESSAGE_BYTES = 64 << 20
_ALIGNMENT = 8

# Parts of a message, to be written one behind the other; an array is never copied to join them.
Parts = list[bytes | memoryview]


def message(fields: Mapping[str, Any]) -> Parts:
    body: bytes = msgpack.packb(fields)
    return [struct.pack("<I", len(body)) + body]


def steps_message(head: Mapping[str, Any], arrays: Mapping[str, Array]) -> Parts:
    table: dict[str, list[Any]] = {}
    raw: Parts = []
    offset = 0
    for name, array in arrays.items():
        dtype, ready = wire_array(array)
        table[name] = [dtype, list(ready.shape), offset]
        if ready.nbytes:
            raw.append(ready.data.cast("B"))
        padding = -ready.nbytes % _ALIGNMENT
        if padding:
            raw.append(bytes(padding))
        offset += ready.nbytes + padding
    packed: bytes = msgpack.packb({**head, "raw": offset, "arrays": table})
    before = -len(packed) % _ALIGNMENT
    return [struct.pack("<I", len(packed) + before + offset) + packed + bytes(before), *raw]


def size_of(parts: Parts) -> int:
    return sum(len(part) for part in parts)


class AnswerReader:
    """Cuts the recorder's answers out of what comes on its way back."""

    def __init__(self) -> None:
        self._pending = b""

    def push(self, data: bytes) -> Iterator[dict[str, Any]]:
        self._pending += data
        while len(self._pending) >= 4:
            (length,) = struct.unpack_from("<I", self._pending)
            if len(self._pending) < 4 + length:
                return
            body, self._pending = self._pending[4 : 4 + length], self._pending[4 + length :]
            yield msgpack.unpackb(body)
