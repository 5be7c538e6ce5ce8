"""Wrappers that record Gymnasium environments with grids, single and vectorised ones."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv, VectorWrapper

from .arrays import PADDING, Bytes, padded_cells
from .recorder import Recorder

# Grids of one environment differ in size; they are padded to this, or to the largest there can be.
_SIDE, _LARGEST_SIDE = 30, 64

ReadGrid = Callable[[Any, Mapping[str, Any]], Any]
ReadAction = Callable[[Any], Mapping[str, Any]]


class GridView:
    """What of an environment is recorded, by functions of the observation and the info.

    `grid`: the grid that is seen, 2-D; default: the observation, or its entry "grid". `target`: default: `info["target"]`, or the observation's entry "target". `task`: a text, or a function; default: `info["task_id"]`.
    `action`: operation and selection of an action; default: an integer is an operation, a mapping has "operation" and "selection", "point" or "bbox", and of a
    sequence the first is the operation, two more a point and four more a box.
    """

    def __init__(
        self, *, grid: ReadGrid | None = None, target: ReadGrid | None = None, action: ReadAction | None = None, task: str | ReadGrid | None = None
    ) -> None:
        self._grid, self._target, self._action, self._task = grid, target, action, task

    def grid(self, observation: Any, info: Mapping[str, Any]) -> Bytes:
        if self._grid is not None:
            return _padded(self._grid(observation, info))
        return _padded(observation["grid"] if isinstance(observation, Mapping) else observation)

    def target(self, observation: Any, info: Mapping[str, Any]) -> Bytes | None:
        if self._target is not None:
            found = self._target(observation, info)
        else:
            found = info.get("target", observation.get("target") if isinstance(observation, Mapping) else None)
        return None if found is None else _padded(found)

    def task(self, observation: Any, info: Mapping[str, Any]) -> str:
        if callable(self._task):
            return str(self._task(observation, info))
        return str(info.get("task_id", "unknown")) if self._task is None else self._task

    def action(self, action: Any) -> dict[str, Any]:
        if self._action is not None:
            return dict(self._action(action))
        if isinstance(action, Mapping):
            return {name: np.asarray(action[name]) for name in ("operation", "selection", "point", "bbox") if name in action}
        numbers = np.asarray(action).ravel()
        parts = {"operation": numbers[0]}
        if len(numbers) in (3, 5):
            parts["point" if len(numbers) == 3 else "bbox"] = numbers[1:]
        return parts


class _Environment:
    """One environment of a recording."""

    def __init__(self, recorder: Recorder, view: GridView, number: int) -> None:
        self._recorder, self._view, self._number = recorder, view, number
        self._task = "unknown"
        self._side = _SIDE

    def begin(self, observation: Any, info: Mapping[str, Any]) -> None:
        self._task = self._view.task(observation, info)
        grid, target = self._view.grid(observation, info), self._view.target(observation, info)
        self._side = max(_side(grid), _SIDE if target is None else _side(target))
        state = {"grid": _square(grid, self._side), **({} if target is None else {"target": _square(target, self._side)})}
        self._recorder.start(state, tasks=self._task, envs=[self._number])

    def step(self, action: Any, observation: Any, reward: Any, terminated: Any, truncated: Any, info: Mapping[str, Any]) -> None:
        grid = self._view.grid(observation, info)
        self._side = max(self._side, _side(grid))
        parts = self._view.action(action)
        if "selection" in parts:
            selection = np.asarray(parts["selection"], np.bool_)
            parts["selection"] = np.zeros((self._side, self._side), np.bool_)
            parts["selection"][: selection.shape[0], : selection.shape[1]] = selection
        row = {
            "after": {"grid": _square(grid, self._side)},
            "action": parts,
            "reward": np.float64(reward),
            "terminated": np.bool_(terminated),
            "truncated": np.bool_(truncated),
            **{name: np.float64(info[name]) for name in ("similarity", "success") if name in info},
        }
        self._recorder.step(row, tasks=self._task, envs=[self._number])


class RecordEpisodes(gymnasium.Wrapper[Any, Any, Any, Any]):
    """An environment whose episodes are recorded. `number`: of this environment among those of the recording."""

    def __init__(self, env: gymnasium.Env[Any, Any], recorder: Recorder, view: GridView | None = None, *, number: int = 0) -> None:
        super().__init__(env)
        self._recorded = _Environment(recorder, view or GridView(), number)

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(**kwargs)
        self._recorded.begin(observation, info)
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._recorded.step(action, observation, reward, terminated, truncated, info)
        return observation, reward, terminated, truncated, info


class RecordVectorEpisodes(VectorWrapper):
    """The same of a vectorised environment, whenever it resets its environments (`metadata["autoreset_mode"]`)."""

    def __init__(self, env: VectorEnv[Any, Any, Any], recorder: Recorder, view: GridView | None = None) -> None:
        super().__init__(env)
        view = view or GridView()
        self._recorded = [_Environment(recorder, view, number) for number in range(env.num_envs)]
        self._mode = env.metadata.get("autoreset_mode", AutoresetMode.NEXT_STEP)
        self._over = np.zeros(env.num_envs, np.bool_)

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        observations, infos = self.env.reset(**kwargs)
        which = (kwargs.get("options") or {}).get("reset_mask")
        for number, recorded in enumerate(self._recorded):
            if which is None or which[number]:
                recorded.begin(_of(observations, number), _info(infos, number))
                self._over[number] = False
        return observations, infos

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        observations, rewards, terminated, truncated, infos = self.env.step(actions)
        for number, recorded in enumerate(self._recorded):
            observation, info = _of(observations, number), _info(infos, number)
            if self._over[number]:
                # This step was the reset; its action was not taken.
                if self._mode == AutoresetMode.NEXT_STEP:
                    recorded.begin(observation, info)
                    self._over[number] = False
                continue
            is_over = bool(terminated[number] or truncated[number])
            is_reset = is_over and self._mode == AutoresetMode.SAME_STEP
            last, last_info = (info["final_obs"], info.get("final_info", {})) if is_reset else (observation, info)
            recorded.step(_of(actions, number), last, rewards[number], terminated[number], truncated[number], last_info)
            if is_reset:
                recorded.begin(observation, info)
            else:
                self._over[number] = is_over
        return observations, rewards, terminated, truncated, infos


def _of(batch: Any, number: int) -> Any:
    if isinstance(batch, Mapping):
        return {name: _of(part, number) for name, part in batch.items()}
    return tuple(_of(part, number) for part in batch) if isinstance(batch, tuple) else batch[number]


def _info(infos: Mapping[str, Any], number: int) -> dict[str, Any]:
    """What a vectorised info has of one environment: `_name` says which environments have `name`."""
    return {
        name: _of(value, number) if not isinstance(value, Mapping) else _info(value, number)
        for name, value in infos.items()
        if not name.startswith("_") and (f"_{name}" not in infos or infos[f"_{name}"][number])
    }


def _padded(grid: Any) -> Bytes:
    return padded_cells(np.asarray(grid), None)


def _side(grid: Bytes) -> int:
    return _SIDE if max(grid.shape) <= _SIDE else _LARGEST_SIDE


def _square(grid: Bytes, side: int) -> Bytes:
    padded = np.full((side, side), PADDING, np.uint8)
    padded[: grid.shape[0], : grid.shape[1]] = grid
    return padded
