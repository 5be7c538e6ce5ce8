"""A random agent in an environment of JaxARC, one step after the other; the environment records itself.

    python 01_jaxarc_random.py [OVERRIDES…]
"""
import sys

import jax
import jax.numpy as jnp
from jaxarc.envs.actions import create_action
from jaxarc.registration import make

import episcope_rl
import episcope_rl.jaxarc

STEPS, LONGEST = 20, 10
SUBMIT = 34

env, _ = make("AGI1-mirror-image")  # found below this folder; make("AGI1-67a3c6ac", auto_download=True) fetches ARC-AGI-1
height, width, _ = env.observation_shape()
rows, columns = jnp.arange(height)[:, None], jnp.arange(width)[None, :]


def random_action(key: jax.Array):
    """Any operation on a random box of at most 3 x 3."""
    a, b, c = jax.random.split(key, 3)
    first, size = jax.random.randint(b, (2,), 0, 4), jax.random.randint(c, (2,), 0, 3)
    box = (rows >= first[0]) & (rows <= first[0] + size[0]) & (columns >= first[1]) & (columns <= first[1] + size[1])
    return create_action(jax.random.randint(a, (), 0, SUBMIT + 1), box)


with episcope_rl.record(*(sys.argv[1:] or ["visualization=debug_standard", "logging=wandb_basic"])) as rec:
    recorded = episcope_rl.jaxarc.RecordEpisodes(env, rec)
    reset, step = jax.jit(env.reset), jax.jit(recorded.step)
    key = jax.random.PRNGKey(0)
    state, _ = reset(key)
    for number in range(STEPS):
        key, act_key, reset_key = jax.random.split(key, 3)
        state, timestep = step(state, random_action(act_key))
        if timestep.done() or int(state.step_count) >= LONGEST:
            state, _ = reset(reset_key)
            rec.start(state, tasks=episcope_rl.jaxarc.task_ids(env))
print(rec.run)
