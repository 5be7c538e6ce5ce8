"""What is streamed is what arrives: each step once, in its place, as it was sent.

EPISCOPE_STEPS=1000000 streams as many; a twentieth of it is enough for every change."""
from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
from conftest import live

import episcope_rl

STEPS = int(os.environ.get("EPISCOPE_STEPS", "50000"))
ENVS, ROWS, SIDE = 50, 200, 3
EPISODE = 1000


def test_every_step_arrives_once_and_in_order(tmp_path: Path, program: list[str]) -> None:
    random = np.random.default_rng(0)
    board = random.integers(0, 10, (ENVS, SIDE, SIDE), np.uint8)
    sent, count = [hashlib.sha256() for _ in range(ENVS)], 0
    overrides = ("storage.max_episodes_per_run=1000000", "storage.cleanup_policy=manual")
    with episcope_rl.record(*live(tmp_path), *overrides, program=program) as rec:
        start = board
        for rollout in range(-(-STEPS // (ENVS * ROWS))):
            boards = np.empty((ROWS, ENVS, SIDE, SIDE), np.uint8)
            places, colours = random.integers(0, SIDE, (ROWS, ENVS, 2)), random.integers(0, 10, (ROWS, ENVS), np.uint8)
            for row in range(ROWS):
                board = board.copy()
                board[np.arange(ENVS), places[row, :, 0], places[row, :, 1]] = colours[row]
                boards[row] = board
            reward = random.normal(size=(ROWS, ENVS))
            numbers = np.arange(ROWS) + rollout * ROWS
            ended = np.broadcast_to(numbers[:, None] % EPISODE == EPISODE - 1, (ROWS, ENVS))
            rec.rollout(
                {"grid": boards, "operation": colours, "point": places, "reward": reward, "truncated": ended, "next": {"grid": boards}},
                start=None if start is None else {"grid": start},
                tasks="volume",
            )
            start = None
            count += ROWS * ENVS
            for env in range(ENVS):
                sent[env].update(boards[:, env].tobytes() + reward[:, env].tobytes() + colours[:, env].astype(np.int64).tobytes())
    accounting = rec.accounting
    # And the record of the end.
    assert (accounting.acknowledged, accounting.dropped, accounting.refused) == (count + 1, 0, 0)
    assert rec.run is not None
    arrived, read = [hashlib.sha256() for _ in range(ENVS)], 0
    for episode in episcope_rl.read(rec.run):
        env = int(episode.key.partition("-")[0])
        for first in range(0, len(episode), ROWS):
            steps = episode.steps(first, first + ROWS)
            arrived[env].update(np.stack(steps.after).tobytes() + steps.reward.tobytes() + steps.operation.tobytes())
            read += len(steps)
    assert read == count
    assert [one.hexdigest() for one in arrived] == [one.hexdigest() for one in sent]
