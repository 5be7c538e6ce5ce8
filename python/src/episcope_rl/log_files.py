"""The log of a run whose journals are not made yet: it goes on, or its recorder died (docs/formats.md)."""
from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import EpiscopeError
from .journal_file import HEAD_BYTES, Item, Record, read_head
from .journal_format_1 import Decoder

_RECORD, _SEGMENT, _REMOVED = 0x10, 0x11, 0x12


@dataclass
class LoggedEpisode:
    """An episode's records as far as the log has them whole; the records of the run itself are those of number 0."""

    kept: list[Item] = field(default_factory=list)
    decoder: Any = field(default_factory=Decoder)
    #: Frames of it that have come, the lowest eight bits; None: not known.
    frames: int | None = None

    def take(self, content: io.BytesIO, position: int, count: int, lead: int) -> None:
        if self.frames is not None and count != self.frames:
            # Some of its frames are lost: what comes next refers to them, until a record stands for itself.
            self.frames = None
        if self.frames is None and not lead & 0x80:
            return
        self.frames = (count + 1) & 0xFF
        self.decoder.take = content.read
        record: Record = self.decoder.record()
        shape = tuple(self.decoder.shape_before) if record["type"] == "step" else None
        self.kept.append(Item(record, shape, position))

    # As JournalFile has them.

    @property
    def steps(self) -> int | None:
        return None

    def first(self) -> Item | None:
        return self.kept[0] if self.kept else None

    def last(self) -> Item | None:
        return self.kept[-1] if self.kept else None

    def items(self) -> Iterator[Item]:
        return iter(self.kept)

    def steps_between(self, first: int, end: int | None) -> Iterator[Item]:
        for item in self.kept:
            if item.record["type"] == "step" and item.record["step"] >= first and (end is None or item.record["step"] < end):
                yield item


def read_log(directory: Path) -> dict[int, LoggedEpisode]:
    """By number of the episode. Behind what is torn or damaged in a segment of the log, the next segment goes on."""
    episodes: dict[int, LoggedEpisode] = {}
    removed: set[int] = set()
    for path in sorted(directory.glob("*.epl")):
        try:
            data = path.read_bytes()
            head = read_head(data, path)
        except (FileNotFoundError, EpiscopeError):
            # Made into journals in the meantime, or not begun yet.
            continue
        if head.version > 1:
            _read_segment(data, episodes, removed)
    return {number: episode for number, episode in episodes.items() if number not in removed and episode.kept}


def _read_segment(data: bytes, episodes: dict[int, LoggedEpisode], removed: set[int]) -> None:
    at, before = HEAD_BYTES, 0
    numbers = Decoder()
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "little")
        body, checksum = data[at + 8 : at + 8 + length], int.from_bytes(data[at + 4 : at + 8], "little")
        if not length or len(body) < length or zlib.crc32(body, zlib.crc32(data[at : at + 4], before)) != checksum:
            return
        at, before = at + 8 + length, checksum
        content = io.BytesIO(body)
        numbers.take = content.read
        kind = content.read(1)[0]
        if kind == _RECORD:
            position, number, count = numbers.varint(), numbers.varint(), content.read(1)[0]
            numbers.decisions(position)
            lead = body[content.tell()]
            episodes.setdefault(number, LoggedEpisode()).take(content, position, count, lead)
        elif kind == _REMOVED:
            numbers.varint()
            removed.add(numbers.varint())
