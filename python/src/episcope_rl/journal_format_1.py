"""Reads Episcope's journals (journal.epi, run.epi) as docs/formats.md specifies them; standard library only.

`for record in read_journal(path)`: grids are {"shape": (rows, columns), "data": bytes, "mask": bytes if padded}."""
import io
import struct
import zlib

FIELDS = (("run-start", "run", "config_hash", "meta"), ("episode-start", "episode", "task_id", "pair_index", "mode"),
          ("step",), ("episode-end", "episode", "outcome", "totals"), ("metrics", "step", "values"),
          ("batch", "step", "arrays"), ("run-end", "outcome", "accounting"))
CONSTANTS = (None, False, True, -0.0, float("nan"), float("inf"), float("-inf"))


class Decoder:
    """Reads the bytes of records; texts, shapes and grids that they refer to are those of their segment."""
    def unpack(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def varint(self):
        value, shift, byte = 0, 0, 128
        while byte > 127:
            byte = self.take(1)[0]
            value, shift = value | (byte & 127) << shift, shift + 7
        return value

    def zigzag(self):
        value = self.varint()
        return -(value + 1 >> 1) if value & 1 else value >> 1

    def records(self, body, version=1):
        self.take = io.BytesIO(body).read
        if body[0] != 0x40:
            yield self.record(), None
            return
        method, size, content = self.take(2)[1], self.varint(), self.take()
        stream = io.BytesIO(zlib.decompress(content, -15) if method else content)
        self.take, position = stream.read, -1
        while stream.tell() < size:
            self.varint()
            place = None
            if version > 1:
                position += 1 + self.varint()
                place = {"position": position, **self.decisions(position)}
            yield self.record(), place

    def decisions(self, position):
        flags = self.take(1)[0]
        step = None if flags & 16 else position - self.zigzag()
        key = self.varint() if flags & 1 else 0
        priority = self.unpack("<d")[0] if flags & 2 else 0
        lost = [self.varint() for _ in range(7)] if flags & 32 else None
        draw = {4: True, 8: False}.get(flags & 12)
        return {"global_step": step, "key": key, "priority": priority, "draw": draw, "lost": lost}

    def record(self):
        lead = self.take(1)[0]
        if lead & 0x80:
            self.texts, self.shapes, self.bits, self.seq, self.step, self.episode = [], [], 0, -1, -1, None
            self.cells = self.varint()
            self.last = self.grid(None) if self.take(1)[0] else None
        self.seq += 1 + self.zigzag()
        code = self.varint()
        self.bits = self.bits + ((code - 1) // 2 if code % 2 else -code // 2) if code else self.unpack("<Q")[0]
        kind, time = lead & 0x7F, struct.unpack("<d", struct.pack("<Q", self.bits))[0]
        record = {"type": FIELDS[kind - 1][0], "seq": self.seq, "time": time}
        record.update((name, self.value()) for name in FIELDS[kind - 1][1:])
        if kind == 2:
            self.start_episode(record)
        elif kind == 3:
            self.read_step(record, self.take(1)[0])
        elif kind == 5 and self.take(1)[0]:
            record["histograms"] = self.value()
        return record

    def start_episode(self, record):
        flags = self.take(1)[0]
        record["initial"] = self.last = self.grid(None)
        record.update({"input": self.grid(self.last)} if flags & 1 else {})
        target = record["target"] = self.grid(self.last) if flags & 2 else None
        self.cells = len(target["data"]) - target.get("mask", b"").count(0) if target else 0
        self.episode, self.step, record["meta"] = record["episode"], -1, self.value()

    def read_step(self, record, flags):
        self.episode = record["episode"] = self.value() if flags & 1 else self.episode
        self.step = record["step"] = self.step + 1 + self.zigzag()
        action = record["action"] = {"operation": self.value(), **({"name": self.value()} if flags & 8 else {})}
        if flags & 2:
            record["before"] = self.last = self.grid(self.last)
        after = record["after"] = self.grid(self.last)
        before, self.last, kind = self.last or after, after, (None, "mask", "point", "bbox")[flags >> 6]
        self.shape_before = before["shape"]
        if kind == "mask":
            action["selection"] = {"kind": kind, kind: self.mask(len(before["data"]), (before["data"], after["data"]))}
        elif kind:
            action["selection"] = {"kind": kind, kind: [self.zigzag() for _ in range(2 if kind == "point" else 4)]}
        record.update(reward=self.value(), info=self.value(), terminated=flags & 16 > 0, truncated=flags & 32 > 0)
        record.update({"state": self.value()} if flags & 4 else {})

    def grid(self, base):
        lead, at = self.take(1)[0], 0
        shape = (self.varint(), self.varint()) if lead & 8 else base["shape"]
        size, form = shape[0] * shape[1], lead & 7
        data = bytearray(base["data"] if form < 2 else self.take(size if form == 3 else (size + 1) // 2))
        if form == 2:
            data = bytes(cell for pair in data for cell in (pair >> 4, pair & 15))[:size]
        while form == 1 and (gap := self.varint()):
            run, at = self.varint(), at + gap - 1
            data[at:at + run // 16 + 1], at = bytes([run % 16]) * (run // 16 + 1), at + run // 16 + 1
        padding = {"mask": base["mask"] if lead < 32 else self.mask(size, ())} if lead > 15 else {}
        return {"shape": shape, "data": bytes(data), **padding}

    def mask(self, size, around):
        form, mask, at = self.take(1)[0], bytearray(size), 0
        if form == 1:
            return self.take(self.varint())
        if form == 3:
            return bytes(byte >> bit & 1 for byte in self.take((size + 7) // 8) for bit in range(8))[:size]
        while form == 0 and (gap := self.varint()):
            at, length = at + gap - 1, self.varint()
            mask[at:at + length], at = b"\1" * length, at + length
        return bytes(a != b for a, b in zip(*around)) if form == 2 else bytes(mask)

    def value(self):
        tag = self.take(1)[0]
        if tag <= 0x86:
            return tag if tag < 0x80 else CONSTANTS[tag - 0x80]
        if tag in (0x88, 0x89):
            return self.unpack(("<f", "<d")[tag - 0x88])[0]
        count = self.zigzag() if tag == 0x87 or 0x90 <= tag < 0xB0 else self.varint()
        if tag in (0x8A, 0x8B) or 0x90 <= tag < 0xB0:
            value = count / (self.cells if tag < 0x90 else 10 ** (tag & 15))
            return struct.unpack("f", struct.pack("f", value))[0] if tag == 0x8B or tag >= 0xA0 else value
        if tag in (0x8D, 0x8F):
            return self.texts[count] if tag == 0x8D else self.take(2 * count).decode("utf-16-le", "surrogatepass")
        if tag in (0x8C, 0x8E):
            text = self.take(count).decode()
            self.texts += [text] if tag == 0x8C else []
            return text
        if tag in (0xB3, 0xB4, 0xB5):
            return list(self.unpack(f"<{count}{'Bfd'[tag - 0xB3]}"))
        if tag in (0xB1, 0xB2):
            self.shapes += [[self.value() for _ in range(count)]] if tag == 0xB2 else []
            return {key: self.value() for key in self.shapes[-1 if tag == 0xB2 else count]}
        return count if tag == 0x87 else [self.value() for _ in range(count)]


def read_journal(path):
    """Yields the records; ValueError: no journal, one from the future, damage, or a torn tail where it stops."""
    for record, _place in read_items(path):
        yield record


def read_items(path):
    """As `read_journal`, each record with its place: position and decisions, or None in files of version 1."""
    with open(path, "rb") as file:
        data, decoder, at = file.read(), Decoder(), 40
    if data[:8] != b"\x89EPI\r\n\x1a\n" or zlib.crc32(data[:36]).to_bytes(4, "little") != data[36:40]:
        raise ValueError(f"{path} is no journal, or its head is damaged")
    version, before = int.from_bytes(data[8:10], "little"), 0
    if int.from_bytes(data[10:12], "little") > 2:
        raise ValueError(f"{path} was written by {data[16:36].decode()} and needs a newer reader")
    while at < len(data):
        length = int.from_bytes(data[at:at + 4], "little")
        body, checksum = data[at + 8:at + 8 + length], data[at + 4:at + 8]
        if not body or zlib.crc32(data[at:at + 4] + body, before).to_bytes(4, "little") != checksum:
            raise ValueError(f"{path} has no whole record at byte {at}")
        if body[0] == 0x41:
            return
        at += 8 + length
        # From version 2 on a checksum goes on from the one before it.
        before = int.from_bytes(checksum, "little") if version > 1 else 0
        yield from decoder.records(body, version)
