"""Measures what recording costs a loop of JaxARC, for tools/bench/jax.ts; prints one line of JSON.

    python loop.py ENVIRONMENTS

Costs are processor time of this process: other programs on the machine disturb it less than the time on the wall. Variants take turns, and each is compared
with the loop of its own turn."""
from __future__ import annotations

import json
import logging
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "python" / "tests"))

import arc_loop
import jax
import numpy as np

import episcope_rl
import episcope_rl.jaxarc

TURNS = 5
STEPS = 12_800


def thread_seconds(recorder: episcope_rl.Recorder) -> float:
    """Processor time of the recorder's own threads."""
    return sum(
        int(Path(f"/proc/self/task/{thread.native_id}/schedstat").read_text().split()[0]) / 1e9
        for thread in (recorder._packer.thread, recorder._sender.thread)
    )


def process_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def play(loop: Any, states: Any, count: int, take: Any = None) -> tuple[float, Any]:
    """Processor seconds of so many rollouts."""
    began = time.process_time()
    for number in range(count):
        states, out = loop(states, number)
        jax.block_until_ready(out)
        if take is not None:
            take(out)
    return time.process_time() - began, states


def record_rollouts(recorder: episcope_rl.Recorder, loop: Any, first: Any, count: int) -> tuple[float, float]:
    """The share of recording: its threads, and the hand-over, in the time of the loop."""
    tasks = episcope_rl.jaxarc.task_ids()
    recorder.rollout(loop(first, 0)[1], start=first, tasks=tasks)
    recorder.flush()
    before, handed, states, began = thread_seconds(recorder), 0.0, first, time.process_time()
    for number in range(count):
        start = states
        states, out = loop(states, number)
        jax.block_until_ready(out)
        at = time.thread_time()
        recorder.rollout(out, start=start if number == 0 else None, tasks=tasks)
        handed += time.thread_time() - at
    recorder.flush()
    own = thread_seconds(recorder) - before + handed
    return own, time.process_time() - began - own


def copies(loop: Any, first: Any, folder: Path) -> float:
    """The hand-over of numpy's arrays against copying what is recorded of them."""
    out = jax.tree.map(np.asarray, loop(first, 0)[1])
    needed = [out["state"].working_grid, out["state"].working_grid_mask, out["state"].similarity_score, *jax.tree.leaves(out["action"]), out["reward"], out["step_type"]]
    ratios = []
    for turn in range(9):
        with episcope_rl.record(spool=folder / f"copies{turn}.msgpack") as recorder:
            at = time.thread_time()
            for array in needed:
                array.copy()
            copied = time.thread_time() - at
            at = time.thread_time()
            recorder.rollout(out, start=jax.tree.map(np.asarray, first), tasks=episcope_rl.jaxarc.task_ids())
            ratios.append((time.thread_time() - at) / copied)
    return statistics.median(ratios)


def callbacks(env: Any, plain: Any, first: Any, environments: int, length: int, count: int, every: int, folder: Path) -> float:
    """What a callback in every step costs: the compiled loop with it against the one without."""
    with episcope_rl.record(spool=folder / f"every{every}.msgpack") as recorder:
        tasks = episcope_rl.jaxarc.task_ids()
        loop = arc_loop.make_loop(
            env, environments, length, stack=False, every=every, record=lambda row, when: recorder.step(row, tasks=tasks, when=when)
        )[1]
        play(loop, first, 1)
        shares = []
        for _ in range(TURNS):
            without = play(plain, first, count)[0]
            shares.append(play(loop, first, count)[0] / without - 1)
            recorder.flush()
    return statistics.median(shares)


def noticed(overrides: tuple[str, ...]) -> float:
    """Seconds from the death of a recorder to the line that says so, without anything being handed over."""
    said = threading.Event()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "ended with status" in record.getMessage():
                said.set()

    listener = Listener()
    logging.getLogger("episcope_rl").addHandler(listener)
    with episcope_rl.record(*overrides, on_death="drop") as recorder:
        assert recorder.pid is not None
        began = time.perf_counter()
        os.kill(recorder.pid, signal.SIGKILL)
        assert said.wait(30)
        took = time.perf_counter() - began
    logging.getLogger("episcope_rl").removeHandler(listener)
    return took


def main(environments: int, folder: Path) -> dict[str, float]:
    length = max(10, 6400 // environments)
    count = max(1, STEPS // (environments * length))
    env, _ = arc_loop.make_environment(folder)
    first, loop = arc_loop.make_loop(env, environments, length)
    play(loop, first, 1)
    steps = environments * length * count
    spool, live, recorder_seconds, alone = [], [], [], []
    overrides = ("visualization=debug_off", "logging=local_only", f"storage.base_output_dir={folder / 'runs'}")
    for turn in range(TURNS):
        alone.append(play(loop, first, count)[0])
        with episcope_rl.record(spool=folder / f"spool{turn}.msgpack") as recorder:
            own, rest = record_rollouts(recorder, loop, first, count)
            spool.append(own / rest)
    with episcope_rl.record(*overrides, overflow="wait") as recorder:
        assert recorder.pid is not None
        for _ in range(2):
            began = process_seconds(recorder.pid)
            own, rest = record_rollouts(recorder, loop, first, count)
            live.append(own / rest)
            recorder_seconds.append((process_seconds(recorder.pid) - began) / (steps + environments * length))
    plain = arc_loop.make_loop(env, environments, length, stack=False)[1]
    play(plain, first, 1)
    return {
        "loop_us": statistics.median(alone) / steps * 1e6,
        "spool": statistics.median(spool),
        "live": statistics.median(live),
        "recorder_us": statistics.median(recorder_seconds) * 1e6,
        "copies": copies(loop, first, folder),
        "callbacks": callbacks(env, plain, first, environments, length, count, 1, folder),
        "noticed_ms": statistics.median(noticed(overrides) for _ in range(3)) * 1e3,
        "sampled": callbacks(env, plain, first, environments, length, count, 10, folder),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print(json.dumps(main(int(sys.argv[1]), Path(scratch))))
