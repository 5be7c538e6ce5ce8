"""A run is read back as it was played."""
from __future__ import annotations

import os
import typing
import zlib
from pathlib import Path
from typing import Any

import jaxtyping
import numpy as np
import pytest
from conftest import live
from painters import TASKS, Painters

import episcope_rl
import episcope_rl.reading
from episcope_rl.journal_file import JournalFile


@pytest.fixture
def painters_and_run(tmp_path: Path, recorded: Any) -> tuple[Painters, episcope_rl.Run]:
    painters, spool = Painters(2, seed=3), tmp_path / "run.msgpack"
    with episcope_rl.record(spool=spool) as rec:
        start = painters.states()
        rec.rollout(painters.rollout(12), start=start, tasks=TASKS)
    return painters, episcope_rl.read(recorded(spool, "visualization=debug_minimal"))


def test_episodes_are_arrays(painters_and_run: tuple[Painters, episcope_rl.Run]) -> None:
    painters, run = painters_and_run
    assert [one.number for one in run] == list(range(1, len(painters.played) + 1))
    for env in range(2):
        ours = [one for one in painters.played if one.env == env]
        for played, episode in zip(ours, [one for one in run if one.key.startswith(f"{env}-")], strict=True):
            assert (episode.task_id, episode.pair_index, episode.mode) == (played.task, played.pair, "train")
            assert episode.initial.tolist() == played.initial
            assert episode.target is not None and episode.target.tolist() == played.target
            steps = episode.steps()
            assert len(steps) == len(episode) == len(played.steps)
            assert [grid.tolist() for grid in steps.after] == [step["after"] for step in played.steps]
            assert [mask.astype(int).tolist() for mask in steps.selection if mask is not None] == [step["selection"] for step in played.steps]
            assert steps.operation.tolist() == [step["operation"] for step in played.steps]
            assert steps.reward.tolist() == [step["reward"] for step in played.steps]
            assert not len(steps) or steps.metrics["loss"].tolist() == [step["loss"] for step in played.steps]
            assert (episode.outcome is None) == (not played.is_over) or episode.outcome == "aborted"
            assert steps.similarity.shape == steps.time.shape == (len(played.steps),)


def test_a_range_of_steps_is_that_part_of_all(painters_and_run: tuple[Painters, episcope_rl.Run]) -> None:
    _, run = painters_and_run
    episode = max(run, key=len)
    whole, part = episode.steps(), episode.steps(1, 3)
    assert part.operation.tolist() == whole.operation[1:3].tolist()
    assert all(np.array_equal(a, b) for a, b in zip(part.after, whole.after[1:3], strict=True))
    assert all(a is not None and b is not None and np.array_equal(a, b) for a, b in zip(part.selection, whole.selection[1:3], strict=True))


def test_an_episode_shows_its_picture_in_a_notebook(painters_and_run: tuple[Painters, episcope_rl.Run]) -> None:
    _, run = painters_and_run
    picture = run.episode(1)._repr_svg_()
    assert picture is not None and picture.lstrip().startswith("<svg")
    assert repr(run.episode(1)).startswith("<episode 1 of task ")


def test_the_episodes_are_a_frame(painters_and_run: tuple[Painters, episcope_rl.Run]) -> None:
    pytest.importorskip("pandas")
    _, run = painters_and_run
    frame = run.frame()
    assert frame["steps"].tolist() == [len(one) for one in run]
    assert frame.loc[1, "task_id"] == run.episode(1).task_id


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(episcope_rl.EpiscopeError, match="RUN_MISSING"):
        episcope_rl.read(tmp_path)


def long_run(tmp_path: Path, recorded: Any) -> Path:
    """One episode of 2,000 steps."""
    painters, spool = Painters(1, seed=5, end=0), tmp_path / "run.msgpack"
    with episcope_rl.record(spool=spool) as rec:
        start = painters.states()
        rec.rollout(painters.rollout(2000), start=start, tasks=TASKS)
    run: Path = recorded(spool)
    return run


