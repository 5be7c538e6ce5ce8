"""Whatever ends, is full or is killed: the training goes on, and the accounts are right."""
from __future__ import annotations

import logging
import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import numpy as np
import pytest
from conftest import episodes, live, rows, steps_of
from painters import TASKS, Painters

import episcope_rl

ROWS, ENVS = 20, 3


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it did not happen within a minute"
        time.sleep(0.02)


def test_a_recorder_that_is_killed_leaves_the_rest_to_a_spool_file(
    tmp_path: Path, program: list[str], recorded: Any, caplog: pytest.LogCaptureFixture
) -> None:
    painters = Painters(ENVS)
    rec = episcope_rl.record(*live(tmp_path), program=program, spool_directory=tmp_path)
    rec.rollout(painters.rollout(ROWS), start=Painters(ENVS).states(), tasks=TASKS)
    assert rec.flush(60).safe
    assert rec.pid is not None
    os.kill(rec.pid, signal.SIGKILL)
    killed = time.monotonic()
    wait_for(lambda: "ended with status -9" in caplog.text)
    assert time.monotonic() - killed < 30  # it is noticed without anything being sent
    at_the_kill = painters.states()
    rec.rollout(painters.rollout(ROWS), tasks=TASKS)
    rec.rollout(painters.rollout(ROWS), tasks=TASKS)
    assert rec.flush().safe
    rec.close()
    assert rec.accounting.dropped == 0
    assert rec.accounting.acknowledged == rec.accounting.accepted
    assert caplog.text.count("ended with status") == 1
    (first,) = (tmp_path / "runs").iterdir()
    assert steps_of(first) == ROWS * ENVS
    assert rec.spool is not None
    after = episodes(recorded(rec.spool))
    assert sum(record["type"] == "step" for records in after for record in records) == 2 * ROWS * ENVS
    # The episodes that were open go on, with the grids that they had.
    started = {records[0]["episode"]: records[0] for records in after}
    for env in range(ENVS):
        start = started[f"{env}-0"]
        board, mask = at_the_kill["working_grid"][env], at_the_kill["working_grid_mask"][env]
        height, width = start["initial"]["shape"]
        assert np.array_equal(board[:height, :width], rows(start["initial"]))
        assert mask.sum() == height * width
        assert start["task_id"] == TASKS[at_the_kill["task_idx"][env]]


def test_a_recorder_that_is_killed_is_started_again(tmp_path: Path, program: list[str], caplog: pytest.LogCaptureFixture) -> None:
    painters = Painters(ENVS, end=0.01)
    start = painters.states()
    with episcope_rl.record(*live(tmp_path), "storage.run_name=own", program=program, on_death="restart", meta={"by": "test"}) as rec:
        rec.rollout(painters.rollout(ROWS), start=start, tasks=TASKS)
        assert rec.flush(60).safe
        assert rec.pid is not None
        os.kill(rec.pid, signal.SIGKILL)
        for _ in range(2):
            rec.rollout(painters.rollout(ROWS), tasks=TASKS)
        assert rec.flush(60).safe
    assert rec.accounting.dropped == 0
    assert [run.name for run in rec.runs] == ["own_2"]
    assert steps_of(tmp_path / "runs" / "own") == ROWS * ENVS
    assert steps_of(rec.runs[0]) == 2 * ROWS * ENVS
    continued = [records[0]["meta"] for records in episodes(rec.runs[0]) if records[0]["meta"]]
    assert continued and all(meta["continued"] and meta["steps_before"] > 0 for meta in continued)
    assert episcope_rl.read(rec.runs[0]).records[0]["meta"]["by"] == "test"
    assert "another one is started" in caplog.text


