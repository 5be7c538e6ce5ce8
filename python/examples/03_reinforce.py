"""REINFORCE learns to mirror a grid of JaxARC and to submit it, in a minute on a CPU. Every sixth rollout is recorded, of 4 environments.

    python 03_reinforce.py [OVERRIDES…]
"""
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxarc.envs.actions import create_action
from jaxarc.registration import make

import episcope_rl
import episcope_rl.jaxarc

ENVIRONMENTS, LENGTH, UPDATES, LONGEST = 64, 12, 60, 6
RATE, ENTROPY = 1e-2, 0.02
OPERATIONS = jnp.array([20, 21, 22, 23, 24, 25, 26, 27, 34])  # moves, turns and mirrors of the whole grid, and Submit
SEEN = 5  # the policy sees the corner of this size, of the grid and of the target

env, _ = make("AGI1-mirror-image")
nothing = jnp.zeros(env.observation_shape()[:2], bool)  # with no cell selected an operation is one on the whole grid


def observe(state):
    """[2 * SEEN * SEEN * 11]: colours of both grids, one-hot; padding is the eleventh."""
    grids = jnp.stack([jnp.where(state.working_grid_mask, state.working_grid, 10), jnp.where(state.target_grid_mask, state.target_grid, 10)])
    return jax.nn.one_hot(grids[:, :SEEN, :SEEN], 11).ravel()


def reset(key):
    """JaxARC begins with the input of any pair of the task; here it is that of the pair whose output is asked for."""
    state, _ = env.reset(key)
    return eqx.tree_at(lambda s: (s.working_grid, s.working_grid_mask), state, (state.input_grid, state.input_grid_mask))


def one(policy, state, key):
    act_key, reset_key = jax.random.split(key)
    seen = observe(state)
    choice = jax.random.categorical(act_key, policy(seen))
    action = create_action(OPERATIONS[choice], nothing)
    after, timestep = env.step(state, action)
    truncated = ~timestep.done() & (after.step_count >= LONGEST)
    over = timestep.done() | truncated
    following = jax.tree.map(lambda new, old: jnp.where(over, new, old), reset(reset_key), after)
    recorded = {
        "state": after, "action": action, "reward": timestep.reward, "terminated": timestep.done(), "truncated": truncated, "next": following,
    }
    return following, (recorded, {"seen": seen, "choice": choice, "reward": timestep.reward, "over": over})


@eqx.filter_jit
def rollout(policy, states, key):
    keys = jax.random.split(key, (LENGTH, ENVIRONMENTS))
    return jax.lax.scan(lambda s, k: jax.vmap(one, (None, 0, 0))(policy, s, k), states, keys)


def returns(played):
    """[T, N]: what came after each step, to the end of its episode or of the rollout."""
    def back(later, row):
        total = row["reward"] + jnp.where(row["over"], 0.0, later)
        return total, total

    return jax.lax.scan(back, jnp.zeros(ENVIRONMENTS), played, reverse=True)[1]


@eqx.filter_jit
def update(policy, momentum, played):
    gained = returns(played)
    advantage = (gained - gained.mean()) / (gained.std() + 1e-6)

    def loss(policy):
        chances = jax.nn.log_softmax(jax.vmap(jax.vmap(policy))(played["seen"]))
        chosen = jnp.take_along_axis(chances, played["choice"][..., None], -1)[..., 0]
        return -(chosen * advantage).mean() + ENTROPY * (jnp.exp(chances) * chances).sum(-1).mean()

    value, gradients = eqx.filter_value_and_grad(loss)(policy)
    momentum = jax.tree.map(lambda m, g: 0.9 * m + g, momentum, gradients)
    squares = sum(jnp.sum(g**2) for g in jax.tree.leaves(gradients))
    scale = RATE / jnp.maximum(jnp.sqrt(squares), 0.05)
    policy = eqx.apply_updates(policy, jax.tree.map(lambda m: -scale * m, momentum))
    return policy, momentum, gradients, {"loss": value, "return": gained[0].mean()}


policy = eqx.nn.MLP(2 * SEEN * SEEN * 11, len(OPERATIONS), 64, 1, key=jax.random.PRNGKey(0))
momentum = jax.tree.map(jnp.zeros_like, eqx.filter(policy, eqx.is_array))
states = jax.jit(jax.vmap(reset))(jax.random.split(jax.random.PRNGKey(1), ENVIRONMENTS))
overrides = sys.argv[1:] or ["visualization=debug_minimal", "logging=wandb_full", "storage=research"]
with episcope_rl.record(*overrides, meta={"model_topology": episcope_rl.model_topology(policy)}) as rec:
    for number in range(UPDATES):
        start = states
        states, (recorded, played) = rollout(policy, states, jax.random.PRNGKey(100 + number))
        policy, momentum, gradients, values = update(policy, momentum, played)
        rec.rollout(recorded, start=start, tasks=episcope_rl.jaxarc.task_ids(env), envs=range(4), every=6)
        rec.metrics(number, values, gradients=gradients, parameters=policy)
print(rec.run)
