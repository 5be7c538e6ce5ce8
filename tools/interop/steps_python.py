"""A vectorised producer by the book (docs/formats.md, "Columns of steps"), with numpy and msgpack.

    python steps_python.py DIRECTORY

writes `steps.msgpack`, a stream with two `steps` messages, and `steps.ndjson`, the records that are to be made of it."""
import json
import math
import struct
import sys
from pathlib import Path

import msgpack
import numpy as np

N, H, W = 3, 5, 6
ENVS = [2, 0, 9]
TASKS = ["0a1b2c3d", "ffee0011"]
NAMES = {3: "Paint", 34: "Hand in"}
PADDING = 255


def framed(head, arrays=None):
    """A message behind its length; with arrays, a `steps` message."""
    if arrays is None:
        body = msgpack.packb(head)
        return struct.pack("<I", len(body)) + body
    table, raw = {}, b""
    for name, (dtype, array) in arrays.items():
        raw += bytes(-len(raw) % 8)
        table[name] = [dtype, list(array.shape), len(raw)]
        raw += np.ascontiguousarray(array).tobytes()
    packed = msgpack.packb({**head, "raw": len(raw), "arrays": table})
    body = packed + bytes(-len(packed) % 8) + raw
    return struct.pack("<I", len(body)) + body


def padded(grid):
    """A grid in a 5x6 one; -1 in it is padding of its own."""
    cells = np.full((H, W), PADDING, np.uint8)
    rows, columns = grid.shape
    cells[:rows, :columns] = np.where(grid < 0, PADDING, grid)
    return cells


def plain(grid):
    """A grid as NDJSON has it."""
    mask = grid >= 0
    form = {"shape": list(grid.shape), "data": np.where(mask, grid, 0).ravel().tolist()}
    return form if mask.all() else {**form, "mask": mask.astype(int).ravel().tolist()}


def similarity(after, target):
    """Target cells that the grid has, as share of all."""
    rows, columns = min(after.shape[0], target.shape[0]), min(after.shape[1], target.shape[1])
    real = target >= 0
    same = after[:rows, :columns] == target[:rows, :columns]
    return float((same & real[:rows, :columns]).sum() / real.sum())


class Player:
    """One environment, and what a producer of single records would know of it."""

    def __init__(self, env, random):
        self.env, self.random, self.started, self.key = env, random, 0, None

    def grid(self):
        shape = self.random.integers(1, (H + 1, W + 1))
        grid = self.random.integers(0, 10, shape).astype(int)
        if self.random.random() < 0.3 and grid.size > 1:
            grid[0, 0] = -1
        return grid

    def start(self):
        self.key, self.started = f"{self.env}-{self.started}", self.started + 1
        self.initial = self.last = self.grid()
        self.target = None if self.random.random() < 0.3 else self.grid()
        self.task, self.pair = int(self.random.integers(2)), int(self.random.integers(3))
        self.steps, self.total = 0, 0.0
        self.similarity = None if self.target is None else similarity(self.initial, self.target)
        self.best = self.similarity

    def step(self):
        """Everything about one step, as the columns have it."""
        chosen = self.random.random((H, W)) < 0.3
        rows, columns = self.last.shape
        mask = chosen[:rows, :columns] & (self.last >= 0)
        after = self.grid() if self.random.random() < 0.3 else np.where(mask, 7, self.last)
        fact = {"after": after, "chosen": chosen, "mask": mask, "operation": int(self.random.choice([3, 5, 34])),
                "reward": np.float16(self.random.normal()), "terminated": self.random.random() < 0.2,
                "truncated": self.random.random() < 0.1, "loss": np.float32(self.random.normal()),
                # bfloat16: the upper half of a float32.
                "similarity": np.uint16(np.float32(self.random.random()).view(np.uint32) >> 16),
                "seed": np.int64(self.random.integers(2**40))}
        self.last = after
        return fact


def widened(bits):
    return float((np.uint32(bits) << 16).view(np.float32))


