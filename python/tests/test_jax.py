"""Steps and rollouts from functions that JAX compiles and transforms."""
from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from conftest import episodes, record_file, rows

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import equinox as eqx
import jax
import jax.numpy as jnp

import episcope_rl

SIDE, LENGTH, ENVS = 4, 5, 3
TASKS = ["first", "second"]


class Board(eqx.Module):
    """Painted from left to right, one column a step; after LENGTH steps it is over."""

    grid: jax.Array
    mask: jax.Array
    target: jax.Array
    task: jax.Array
    steps: jax.Array
    key: jax.Array


class Action(NamedTuple):
    operation: jax.Array
    selection: jax.Array


def reset(key: jax.Array) -> Board:
    grid = jax.random.randint(key, (SIDE, SIDE), 0, 10)
    # Boards of 3 x 4: what is below is padding.
    mask = jnp.arange(SIDE)[:, None] < 3
    return Board(jnp.where(mask, grid, -1), jnp.broadcast_to(mask, grid.shape), jnp.where(mask, grid + 1, -1) % 10, grid[0, 0] % 2, jnp.int32(0), jax.random.key(7))


def act(board: Board) -> Action:
    return Action(board.grid[0, 0], jnp.broadcast_to(jnp.arange(SIDE) == board.steps % SIDE, (SIDE, SIDE)) & board.mask)


def step(board: Board, action: Action) -> tuple[Board, jax.Array, jax.Array]:
    grid = jnp.where(action.selection, action.operation, board.grid)
    after = eqx.tree_at(lambda b: (b.grid, b.steps), board, (grid, board.steps + 1))
    return after, after.steps.astype(jnp.bfloat16) / 4, after.steps >= LENGTH


def start(seed: int = 0, envs: int = ENVS) -> Board:
    return jax.vmap(reset)(jax.random.split(jax.random.PRNGKey(seed), envs))


def one(board: Board, rec: episcope_rl.Recorder | None = None, **options: Any) -> tuple[Board, dict[str, Any]]:
    action = act(board)
    after, reward, done = step(board, action)
    row = {"before": board, "after": after, "action": action, "reward": reward, "truncated": done, "metrics": {"half": reward.astype(jnp.float16)}}
    if rec is not None:
        rec.step(row, tasks=TASKS, **options)
    following = jax.tree.map(lambda f, a: jnp.where(done, f, a), reset(jax.random.PRNGKey(3)), after)
    return following, {**row, "next": following}


def run_scan(board: Board, length: int, rec: episcope_rl.Recorder | None = None) -> tuple[Board, Any]:
    return jax.lax.scan(lambda b, _: jax.vmap(lambda one_board: one(one_board, rec))(b), board, None, length=length)


def plain(records: list[dict[str, Any]]) -> list[Any]:
    return [
        (record["task_id"], rows(record["initial"]), rows(record["target"])) if record["type"] == "episode-start"
        else (record["step"], rows(record["after"]), record["action"], record["reward"], record["info"]["metrics"], record["truncated"])
        for record in records if record["type"] in ("episode-start", "step")
    ]


def told(run: Path) -> dict[str, list[Any]]:
    return {records[0]["episode"]: plain(records) for records in episodes(run)}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, program: list[str]) -> dict[str, list[Any]]:
    """Two rollouts of 6 steps, handed over as numpy."""
    folder = tmp_path_factory.mktemp("expected")
    with episcope_rl.record(spool=folder / "numpy.msgpack") as rec:
        board = start()
        for number in range(2):
            following, out = jax.jit(lambda b: run_scan(b, 6))(board)
            rec.rollout(jax.tree.map(lambda leaf: leaf if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) else np.asarray(leaf), out), start=board if number == 0 else None, tasks=TASKS)
            board = following
    made = told(record_file(program, folder, folder / "numpy.msgpack"))
    assert {key: len(records) - 1 for key, records in made.items()} == {f"{env}-{n}": steps for env in range(ENVS) for n, steps in enumerate([LENGTH, LENGTH, 2])}
    first = made["0-0"]
    assert np.array(first[0][1]).shape == (3, 4)
    assert first[1][3] == 0.25 and first[1][4] == {"half": 0.25}
    return made


def test_arrays_of_jax_are_recorded_as_those_of_numpy(tmp_path: Path, recorded: Any, expected: dict[str, list[Any]]) -> None:
    with episcope_rl.record(spool=tmp_path / "jax.msgpack") as rec:
        board = start()
        for number in range(2):
            following, out = jax.jit(lambda b: run_scan(b, 6))(board)
            rec.rollout(out, start=board if number == 0 else None, tasks=TASKS)
            board = following
    assert told(recorded(tmp_path / "jax.msgpack")) == expected


