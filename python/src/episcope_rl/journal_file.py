"""A journal of which only what is asked for is read: by its index where it has one, otherwise frame by frame (docs/formats.md)."""
from __future__ import annotations

import io
import os
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import journal_damaged, journal_newer
from .journal_format_1 import Decoder

Record = dict[str, Any]

MAGIC = b"\x89EPI\r\n\x1a\n"
HEAD_BYTES = 40
KNOWN_VERSION = 2
BLOCK, INDEX = 0x40, 0x41
_MOST_BYTES = 80 << 20
# Kinds of a head.
SEALED, LOG = 1, 3


@dataclass(frozen=True)
class Head:
    version: int
    kind: int
    #: Of the episode in its run, 0: none; of a segment of a log its own.
    number: int


@dataclass(frozen=True)
class Item:
    """A record, the shape of the grid before it (of steps), and its position in the run (None in files of version 1)."""

    record: Record
    shape_before: tuple[int, ...] | None
    position: int | None


@dataclass(frozen=True)
class _Segment:
    offset: int
    first_step: int
    # The checksum that the frame's own goes on from.
    before: int


def read_head(data: bytes, path: Path) -> Head:
    """Raises JOURNAL_DAMAGED or JOURNAL_NEWER."""
    if len(data) < HEAD_BYTES or data[:8] != MAGIC or zlib.crc32(data[:36]) != int.from_bytes(data[36:40], "little"):
        raise journal_damaged(str(path), 0, "it is no journal, or its head is damaged")
    if int.from_bytes(data[10:12], "little") > KNOWN_VERSION:
        raise journal_newer(str(path), data[16:36].rstrip(b"\0").decode("ascii", "replace"))
    return Head(int.from_bytes(data[8:10], "little"), data[12], int.from_bytes(data[13:16], "little"))


