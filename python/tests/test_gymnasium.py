"""Gymnasium environments, recorded by their wrappers."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from conftest import episodes, rows
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import episcope_rl
from episcope_rl.gymnasium import GridView, RecordEpisodes, RecordVectorEpisodes


class Painting(gymnasium.Env[Any, Any]):
    """A board of 3 x 2; an action is (colour, row, column); after three steps it is over."""

    observation_space = gymnasium.spaces.Box(0, 9, (3, 2), np.int64)
    action_space = gymnasium.spaces.MultiDiscrete([10, 3, 2])

    def __init__(self) -> None:
        self.played: list[dict[str, Any]] = []

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.board = self.np_random.integers(0, 10, (3, 2))
        self.played.append({"initial": self.board.tolist(), "steps": []})
        return self.board.copy(), {"task_id": "painting", "target": np.ones((3, 2), int)}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        colour, row, column = action
        self.board[row, column] = colour
        steps = self.played[-1]["steps"]
        steps.append({"operation": int(colour), "point": [int(row), int(column)], "after": self.board.tolist(), "reward": float(colour) / 4})
        over = len(steps) == 3
        return self.board.copy(), float(colour) / 4, over and colour > 4, over and colour <= 4, {}


def told(run: Path) -> dict[str, Any]:
    made = {}
    for records in episodes(run):
        assert (records[0]["task_id"], rows(records[0]["target"])) == ("painting", [[1, 1]] * 3)
        steps = [record for record in records if record["type"] == "step"]
        assert [step["terminated"] or step["truncated"] for step in steps] == [number == 2 for number in range(len(steps))]
        made[records[0]["episode"]] = {"initial": rows(records[0]["initial"]), "steps": [
            {"operation": step["action"]["operation"], "point": step["action"]["selection"]["point"], "after": rows(step["after"]), "reward": step["reward"]} for step in steps
        ]}
    return made


def expected(played: list[list[dict[str, Any]]]) -> dict[str, Any]:
    return {f"{env}-{number}": one for env, all_of in enumerate(played) for number, one in enumerate(all_of) if one["steps"]}


def test_a_wrapped_environment_records_its_episodes(tmp_path: Path, recorded: Any) -> None:
    inner = Painting()
    with episcope_rl.record(spool=tmp_path / "run.msgpack") as rec:
        env = RecordEpisodes(inner, rec)
        env.action_space.seed(1)
        for episode in range(3):
            env.reset(seed=episode)
            for _ in range(3):
                env.step(env.action_space.sample())
    assert told(recorded(tmp_path / "run.msgpack")) == expected([inner.played])


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_a_wrapped_vector_environment_records_all_of_them(mode: AutoresetMode, tmp_path: Path, recorded: Any) -> None:
    inner = [Painting(), Painting()]
    with episcope_rl.record(spool=tmp_path / "run.msgpack") as rec:
        env = RecordVectorEpisodes(SyncVectorEnv([lambda one=one: one for one in inner], autoreset_mode=mode), rec)
        env.action_space.seed(2)
        env.reset(seed=5)
        for _ in range(11):
            env.step(env.action_space.sample())
    assert told(recorded(tmp_path / "run.msgpack")) == expected([one.played for one in inner])


def test_functions_say_what_of_another_environment_is_recorded(tmp_path: Path, recorded: Any) -> None:
    view = GridView(grid=lambda seen, info: seen[:2], action=lambda action: {"operation": 7, "selection": np.eye(2, dtype=bool)}, task="own", target=lambda seen, info: None)
    with episcope_rl.record(spool=tmp_path / "run.msgpack") as rec:
        env = RecordEpisodes(Painting(), rec, view, number=4)
        env.reset(seed=0)
        env.step((1, 0, 0))
    (records,) = episodes(recorded(tmp_path / "run.msgpack"))
    assert (records[0]["episode"], records[0]["task_id"], records[0]["target"]) == ("4-0", "own", None)
    assert records[1]["action"]["operation"] == 7
    assert list(records[1]["action"]["selection"]["mask"]) == [1, 0, 0, 1]