def rollout(players, rows, seq, time, records):
    """One `steps` message of `rows` rows; appends the records that it stands for."""
    starts, facts, first = [], [], seq
    for t in range(rows):
        for column, player in enumerate(players):
            if player.key is None:
                player.start()
                starts.append((t, column, player.task, player.pair, player.initial, player.target))
                records.append({"type": "episode-start", "seq": seq, "episode": player.key, "time": time,
                                "task_id": TASKS[player.task], "pair_index": player.pair, "mode": "train",
                                "initial": plain(player.initial), "meta": {},
                                "target": None if player.target is None else plain(player.target)})
                seq += 1
            fact = player.step()
            facts.append(fact)
            known = widened(fact["similarity"])
            action = {"operation": fact["operation"], "selection": {"kind": "mask", "mask": fact["mask"].astype(int).ravel().tolist()}}
            if fact["operation"] in NAMES:
                action["name"] = NAMES[fact["operation"]]
            records.append({"type": "step", "seq": seq, "episode": player.key, "step": player.steps, "time": time,
                            "action": action, "after": plain(fact["after"]), "reward": float(fact["reward"]),
                            "terminated": bool(fact["terminated"]), "truncated": bool(fact["truncated"]),
                            "info": {"similarity": known, "metrics": {"loss": float(fact["loss"])}, "seed": int(fact["seed"])}})
            seq += 1
            player.steps += 1
            player.total += float(fact["reward"])
            player.similarity = known
            player.best = known if player.best is None else max(player.best, known)
            if fact["terminated"] or fact["truncated"]:
                outcome = "success" if known == 1 else "failure" if fact["terminated"] else "truncated"
                records.append({"type": "episode-end", "seq": seq, "episode": player.key, "time": time, "outcome": outcome,
                                "totals": {"steps": player.steps, "reward": player.total,
                                           "final_similarity": player.similarity, "best_similarity": player.best}})
                seq += 1
                player.key = None

    def column(name, dtype):
        return np.array([fact[name] for fact in facts], dtype).reshape(rows, N)

    def grids(list_of):
        return np.stack([np.full((H, W), PADDING, np.uint8) if grid is None else padded(grid) for grid in list_of])

    arrays = {
        "after": ("u8", grids([fact["after"] for fact in facts]).reshape(rows, N, H, W)),
        "mask": ("u8", np.packbits(np.stack([fact["chosen"] for fact in facts]).reshape(rows, N, H * W), axis=-1)),
        "operation": ("i64", column("operation", np.int64)),
        "reward": ("f16", column("reward", np.float16)),
        "similarity": ("bf16", column("similarity", np.uint16)),
        "terminated": ("u8", column("terminated", np.bool_)),
        "truncated": ("u8", column("truncated", np.bool_)),
        "metrics.loss": ("f32", column("loss", np.float32)),
        "info.seed": ("i64", column("seed", np.int64)),
    }
    head = {"type": "steps", "seq": first, "records": seq - first, "time": time, "envs": ENVS, "shape": [rows, N, H, W],
            "tasks": TASKS, "operation_names": NAMES}
    if starts:
        for name, place in (("start_t", 0), ("start_env", 1), ("start_task", 2), ("start_pair", 3)):
            arrays[name] = ("i32", np.array([start[place] for start in starts], np.int32))
        arrays["start_grid"] = ("u8", grids([start[4] for start in starts]))
        arrays["start_target"] = ("u8", grids([start[5] for start in starts]))
    return framed(head, arrays), seq


def main(directory):
    random = np.random.Generator(np.random.PCG64(7))
    players = [Player(env, random) for env in ENVS]
    records = []
    stream = framed({"type": "hello", "version": 1, "producer": "numpy"})
    message, seq = rollout(players, 4, 0, 1700000000.0, records)
    stream += message
    metrics = {"type": "metrics", "seq": seq, "time": 1700000001.0, "step": 1, "values": {"loss": 0.5}}
    stream += framed(metrics)
    records.append(metrics)
    message, seq = rollout(players, 9, seq + 1, 1700000002.0, records)
    stream += message + framed({"type": "flush", "id": 1})
    assert all(math.isfinite(record.get("reward", 0)) for record in records)
    Path(directory, "steps.msgpack").write_bytes(stream)
    Path(directory, "steps.ndjson").write_text("".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records))


main(sys.argv[1])