class JournalFile:
    """Opened for each reading and closed after it, so that a run can be read while it goes on, and hundreds of episodes held."""

    def __init__(self, path: Path) -> None:
        """Raises JOURNAL_DAMAGED, JOURNAL_NEWER or OSError."""
        self.path = path
        with path.open("rb") as file:
            self.head = read_head(_read(file.fileno(), 0, HEAD_BYTES), path)
            index = self._read_index(file.fileno())
        #: Of the whole journal; None: it has no index.
        self.steps: int | None = None
        self._segments: list[_Segment] = []
        if index is not None:
            self.steps, self._segments = index

    def items(self) -> Iterator[Item]:
        """All records, to the end or to the torn tail of a recorder that died. Raises JOURNAL_DAMAGED."""
        with self.path.open("rb") as file:
            decoder = Decoder()
            for body in self._frames(file.fileno()):
                yield from self._decode(decoder, body)

    def first(self) -> Item | None:
        with self.path.open("rb") as file:
            for body in self._frames(file.fileno()):
                return next(self._decode(Decoder(), body))
        return None

    def last(self) -> Item | None:
        """Of its block alone where there is an index."""
        found = None
        for found in self._from_segment(len(self._segments) - 1) if self._segments else self.items():
            pass
        return found

    def steps_between(self, first: int, end: int | None) -> Iterator[Item]:
        """The steps with numbers from `first` to before `end`; of the file only the blocks that have them are read."""
        begin = max(0, bisect_right([segment.first_step for segment in self._segments], first) - 1)
        for item in self._from_segment(begin) if self._segments else self.items():
            if item.record["type"] != "step" or item.record["step"] < first:
                continue
            if end is not None and item.record["step"] >= end:
                return
            yield item

    def _from_segment(self, begin: int) -> Iterator[Item]:
        with self.path.open("rb") as file:
            for segment in self._segments[begin:]:
                body = self._frame(file.fileno(), segment.offset, segment.before)
                if body is None or body[0] != BLOCK:
                    raise journal_damaged(str(self.path), segment.offset, "the block that its index names is not whole")
                yield from self._decode(Decoder(), body)

    def _decode(self, decoder: Any, body: bytes) -> Iterator[Item]:
        for record, place in decoder.records(body, self.head.version):
            yield Item(record, tuple(decoder.shape_before) if record["type"] == "step" else None, None if place is None else place["position"])

    def _frames(self, descriptor: int) -> Iterator[bytes]:
        """The bodies of records and blocks."""
        at, before = HEAD_BYTES, 0
        size = os.fstat(descriptor).st_size
        while at < size:
            body = self._frame(descriptor, at, before)
            if body is None:
                following = self._next_frame(descriptor, at + 1, size)
                if following is not None:
                    raise journal_damaged(str(self.path), at, f"what stands there is not whole, and records go on at byte {following}")
                return
            if body[0] >= INDEX and body[0] < 0x80:
                return
            before = self._checksum(descriptor, at)
            at += 8 + len(body)
            yield body

    def _frame(self, descriptor: int, at: int, before: int) -> bytes | None:
        start = _read(descriptor, at, 8)
        length = int.from_bytes(start[:4], "little")
        if len(start) < 8 or not 0 < length <= _MOST_BYTES:
            return None
        body = _read(descriptor, at + 8, length)
        # From version 2 on a checksum goes on from the one before it.
        checksum = zlib.crc32(body, zlib.crc32(start[:4], before if self.head.version > 1 else 0))
        return body if len(body) == length and checksum == int.from_bytes(start[4:], "little") else None

    def _checksum(self, descriptor: int, at: int) -> int:
        return int.from_bytes(_read(descriptor, at + 4, 4), "little")

    def _next_frame(self, descriptor: int, begin: int, size: int) -> int | None:
        """The next place behind damage where a whole frame stands."""
        rest = _read(descriptor, begin, size - begin)
        for at in range(len(rest) - 8):
            length = int.from_bytes(rest[at : at + 4], "little")
            if not 0 < length <= len(rest) - at - 8 or not _is_type(rest[at + 8]):
                continue
            checksum = int.from_bytes(rest[at + 4 : at + 8], "little")
            befores = [0] if self.head.version == 1 else self._possible_befores(rest, at)
            if any(zlib.crc32(rest[at + 8 : at + 8 + length], zlib.crc32(rest[at : at + 4], before)) == checksum for before in befores):
                return begin + at
        return None

    def _possible_befores(self, rest: bytes, at: int) -> list[int]:
        """What a frame behind damage may go on from: the checksum that the frame before it has, wherever that begins."""
        return [
            int.from_bytes(rest[start + 4 : start + 8], "little")
            for start in range(at - 8)
            if start + 8 + int.from_bytes(rest[start : start + 4], "little") == at
        ]

    def _read_index(self, descriptor: int) -> tuple[int, list[_Segment]] | None:
        """A hint: None where it is missing or not whole."""
        if self.head.kind != SEALED:
            return None
        is_chained = self.head.version > 1
        size, length = os.fstat(descriptor).st_size, 20 if is_chained else 16
        trailer = _read(descriptor, size - length, length) if size >= HEAD_BYTES + length else b""
        if trailer[-4:] != b"EPIX" or zlib.crc32(trailer[:-8]) != int.from_bytes(trailer[-8:-4], "little"):
            return None
        before = int.from_bytes(trailer[8:12], "little") if is_chained else 0
        body = self._frame(descriptor, int.from_bytes(trailer[:8], "little"), before)
        if body is None or body[0] != INDEX:
            return None
        decoder = Decoder()
        stream = io.BytesIO(body[1:])
        decoder.take = stream.read
        _records, steps = decoder.varint(), decoder.varint()
        if is_chained:
            decoder.varint(), decoder.varint()
        rows, width = stream.read(), length
        segments = [
            _Segment(
                int.from_bytes(rows[at : at + 6], "little"),
                int.from_bytes(rows[at + 6 : at + 12], "little"),
                int.from_bytes(rows[at + 16 : at + 20], "little") if is_chained else 0,
            )
            for at in range(0, len(rows), width)
        ]
        return steps, segments


def _is_type(byte: int) -> bool:
    return 1 <= byte & 0x7F <= 7 or byte in (BLOCK, INDEX, INDEX + 1)


def _read(descriptor: int, at: int, size: int) -> bytes:
    """Shorter where the file ends."""
    pieces = []
    while size > 0:
        piece = os.pread(descriptor, min(size, 1 << 30), at)
        if not piece:
            break
        pieces.append(piece)
        at, size = at + len(piece), size - len(piece)
    return b"".join(pieces)
