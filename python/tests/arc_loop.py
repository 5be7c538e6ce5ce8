"""A loop of the published JaxARC: many environments, reset where they end, as a researcher writes it."""
from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")
from loguru import logger

logger.remove()
import jax
import jax.numpy as jnp

TASKS = Path(__file__).resolve().parents[2] / "packages" / "arc-env" / "tasks"


def make_environment(folder: Path) -> tuple[Any, list[str]]:
    """An environment of three tasks, and their ids in its order; JaxARC finds them below the working folder."""
    data = folder / "data" / "ARC-AGI-1" / "data"
    for split in ("training", "evaluation"):
        (data / split).mkdir(parents=True)
    (folder / ".here").touch()
    for path in sorted(TASKS.glob("*.json"))[:3]:
        shutil.copy(path, data / "training")
    before = Path.cwd()
    os.chdir(folder)
    try:
        from jaxarc.registration import available_task_ids, make

        return make("AGI1-train")[0], list(available_task_ids("AGI1"))
    finally:
        os.chdir(before)


def random_action(key: jax.Array, height: int, width: int) -> Any:
    """A random operation on a random box; Submit comes often enough to end episodes."""
    from jaxarc.envs.actions import create_action

    rows, columns = jnp.arange(height)[:, None], jnp.arange(width)[None, :]
    a, b, c = jax.random.split(key, 3)
    corner, size = jax.random.randint(b, (2,), 0, 4), jax.random.randint(c, (2,), 0, 4)
    box = (rows >= corner[0]) & (rows <= corner[0] + size[0]) & (columns >= corner[1]) & (columns <= corner[1] + size[1])
    return create_action(jax.random.randint(a, (), 0, 35), box)


def make_loop(env: Any, environments: int, length: int, *, stack: bool = True, record: Any = None, every: int = 1) -> tuple[Any, Any]:
    """The first states, and the compiled rollout: states, number -> states, outputs `[T, N, …]`.

    `stack`: whether the outputs are stacked, or the rewards only. `record`: called with each row in the function, one of `every`: row, when."""
    height, width, _ = env.observation_shape()

    def one(state: Any, key: jax.Array) -> tuple[Any, Any]:
        act_key, reset_key = jax.random.split(key)
        action = random_action(act_key, height, width)
        after, timestep = env.step(state, action)
        fresh, _ = env.reset(reset_key)
        following = jax.tree.map(lambda f, a: jnp.where(timestep.done(), f, a), fresh, after)
        return following, {"state": after, "action": action, "reward": timestep.reward, "step_type": timestep.step_type, "next": following}

    def body(states: Any, row: Any) -> tuple[Any, Any]:
        keys, number = row
        following, out = jax.vmap(one)(states, keys)
        if record is not None:
            record({"before": states, **{name: part for name, part in out.items() if name != "next"}}, None if every == 1 else number % every == 0)
        return following, out if stack else out["reward"]

    def rollout(states: Any, number: jax.Array) -> tuple[Any, Any]:
        keys = jax.random.split(jax.random.fold_in(jax.random.PRNGKey(2), number), (length, environments))
        return jax.lax.scan(body, states, (keys, jnp.arange(length)))

    states, _ = jax.jit(jax.vmap(env.reset))(jax.random.split(jax.random.PRNGKey(1), environments))
    return states, jax.jit(rollout)
