"""Fields are found by name, and what is missing or odd is named before anything is recorded."""
from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from painters import TASKS, Painters

import episcope_rl
from episcope_rl.fields import step_fields
from episcope_rl.rollout import read_rollout


class Action(NamedTuple):
    operation: Any
    selection: Any


@dataclasses.dataclass
class State:
    working_grid: Any
    working_grid_mask: Any
    similarity_score: Any
    task_idx: Any
    key: Any = None


def tree() -> dict[str, Any]:
    cells, flags = np.zeros((2, 3, 5, 6), np.int32), np.ones((2, 3, 5, 6), bool)
    column = np.zeros((2, 3), np.float32)
    state = State(cells, flags, column, column.astype(int))
    return {"state": state, "next": state, "action": Action(column.astype(int), flags), "timestep": {"reward": column, "step_type": column.astype(np.int8)},
            "extras": {"canonical_action": {"operation": column.astype(int)}, "episode_metrics": {"best": column}, "loss": column, "odd": np.zeros(3)}}


def test_dataclasses_named_tuples_and_dicts_are_read_by_name() -> None:
    fields = step_fields(tree())
    assert {name: fields.paths[name] for name in sorted(fields.leaves)} == {
        "after.grid": "state.working_grid", "after.mask": "state.working_grid_mask", "after.task": "state.task_idx",
        "info.canonical_action.operation": "extras.canonical_action.operation", "info.episode_metrics.best": "extras.episode_metrics.best",
        "info.loss": "extras.loss", "info.odd": "extras.odd", "next.grid": "next.working_grid", "next.mask": "next.working_grid_mask",
        "next.task": "next.task_idx", "operation": "action.operation", "reward": "timestep.reward", "selection": "action.selection",
        "similarity": "state.similarity_score", "step_type": "timestep.step_type",
    }


def test_flat_names_mean_the_same_as_trees() -> None:
    fields = step_fields({"after_grid": np.zeros(1), "after_mask": np.zeros(1), "next_grid": np.zeros(1), "operation": np.zeros(1), "done": np.zeros(1)})
    assert sorted(fields.leaves) == ["after.grid", "after.mask", "done", "next.grid", "operation"]


def test_names_say_where_a_field_stands() -> None:
    fields = step_fields({"obs": {"board": np.zeros(1)}, "r": np.zeros(1)}, {"after.grid": "obs.board", "reward": "r"})
    assert fields.paths == {"after.grid": "obs.board", "reward": "r"}


def code_of(**changes: Any) -> str:
    made = Painters().rollout(2)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = made
        for parent in parents:
            place = place[parent]
        if value is None:
            del place[last]
        else:
            place[last] = value
    with pytest.raises(episcope_rl.EpiscopeError) as raised:
        read_rollout(made, None, tasks=TASKS, names=None, envs=None, time=0, operation_names=None)
    return f"{raised.value.code}: {raised.value.message}"


def test_a_missing_field_is_named() -> None:
    assert code_of(state__working_grid=None).startswith("FIELD_MISSING: the rollout has no 'after.grid'; it has ")
    assert code_of(reward=None).startswith("FIELD_MISSING: the rollout has no 'reward'")
    assert code_of(next__task_idx=None).startswith("FIELD_MISSING: the rollout has no 'next.task'")


def test_an_odd_field_is_named_with_its_place_and_shape() -> None:
    assert code_of(action__operation=np.zeros((2, 4))) == "FIELD_ODD: operation (the leaf 'action.operation'): its shape is [2, 4], not [2, 3]"
    assert "its shape is [2, 3, 6, 5], not [2, 3, 5, 6]" in code_of(next__working_grid=np.zeros((2, 3, 6, 5)))
    assert "it has no numbers, but complex128" in code_of(reward=np.zeros((2, 3), complex))
    assert "with sides of 1 to 64" in code_of(state__working_grid=np.zeros((2, 3, 65, 5)))


def test_the_first_rollout_raises_and_later_ones_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    painters = Painters()
    with episcope_rl.record(spool=tmp_path / "run.msgpack") as rec:
        with pytest.raises(episcope_rl.EpiscopeError, match="START_UNKNOWN"):
            rec.rollout(painters.rollout(2), tasks=TASKS)
        rec.rollout(painters.rollout(2), start=painters.states(), tasks=TASKS)
        rec.rollout({"reward": np.zeros((2, 3))})
    assert "a rollout cannot be read and is not recorded: the rollout has no 'after.grid'" in caplog.text


def test_a_spool_file_is_never_written_over(tmp_path: Path) -> None:
    episcope_rl.record(spool=tmp_path / "run.msgpack").close()
    with pytest.raises(episcope_rl.EpiscopeError, match="SPOOL_EXISTS"):
        episcope_rl.record(spool=tmp_path / "run.msgpack")


def test_a_program_that_is_not_there_is_said() -> None:
    with pytest.raises(episcope_rl.EpiscopeError, match="PROGRAM_MISSING"):
        episcope_rl.record(program="/nowhere/episcope")


def test_a_recorder_cannot_be_sent_to_another_process(tmp_path: Path) -> None:
    with episcope_rl.record(spool=tmp_path / "run.msgpack") as rec, pytest.raises(episcope_rl.EpiscopeError, match="(?s)OTHER_PROCESS.*AsyncVectorEnv"):
        pickle.dumps({"recorder": rec})


def test_a_recorder_says_in_a_line_how_it_stands(tmp_path: Path) -> None:
    with episcope_rl.record(spool=tmp_path / "run.msgpack") as rec:
        rec.metrics(1, {"loss": 1.0})
        rec.flush()
        assert repr(rec).endswith("run.msgpack: 1 steps, 1 safe, 0 dropped>")
    assert repr(episcope_rl.record(enabled=False)) == "<recorder, switched off>"
