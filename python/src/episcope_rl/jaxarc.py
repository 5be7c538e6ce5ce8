"""JaxARC: its tasks by name, and a wrapper that records its environments.

A rollout of it needs no adapter but the ids of its tasks, for its states have the names that are understood (docs/python.md):

>>> rec.rollout(outputs, start=first_state, tasks=episcope_rl.jaxarc.task_ids(env))
"""
from __future__ import annotations

from typing import Any

import numpy as np

from .recorder import Recorder


def task_ids(env: Any) -> list[str]:
    """The ids of an environment's tasks, in the order that `state.task_idx` counts: that of its own buffer of tasks.

    Args:
        env: an environment of JaxARC, bare or wrapped, or its `EnvParams`.
    """
    from jaxarc.utils.task_manager import get_task_id_globally

    params = getattr(env, "params", env)
    indices = np.asarray(params.buffer.task_index).reshape(-1)
    # The buffer has numbers that hold in this process alone, and another order on another machine.
    named = ((int(index), get_task_id_globally(int(index))) for index in indices)
    return [f"task_{index}" if task_id is None else str(task_id) for index, task_id in named]


class RecordEpisodes:
    """An environment whose steps are recorded, under jit, scan and vmap. `reset` and everything else are the environment's own.

    It calls the host once for each step of all environments; handing over stacked outputs, `rec.rollout`, costs less.
    """

    def __init__(self, env: Any, recorder: Recorder, *, ordered: bool = False) -> None:
        self._env = env
        self._recorder = recorder
        self._ordered = ordered
        self._tasks = task_ids(env)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._env, name)

    def step(self, state: Any, action: Any, *args: Any, when: Any = None, **kwargs: Any) -> Any:
        """As the environment's. `when`: a bool scalar; the step is recorded where it is true."""
        after, timestep = self._env.step(state, action, *args, **kwargs)
        row = {
            "before": state,
            "after": after,
            # The action as a mask, whichever form it was given in.
            "action": timestep.extras["canonical_action"],
            "reward": timestep.reward,
            "step_type": timestep.step_type,
            "similarity": after.similarity_score,
            "metrics": timestep.extras.get("metrics", {}),
        }
        self._recorder.step(row, tasks=self._tasks, when=when, ordered=self._ordered)
        return after, timestep
