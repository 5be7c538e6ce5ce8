"""A small vectorised environment in numpy, which remembers what it played so that tests can compare."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

TASKS = ["0a1b2c3d", "ffee0011"]


@dataclass
class Played:
    """An episode as it was played, in plain values."""

    env: int
    task: str
    pair: int
    initial: list[list[int]]
    target: list[list[int]]
    steps: list[dict[str, Any]] = field(default_factory=list)
    is_over: bool = False


class Painters:
    """N boards of different sizes, padded to 5 x 6 with -1, each painted by random selections; reset by themselves."""

    height, width = 5, 6

    def __init__(self, environments: int = 3, seed: int = 0, end: float = 0.2) -> None:
        self.random = np.random.default_rng(seed)
        self.environments = environments
        self.end = end
        self.played: list[Played] = []
        self.current: list[Played] = []
        self.state = self._empty()
        for env in range(environments):
            self._reset(env)

    def _empty(self) -> dict[str, np.ndarray]:
        shape = (self.environments, self.height, self.width)
        return {
            "working_grid": np.full(shape, -1, np.int32), "working_grid_mask": np.zeros(shape, bool),
            "target_grid": np.full(shape, -1, np.int32), "target_grid_mask": np.zeros(shape, bool),
            "task_idx": np.zeros(self.environments, np.int32), "pair_idx": np.zeros(self.environments, np.int32),
        }

    def _reset(self, env: int) -> None:
        for name in ("working", "target"):
            rows, columns = self.random.integers(1, (self.height + 1, self.width + 1))
            grid, mask = self.state[f"{name}_grid"][env], self.state[f"{name}_grid_mask"][env]
            grid[:], mask[:] = -1, False
            mask[:rows, :columns] = True
            grid[mask] = self.random.integers(0, 10, mask.sum())
        self.state["task_idx"][env], self.state["pair_idx"][env] = self.random.integers(2), self.random.integers(3)
        episode = Played(
            env, TASKS[self.state["task_idx"][env]], int(self.state["pair_idx"][env]),
            cut(self.state["working_grid"][env], self.state["working_grid_mask"][env]),
            cut(self.state["target_grid"][env], self.state["target_grid_mask"][env]),
        )
        self.played.append(episode)
        self.current = [*self.current[:env], episode, *self.current[env + 1 :]]

    def states(self) -> dict[str, np.ndarray]:
        return {name: array.copy() for name, array in self.state.items()}

    def step(self) -> dict[str, Any]:
        """One row: state after the action, the action, and the state that the next action sees."""
        count = self.environments
        operation = self.random.integers(0, 10, count).astype(np.int32)
        selection = self.random.random((count, self.height, self.width)) < 0.3
        chosen = selection & self.state["working_grid_mask"]
        self.state["working_grid"] = np.where(chosen, operation[:, None, None], self.state["working_grid"])
        after = self.states()
        reward = self.random.normal(size=count).astype(np.float32)
        terminated = self.random.random(count) < self.end
        truncated = (self.random.random(count) < self.end / 4) & ~terminated
        loss = self.random.normal(size=count)
        for env in range(count):
            self.current[env].steps.append({
                "operation": int(operation[env]), "after": cut(after["working_grid"][env], after["working_grid_mask"][env]),
                "selection": cut(chosen[env].astype(int), after["working_grid_mask"][env]), "reward": float(reward[env]),
                "terminated": bool(terminated[env]), "truncated": bool(truncated[env]), "loss": float(loss[env]),
            })
        for env in np.flatnonzero(terminated | truncated):
            self.current[env].is_over = True
            self._reset(env)
        return {
            "state": after, "action": {"operation": operation, "selection": selection}, "reward": reward, "terminated": terminated,
            "truncated": truncated, "metrics": {"loss": loss}, "next": self.states(),
        }

    def rollout(self, rows: int) -> dict[str, Any]:
        return stacked([self.step() for _ in range(rows)])


def stacked(trees: list[Any]) -> Any:
    if isinstance(trees[0], dict):
        return {name: stacked([tree[name] for tree in trees]) for name in trees[0]}
    return np.stack(trees)


def cut(grid: np.ndarray, mask: np.ndarray) -> list[list[int]]:
    rows, columns = mask.any(axis=1).sum(), mask.any(axis=0).sum()
    return grid[:rows, :columns].tolist()