def test_a_part_of_a_long_episode_is_read_without_the_rest(tmp_path: Path, recorded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Inside: the bytes that the system is asked for, for time says little.
    run = long_run(tmp_path, recorded)
    size = (run / "episode_0001" / "journal.epi").stat().st_size
    taken = 0
    pread = os.pread

    def counting(descriptor: int, count: int, at: int) -> bytes:
        nonlocal taken
        data = pread(descriptor, count, at)
        taken += len(data)
        return data

    monkeypatch.setattr("os.pread", counting)
    episode = episcope_rl.read(run).episode(1)
    assert (len(episode), episode.outcome, len(episode.steps(1000, 1010))) == (2000, "aborted", 10)
    assert taken < size / 4


def test_a_run_is_read_while_it_is_recorded(tmp_path: Path, program: list[str]) -> None:
    painters = Painters(2, seed=6, end=0.02)
    with episcope_rl.record(*live(tmp_path), program=program) as rec:
        start = painters.states()
        rec.rollout(painters.rollout(200), start=start, tasks=TASKS)
        rec.metrics(1, {"loss": 0.5})
        assert rec.flush(60).safe
        (path,) = (tmp_path / "runs").iterdir()
        run = episcope_rl.read(path)
        assert sum(len(episode) for episode in run) == 2 * 200
        for env in range(2):
            ours = [one for one in painters.played if one.env == env]
            read = [one for one in run if one.key.startswith(f"{env}-")]
            assert [one.steps().reward.tolist() for one in read] == [[step["reward"] for step in one.steps] for one in ours]
            assert read[-1].outcome is None
        assert run.metrics["loss"].tolist() == [0.5]


def test_a_journal_that_is_damaged_is_said_with_its_place_and_the_others_are_read(tmp_path: Path, painters_and_run: tuple[Painters, episcope_rl.Run]) -> None:
    _, run = painters_and_run
    first, second = (run.path / f"episode_000{number}" / "journal.epi" for number in (1, 2))
    data = bytearray(first.read_bytes())
    data[60] ^= 0xFF
    first.write_bytes(data)
    whole = second.read_bytes()
    second.write_bytes(b"no journal" + whole[10:])
    again = episcope_rl.read(run.path)
    with pytest.raises(episcope_rl.EpiscopeError, match=r"(?s)journal.epi, byte 40: .*JOURNAL_DAMAGED.*episcope recover"):
        again.episode(1).steps()
    assert [one.number for one in again] == [one.number for one in run if one.number != 2]
    second.write_bytes(whole[:10] + (9).to_bytes(2, "little") + whole[12:36] + zlib.crc32(whole[:10] + (9).to_bytes(2, "little") + whole[12:36]).to_bytes(4, "little") + whole[40:])
    with pytest.raises(episcope_rl.EpiscopeError, match="JOURNAL_NEWER"):
        JournalFile(second)


def test_arrays_are_what_their_annotations_say(painters_and_run: tuple[Painters, episcope_rl.Run]) -> None:
    _, run = painters_and_run
    episode = max(run, key=len)
    names = {**vars(episcope_rl.reading), **{name: getattr(jaxtyping, name) for name in ("Bool", "Float64", "Int64", "Shaped", "UInt8")}}

    def expect(value: Any, hint: Any) -> None:
        if typing.get_origin(hint) is list:
            for one in value:
                expect(one, typing.get_args(hint)[0])
        elif typing.get_origin(hint) is dict:
            for one in value.values():
                expect(one, typing.get_args(hint)[1])
        else:
            assert isinstance(value, hint), (value, hint)

    steps = episode.steps()
    hints = typing.get_type_hints(episcope_rl.Steps, names)
    with jaxtyping.jaxtyped("context"):
        for name, hint in hints.items():
            expect(getattr(steps, name), hint)
    for name in ("initial", "target", "input"):
        expect(getattr(episode, name), typing.get_type_hints(getattr(type(episode), name).func, names)["return"])
