"""The published JaxARC, recorded by its stacked outputs and by its wrapper."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import arc_loop
import jax
import numpy as np
from conftest import episodes, rows

import episcope_rl
import episcope_rl.jaxarc

ENVS, LENGTH = 4, 30


def cut(grid: np.ndarray[Any, Any], mask: np.ndarray[Any, Any]) -> list[list[int]]:
    """The rectangle that holds all cells with a colour. Turning a board brings padding (-1) into its mask: such a cell has none."""
    real = mask & (grid >= 0)
    rectangle = slice(np.flatnonzero(real.any(axis=1)).max() + 1), slice(np.flatnonzero(real.any(axis=0)).max() + 1)
    return np.where(real, grid, 0)[rectangle].tolist()


def test_rollouts_of_jaxarc_are_the_episodes_that_were_played(tmp_path: Path, recorded: Any) -> None:
    """Once handed over as stacked outputs, and once, by a second recorder, by the environment itself."""
    env, task_ids = arc_loop.make_environment(tmp_path)
    with episcope_rl.record(spool=tmp_path / "steps.msgpack") as of_steps, episcope_rl.record(spool=tmp_path / "run.msgpack") as rec:
        first, loop = arc_loop.make_loop(episcope_rl.jaxarc.RecordEpisodes(env, of_steps), ENVS, LENGTH)
        states, played = first, []
        for number in range(2):
            start = states if number == 0 else None
            states, out = loop(states, number)
            rec.rollout(out, start=start, tasks=episcope_rl.jaxarc.task_ids(env))
            played.append(jax.tree.map(np.asarray, out))
    made = episodes(recorded(tmp_path / "run.msgpack"))
    expect_played(made, first, played, task_ids)
    by_steps = {records[0]["episode"]: plain(records) for records in episodes(recorded(tmp_path / "steps.msgpack"))}
    # An episode that begins behind the last row has no step yet: of it, the environment knows nothing.
    assert by_steps == {records[0]["episode"]: plain(records) for records in made if len(records) > 1}


def plain(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.items() if name not in ("seq", "time")} for record in records]


def expect_played(made: list[list[dict[str, Any]]], first: Any, played: list[Any], task_ids: list[str]) -> None:
    told: dict[int, list[list[dict[str, Any]]]] = {env: [] for env in range(ENVS)}
    for records in made:
        told[int(records[0]["episode"].partition("-")[0])].append(records)
    ends = 0
    for column in range(ENVS):
        rest = iter(told[column])
        records = next(rest)
        state = jax.tree.map(lambda leaf: np.asarray(leaf)[column], first)
        step = 0
        for out in played:
            for t in range(LENGTH):
                if step == 0:
                    expect_start(records[0], state, task_ids)
                after = jax.tree.map(lambda leaf: leaf[t, column], out["state"])
                record = records[1 + step]
                assert rows(record["after"]) == cut(after.working_grid, after.working_grid_mask)
                assert record["action"]["operation"] == out["action"].operation[t, column]
                assert record["reward"] == out["reward"][t, column]
                assert record["info"] == {"similarity": after.similarity_score}
                height, width = np.shape(cut(state.working_grid, state.working_grid_mask))
                assert list(record["action"]["selection"]["mask"]) == after.selected[:height, :width].astype(int).ravel().tolist()
                assert record["terminated"] == (out["step_type"][t, column] == 2)
                state = jax.tree.map(lambda leaf: leaf[t, column], out["next"])
                step += 1
                if out["step_type"][t, column] >= 2:
                    records, step, ends = next(rest), 0, ends + 1
    assert ends > 3


def expect_start(record: dict[str, Any], state: Any, task_ids: list[str]) -> None:
    assert record["task_id"] == task_ids[int(state.task_idx)]
    assert record["pair_index"] == state.pair_idx
    assert rows(record["initial"]) == cut(state.working_grid, state.working_grid_mask)
    assert rows(record["target"]) == cut(state.target_grid, state.target_grid_mask)
    assert rows(record["input"]) == cut(state.input_grid, state.input_grid_mask)


def test_task_ids_are_those_of_the_environment_whatever_was_loaded_before(tmp_path: Path) -> None:
    from jaxarc.utils.task_manager import register_task_globally

    register_task_globally("of-another-data-set")
    env, ids = arc_loop.make_environment(tmp_path)
    assert episcope_rl.jaxarc.task_ids(env) == ids
    assert episcope_rl.jaxarc.task_ids(env.params) == ids
