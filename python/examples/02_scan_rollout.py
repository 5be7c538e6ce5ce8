"""64 environments of JaxARC in one compiled scan; what it stacks anyway is handed over, of 4 environments.

    python 02_scan_rollout.py [OVERRIDES…]
"""
import sys

import jax
import jax.numpy as jnp
from jaxarc.envs.actions import create_action
from jaxarc.registration import make

import episcope_rl
import episcope_rl.jaxarc

ENVIRONMENTS, LENGTH, ROLLOUTS = 64, 20, 3

env, _ = make("AGI1-train")  # the tasks below this folder; with auto_download=True all of ARC-AGI-1
height, width, _ = env.observation_shape()
rows, columns = jnp.arange(height)[:, None], jnp.arange(width)[None, :]


def random_action(key: jax.Array):
    a, b, c = jax.random.split(key, 3)
    first, size = jax.random.randint(b, (2,), 0, 4), jax.random.randint(c, (2,), 0, 3)
    box = (rows >= first[0]) & (rows <= first[0] + size[0]) & (columns >= first[1]) & (columns <= first[1] + size[1])
    return create_action(jax.random.randint(a, (), 0, 35), box)


def one(state, key):
    """A step of one environment, and the state that the next step sees: a new episode's where this one ended."""
    act_key, reset_key = jax.random.split(key)
    action = random_action(act_key)
    after, timestep = env.step(state, action)
    fresh, _ = env.reset(reset_key)
    following = jax.tree.map(lambda new, old: jnp.where(timestep.done(), new, old), fresh, after)
    return following, {"state": after, "action": action, "reward": timestep.reward, "step_type": timestep.step_type, "next": following}


@jax.jit
def rollout(states, key):
    keys = jax.random.split(key, (LENGTH, ENVIRONMENTS))
    return jax.lax.scan(jax.vmap(one), states, keys)


with episcope_rl.record(*(sys.argv[1:] or ["visualization=debug_minimal", "logging=wandb_basic"])) as rec:
    states, _ = jax.jit(jax.vmap(env.reset))(jax.random.split(jax.random.PRNGKey(1), ENVIRONMENTS))
    start = states
    for number in range(ROLLOUTS):
        states, outputs = rollout(states, jax.random.PRNGKey(number))
        # Only the first rollout says how its episodes began; the others go on with them.
        rec.rollout(outputs, start=start, tasks=episcope_rl.jaxarc.task_ids(env), envs=range(4))
        rec.metrics(number, {"mean_reward": outputs["reward"].mean()})
        start = None
print(rec.run)