def test_a_recorder_that_is_killed_costs_what_the_accounts_say(tmp_path: Path, program: list[str]) -> None:
    painters = Painters(ENVS)
    rec = episcope_rl.record(*live(tmp_path), program=program, on_death="drop")
    rec.rollout(painters.rollout(ROWS), start=Painters(ENVS).states(), tasks=TASKS)
    assert rec.flush(60).safe
    rec.rollout(painters.rollout(ROWS), tasks=TASKS)
    assert rec.pid is not None
    os.kill(rec.pid, signal.SIGKILL)
    wait_for(lambda: rec.accounting.queued == rec.accounting.sent == 0)
    rec.rollout(painters.rollout(ROWS), tasks=TASKS)
    assert not rec.flush(60).safe
    rec.close()
    accounting = rec.accounting
    # The record of the end is among them.
    assert accounting.accepted == 3 * ROWS * ENVS + 1 == accounting.acknowledged + accounting.dropped
    assert accounting.reasons == {"the recorder ended": accounting.dropped}
    (run,) = (tmp_path / "runs").iterdir()
    kept = sum(len(episode) for episode in episcope_rl.read(run))
    # Nothing that was confirmed is missing; of the rest it may have had more than it confirmed.
    assert ROWS * ENVS <= accounting.acknowledged <= kept <= 2 * ROWS * ENVS


def test_what_memory_has_no_room_for_waits_on_the_disk(tmp_path: Path, program: list[str]) -> None:
    """A recorder that stands still, and a loop that does not."""
    painters, start = Painters(16, end=0.004), Painters(16).states()
    with episcope_rl.record(*live(tmp_path), program=program, buffer_bytes=256 << 10, overflow="wait") as rec:
        assert rec.pid is not None
        os.kill(rec.pid, signal.SIGSTOP)
        for _ in range(6):
            rec.rollout(painters.rollout(100), start=start, tasks=TASKS)
            start = None
        held = rec.accounting
        os.kill(rec.pid, signal.SIGCONT)
    assert held.dropped == 0 and held.accepted == 6 * 100 * 16
    assert rec.accounting.dropped == 0
    assert rec.accounting.acknowledged == rec.accounting.accepted
    assert rec.run is not None and steps_of(rec.run) == 6 * 100 * 16


def test_without_room_rollouts_are_dropped_and_counted(tmp_path: Path, program: list[str], caplog: pytest.LogCaptureFixture) -> None:
    painters, start = Painters(16, end=0.004), Painters(16).states()
    with episcope_rl.record(*live(tmp_path), program=program, buffer_bytes=256 << 10, spill_bytes=0) as rec:
        assert rec.pid is not None
        os.kill(rec.pid, signal.SIGSTOP)
        while rec.accounting.dropped == 0:
            rec.rollout(painters.rollout(100), start=start, tasks=TASKS)
            start = None
        os.kill(rec.pid, signal.SIGCONT)
        assert not rec.flush(0).safe or rec.accounting.queued == 0
    accounting = rec.accounting
    assert accounting.reasons == {"buffer full": accounting.dropped}
    assert accounting.accepted == accounting.acknowledged + accounting.dropped
    # All but the record of the end.
    assert rec.run is not None and steps_of(rec.run) == accounting.acknowledged - 1
    assert caplog.text.count("the buffer is full") == 1


def test_a_disk_that_is_full_costs_what_the_accounts_say_and_the_rest_can_be_recorded(tmp_path: Path, recorded: Any, caplog: pytest.LogCaptureFixture) -> None:
    painters, spool, start = Painters(ENVS), tmp_path / "run.msgpack", Painters(ENVS).states()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with episcope_rl.record(spool=spool) as rec:
        # No file of this process may grow larger.
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
        try:
            while rec.accounting.dropped == 0:
                rec.rollout(painters.rollout(ROWS), start=start, tasks=TASKS)
                start = None
                rec.flush(60)
            assert not rec.flush(60).safe
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    accounting = rec.accounting
    assert accounting.accepted == accounting.acknowledged + accounting.dropped
    assert accounting.reasons == {"the spool file takes nothing": accounting.dropped}
    assert caplog.text.count("takes nothing any more") == 1
    # The message that was cut is refused, all before it is there: the program says so and ends with 3.
    assert steps_of(recorded(spool, status=3)) == accounting.acknowledged > 0