def test_a_step_under_vmap_and_scan_is_one_call_for_all_environments(tmp_path: Path, recorded: Any, expected: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = []
    add = episcope_rl.recorder.RowCollector.add
    monkeypatch.setattr(episcope_rl.recorder.RowCollector, "add", lambda self, envs, row, tasks: (shapes.append(row["reward"].shape), add(self, envs, row, tasks))[1])
    with episcope_rl.record(spool=tmp_path / "steps.msgpack") as rec:
        jax.jit(lambda b: run_scan(b, 12, rec)[0])(start())
        assert rec.flush().accounting.accepted == 12 * ENVS
    assert shapes == [(ENVS,)] * 12
    assert told(recorded(tmp_path / "steps.msgpack")) == expected


def test_a_step_outside_of_vmap_takes_all_environments(tmp_path: Path, recorded: Any, expected: dict[str, list[Any]]) -> None:
    def body(board: Board, _: Any) -> tuple[Board, None]:
        following, row = jax.vmap(one)(board)
        del row["next"]
        rec.step(row, tasks=TASKS)
        return following, None

    with episcope_rl.record(spool=tmp_path / "steps.msgpack") as rec:
        jax.jit(lambda b: jax.lax.scan(body, b, None, length=12)[0])(start())
    assert told(recorded(tmp_path / "steps.msgpack")) == expected


def test_with_a_start_steps_need_no_state_before_them(tmp_path: Path, recorded: Any, expected: dict[str, list[Any]]) -> None:
    def body(board: Board, _: Any) -> tuple[Board, None]:
        following, row = jax.vmap(one)(board)
        del row["before"]
        rec.step(row, tasks=TASKS, ordered=True)
        return following, None

    with episcope_rl.record(spool=tmp_path / "steps.msgpack") as rec:
        rec.start(start(), tasks=TASKS)
        jax.jit(lambda b: jax.lax.scan(body, b, None, length=12)[0])(start())
    made = told(recorded(tmp_path / "steps.msgpack"))
    # The episodes behind the last row have begun, too.
    assert {key: made[key] for key in expected} == expected


def test_nothing_is_called_where_when_is_false(tmp_path: Path) -> None:
    def body(carry: Any, _: Any) -> tuple[Any, None]:
        board, t = carry
        following, _ = jax.vmap(lambda b: one(b, rec, when=t % 4 == 0))(board)
        return (following, t + 1), None

    with episcope_rl.record(spool=tmp_path / "steps.msgpack") as rec:
        jax.jit(lambda b: jax.lax.scan(body, (b, 0), None, length=12)[0])(start())
        assert rec.flush().accounting.accepted == 3 * ENVS


def test_switched_off_a_traced_function_is_the_same_as_without_it() -> None:
    rec = episcope_rl.record(enabled=False)
    assert str(jax.make_jaxpr(lambda b: run_scan(b, 3, rec))(start())) == str(jax.make_jaxpr(lambda b: run_scan(b, 3))(start()))
    rec.rollout({})
    assert not rec.flush().safe
    rec.close()


def test_recording_changes_no_gradient(tmp_path: Path) -> None:
    def loss(weight: jax.Array, rec: episcope_rl.Recorder | None) -> jax.Array:
        def play(board: Board) -> jax.Array:
            after, reward, done = step(board, act(board))
            if rec is not None:
                rec.step({"before": board, "after": after, "action": act(board), "reward": weight * reward, "truncated": done}, tasks=TASKS)
            return weight * reward.astype(jnp.float32)

        return jax.vmap(play)(start()).sum()

    with episcope_rl.record(spool=tmp_path / "steps.msgpack") as rec:
        assert jax.jit(jax.grad(lambda w: loss(w, rec)))(2.0) == jax.grad(lambda w: loss(w, None))(2.0)
        assert rec.flush().accounting.accepted == ENVS


def test_a_rollout_inside_a_transformation_says_what_to_do() -> None:
    rec = episcope_rl.record(enabled=True, spool=Path("never.msgpack"))
    with rec, pytest.raises(episcope_rl.EpiscopeError, match="INSIDE_TRANSFORMATION"):
        jax.jit(lambda b: rec.rollout(run_scan(b, 2)[1], start=b, tasks=TASKS))(start())


def test_an_odd_field_of_a_step_is_named_when_it_is_traced() -> None:
    with episcope_rl.record(spool=Path("never.msgpack")) as rec:
        with pytest.raises(episcope_rl.EpiscopeError, match="FIELD_ODD: |its shape is") as raised:
            jax.jit(jax.vmap(lambda b: rec.step({"before": b, "after": b, "operation": b.steps, "reward": b.grid}, tasks=TASKS)))(start())
        assert raised.value.code == "FIELD_ODD"


def test_the_devices_of_a_shard_map_each_record_their_environments(tmp_path: Path, recorded: Any, expected: dict[str, list[Any]]) -> None:
    program = f"""
        import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
        import jax, jax.numpy as jnp, numpy as np, episcope_rl
        from jax.sharding import Mesh, PartitionSpec as P
        from test_jax import TASKS, one, start
        assert len(jax.devices()) == 3
        mesh = Mesh(np.array(jax.devices()), ("d",))
        with episcope_rl.record(spool="steps.msgpack") as rec:
            def body(carry, _):
                boards, numbers = carry
                following, row = jax.vmap(one)(boards)
                del row["next"]
                rec.step(row, tasks=TASKS, envs=numbers)
                return (following, numbers), None
            run = lambda b, n: jax.lax.scan(body, (b, n), None, length=12)[0]
            shard_map = getattr(jax, "shard_map", None)
            jax.block_until_ready(jax.jit(shard_map(run, mesh=mesh, in_specs=P("d"), out_specs=P("d"), check_vma=False))(start(), jnp.arange(3)))
    """
    env = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=3"}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert told(recorded(tmp_path / "steps.msgpack")) == expected
