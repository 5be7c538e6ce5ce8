"""JaxARC: its tasks by name, and a wrapper that records its environments.

A rollout of it needs no adapter but the ids of its tasks, for its states have the names that are understood (docs/python.md):

>>> rec.rollout(outputs, start=first_state, tasks=episcope_rl.jaxarc.task_ids())
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from .recorder import Recorder


class TaskIds(Sequence[str]):
    """The task ids that JaxARC has loaded in this process, in its order, which is another one on another machine."""

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[place] for place in range(len(self))[index]]
        from jaxarc.utils.task_manager import get_task_id_globally

        task_id = get_task_id_globally(int(index))
        return f"task_{index}" if task_id is None else str(task_id)

    def __len__(self) -> int:
        from jaxarc.utils.task_manager import get_global_task_manager

        return int(get_global_task_manager().num_tasks())


def task_ids() -> TaskIds:
    return TaskIds()


class RecordEpisodes:
    """An environment whose steps are recorded, under jit, scan and vmap. `reset` and everything else are the environment's own.

    It calls the host once for each step of all environments; handing over stacked outputs, `rec.rollout`, costs less.
    """

    def __init__(self, env: Any, recorder: Recorder, *, ordered: bool = False) -> None:
        self._env = env
        self._recorder = recorder
        self._ordered = ordered

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
        self._recorder.step(row, tasks=task_ids(), when=when, ordered=self._ordered)
        return after, timestep