SCRIPT = """
import os, signal, sys
sys.path.insert(0, {tests!r})
import episcope_rl
from painters import TASKS, Painters
painters = Painters(3)
rec = episcope_rl.record({overrides})
start = painters.states()
rec.rollout(painters.rollout(20), start=start, tasks=TASKS)
"""


def run_script(tmp_path: Path, rest: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    overrides = ", ".join(repr(text) for text in live(tmp_path))
    text = SCRIPT.format(tests=str(Path(__file__).parent), overrides=overrides) + textwrap.dedent(rest)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=600)
    (run,) = (tmp_path / "runs").iterdir()
    return done, run


def is_complete(run: Path) -> bool:
    return '"complete":true' in (run / "manifest.json").read_text().replace(" ", "")


@pytest.mark.usefixtures("program")
def test_a_training_that_is_killed_loses_nothing_that_a_flush_confirmed(tmp_path: Path) -> None:
    done, run = run_script(tmp_path, """
        print(rec.flush(60).safe, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    assert (done.stdout, done.returncode) == ("True\n", -signal.SIGKILL)
    assert steps_of(run) == 60
    # The recorder goes on without the training, and ends its run.
    wait_for(lambda: is_complete(run))
    assert steps_of(run) == 60


@pytest.mark.usefixtures("program")
def test_a_training_that_just_ends_closes_its_run(tmp_path: Path) -> None:
    done, run = run_script(tmp_path, "")
    assert (done.returncode, done.stderr) == (0, "")
    assert is_complete(run)
    assert steps_of(run) == 60


@pytest.mark.usefixtures("program")
def test_ctrl_c_ends_the_run_as_interrupted(tmp_path: Path) -> None:
    done, run = run_script(tmp_path, """
        with rec:
            os.kill(os.getpid(), signal.SIGINT)
    """)
    assert "KeyboardInterrupt" in done.stderr
    assert episcope_rl.read(run).records[-1]["outcome"] == "interrupted"
    assert steps_of(run) == 60


@pytest.mark.usefixtures("program")
def test_ctrl_c_while_the_end_waits_leaves_it_to_be_waited_for_again(tmp_path: Path) -> None:
    done, run = run_script(tmp_path, """
        import threading
        os.kill(rec.pid, signal.SIGSTOP)
        threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        try:
            rec.close()
        except KeyboardInterrupt:
            print("interrupted")
        os.kill(rec.pid, signal.SIGCONT)
        rec.close()
        print(rec.run is not None, rec.accounting.acknowledged == rec.accounting.accepted)
    """)
    assert done.stdout == "interrupted\nTrue True\n"
    assert is_complete(run)


def test_a_callback_of_the_trainings_own_that_fails_does_not_keep_the_recording_from_its_end(tmp_path: Path) -> None:
    def fail(_: Any) -> None:
        raise ValueError("of the training")

    # JAX tells the training when the function is called, or when its effects are waited for.
    with pytest.raises(Exception, match="of the training"), episcope_rl.record(spool=tmp_path / "run.msgpack") as rec:
        rec.metrics(1, {"loss": 1.0})
        jax.jit(lambda x: jax.debug.callback(fail, x))(1)
        jax.effects_barrier()
    assert rec.accounting.acknowledged == rec.accounting.accepted == 2


@pytest.mark.usefixtures("program")
def test_a_process_that_is_forked_off_records_nothing_and_disturbs_nothing(tmp_path: Path) -> None:
    done, run = run_script(tmp_path, """
        child = os.fork()
        if child == 0:
            rec.rollout(painters.rollout(5), tasks=TASKS)
            assert not rec.flush().safe
            sys.exit()
        os.waitpid(child, 0)
        rec.rollout(painters.rollout(20), tasks=TASKS)
        print(rec.flush(60).safe)
    """)
    assert done.stdout == "True\n"
    assert "forked off" in done.stderr
    assert steps_of(run) == 120


def test_messages_of_the_recorder_are_logged(tmp_path: Path, program: list[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "episcope_rl"), episcope_rl.record(*live(tmp_path), program=program):
        pass
    assert "The input held no episode" in caplog.text
