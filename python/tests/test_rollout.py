"""What is played is what the run holds, by every way that leads to a recorder."""
from __future__ import annotations

import dataclasses
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import OVERRIDES, as_played, episodes, live
from painters import TASKS, Painters

import episcope_rl


def play(rec: episcope_rl.Recorder, painters: Painters, rollouts: int, rows: int) -> None:
    start: Any = painters.states()
    for _ in range(rollouts):
        rec.rollout(painters.rollout(rows), start=start, tasks=TASKS)
        start = None


def expect_same(run: Path, painters: Painters) -> None:
    """Each environment's episodes in their order; the last ones are open."""
    def by_env(all_of: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
        return {env: [one for one in all_of if one["env"] == env] for env in range(painters.environments)}

    played = by_env([dataclasses.asdict(one) for one in painters.played])
    assert by_env([as_played(records) for records in episodes(run)]) == played


def test_a_spool_file_becomes_the_episodes_that_were_played(tmp_path: Path, recorded: Any) -> None:
    painters, spool = Painters(), tmp_path / "run.msgpack"
    with episcope_rl.record(spool=spool) as rec:
        play(rec, painters, 4, 9)
        assert rec.flush().safe
    assert rec.accounting.acknowledged == rec.accounting.accepted == 4 * 9 * 3 + 1
    expect_same(recorded(spool), painters)


def test_a_recorder_beside_the_process_gets_the_episodes_that_were_played(tmp_path: Path, program: list[str]) -> None:
    painters = Painters(seed=1)
    with episcope_rl.record(*live(tmp_path), program=program) as rec:
        play(rec, painters, 3, 20)
        flushed = rec.flush(60)
        assert flushed.safe
        assert flushed.accounting.acknowledged == 3 * 20 * 3
        play_more = painters.rollout(5)
        rec.rollout(play_more, tasks=TASKS)
    assert rec.accounting.acknowledged == rec.accounting.accepted
    assert rec.run is not None
    expect_same(rec.run, painters)


def test_a_recorder_at_a_socket_gets_the_episodes_that_were_played(tmp_path: Path, program: list[str]) -> None:
    painters, path = Painters(seed=2), tmp_path / "recorder.sock"
    recorder = subprocess.Popen([*program, "record", f"input=unix:{path}", f"storage.base_output_dir={tmp_path / 'runs'}", *OVERRIDES], stdout=subprocess.PIPE, text=True)
    while not path.exists():
        time.sleep(0.05)
    with episcope_rl.record(socket=path) as rec:
        play(rec, painters, 2, 10)
        assert rec.flush(60).safe
    assert recorder.wait(60) == 0
    assert recorder.stdout is not None
    expect_same(Path(recorder.stdout.read().strip()), painters)


def test_columns_are_a_sample_of_the_environments(tmp_path: Path, recorded: Any) -> None:
    painters, spool = Painters(environments=4), tmp_path / "run.msgpack"
    with episcope_rl.record(spool=spool) as rec:
        start = painters.states()
        rec.rollout(painters.rollout(15), start=start, tasks=TASKS, envs=[3, 1])
        rec.rollout(painters.rollout(15), tasks=TASKS, envs=[3, 1])
    assert rec.accounting.acknowledged == 2 * 15 * 2 + 1
    told = [as_played(records) for records in episodes(recorded(spool))]
    played = [dataclasses.asdict(one) for one in painters.played]
    for env in (1, 3):
        assert [one for one in told if one["env"] == env] == [one for one in played if one["env"] == env]
    assert {one["env"] for one in told} == {1, 3}


def test_a_recorder_that_cannot_start_is_an_error_with_its_reason(tmp_path: Path, program: list[str]) -> None:
    with pytest.raises(episcope_rl.EpiscopeError, match=r"(?s)PROGRAM_ENDED.*no option 'debug_verbos'") as raised:
        episcope_rl.record("visualization=debug_verbos", program=program)
    assert raised.value.code == "PROGRAM_ENDED"
    assert list(tmp_path.iterdir()) == []
