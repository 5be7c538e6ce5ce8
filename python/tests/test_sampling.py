"""A sample of what is played: whole episodes, and no more copied than that."""
from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from conftest import as_played, episodes
from painters import TASKS, Painters

import episcope_rl

ENVS, ROWS = 4, 25


def as_numpy(tree: Any) -> Any:
    return tree


def as_jax(tree: Any) -> Any:
    return jax.tree.map(jnp.asarray, tree)


def finished_within(painters: Painters, before: set[int]) -> list[dict[str, Any]]:
    """The episodes that began and ended since then, in the order in which they ended."""
    return [dataclasses.asdict(one) for number, one in enumerate(painters.played) if number not in before and one.is_over]


def told_of(run: Path) -> list[dict[str, Any]]:
    return in_order([as_played(records) for records in episodes(run)])


def in_order(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(told, key=lambda one: (one["env"], one["steps"][0]["reward"]))


def gained(episode: dict[str, Any]) -> float:
    return sum(step["reward"] for step in episode["steps"])


def test_one_rollout_of_three_is_recorded(tmp_path: Path, recorded: Any) -> None:
    painters, spool = Painters(ENVS), tmp_path / "run.msgpack"
    expected = 0
    with episcope_rl.record(spool=spool) as rec:
        for number in range(7):
            start = painters.states()
            rec.rollout(painters.rollout(ROWS), start=start, tasks=TASKS, every=3)
            expected += ROWS * ENVS if number % 3 == 0 else 0
    assert expected == 3 * ROWS * ENVS
    assert rec.accounting.accepted == rec.accounting.acknowledged == expected + 1
    run = recorded(spool)
    assert sum(len(records) > 0 and sum(record["type"] == "step" for record in records) for records in episodes(run)) == expected


def test_a_rollout_that_is_left_out_needs_the_state_of_the_next_one(tmp_path: Path) -> None:
    painters = Painters(ENVS)
    with episcope_rl.record(spool=tmp_path / "run.msgpack") as rec, pytest.raises(episcope_rl.EpiscopeError, match="START_UNKNOWN"):
        rec.rollout(painters.rollout(ROWS), tasks=TASKS, every=2)


@pytest.mark.parametrize("form", [as_numpy, as_jax])
def test_the_best_and_the_worst_episode_of_a_rollout_are_recorded_whole(tmp_path: Path, recorded: Any, form: Any) -> None:
    jax.config.update("jax_enable_x64", True)
    painters, spool, expected = Painters(ENVS, seed=4), tmp_path / "run.msgpack", []
    with episcope_rl.record(spool=spool) as rec:
        for _ in range(3):
            # Each time the boards go on: those that are open count when they begin, with the rollout.
            painters = Painters(ENVS, seed=len(expected))
            start, rollout = painters.states(), painters.rollout(ROWS)
            rec.rollout(form(rollout), start=form(start), tasks=TASKS, pick=("best", "worst"))
            over = finished_within(painters, set())
            expected += [max(over, key=gained), min(over, key=gained)]
    jax.config.update("jax_enable_x64", False)
    assert rec.accounting.accepted == rec.accounting.acknowledged == sum(len(one["steps"]) for one in expected) + 1
    assert told_of(recorded(spool)) == in_order(expected)


@pytest.mark.parametrize("form", [as_numpy, as_jax])
def test_the_first_episode_that_solves_a_task_is_recorded(tmp_path: Path, recorded: Any, form: Any) -> None:
    painters, spool = Painters(ENVS, seed=8), tmp_path / "run.msgpack"
    first: dict[str, int] = {}
    with episcope_rl.record(spool=spool) as rec:
        for _ in range(3):
            start, rollout = painters.states(), painters.rollout(ROWS)
            solved = np.random.default_rng(len(painters.played)).random((ROWS, ENVS)) < 0.3
            ended = rollout["terminated"] | rollout["truncated"]
            task = np.concatenate([start["task_idx"][None], rollout["next"]["task_idx"][:-1]])
            for row, env in np.argwhere(ended & solved):
                first.setdefault(TASKS[task[row, env]], 0)
            rec.rollout(form({**rollout, "success": solved}), start=form(start), tasks=TASKS, pick="first_solved")
    told = told_of(recorded(spool))
    assert sorted(one["task"] for one in told) == sorted(first)
    assert len(first) == 2


def test_a_sample_that_there_is_not_is_said(tmp_path: Path) -> None:
    painters = Painters(ENVS)
    start, rollout = painters.states(), painters.rollout(3)
    with episcope_rl.record(spool=tmp_path / "run.msgpack") as rec:
        with pytest.raises(episcope_rl.EpiscopeError, match="(?s)no 'longest'; there are best, worst, first_solved.*ARGUMENT_INVALID"):
            rec.rollout(rollout, start=start, tasks=TASKS, pick=("longest",))  # type: ignore[arg-type]
        with pytest.raises(episcope_rl.EpiscopeError, match="first_solved needs 'success' or 'similarity'"):
            rec.rollout(rollout, start=start, tasks=TASKS, pick="first_solved")
        with pytest.raises(episcope_rl.EpiscopeError, match="every: 0 is no number of rollouts"):
            rec.rollout(rollout, start=start, tasks=TASKS, every=0)
