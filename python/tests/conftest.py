from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

import episcope_rl

OVERRIDES = ("visualization=debug_off", "logging=local_only")


@pytest.fixture(scope="session")
def program() -> list[str]:
    """The words that start the built program."""
    words = os.environ.get("EPISCOPE_PROGRAM")
    assert words, "EPISCOPE_PROGRAM must name the program, as tools/interop does"
    return shlex.split(words)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def recorded(program: list[str], tmp_path: Path) -> Any:
    """Records a spool file, and gives the directory of the run."""

    return lambda spool, *overrides, status=0: record_file(program, tmp_path, spool, *overrides, status=status)


def record_file(program: list[str], folder: Path, spool: Path, *overrides: str, status: int = 0) -> Path:
    done = subprocess.run(
        [*program, "record", f"input={spool}", f"storage.base_output_dir={folder / 'runs'}", *OVERRIDES, *overrides],
        capture_output=True, text=True, check=False,
    )
    assert done.returncode == status, done.stderr
    return Path(done.stdout.strip())


def live(tmp_path: Path) -> tuple[str, ...]:
    return (f"storage.base_output_dir={tmp_path / 'runs'}", *OVERRIDES)


def episodes(run: Path) -> list[list[dict[str, Any]]]:
    """The records of each episode, by number, whether the run was closed or its recorder died."""
    return [one.records for one in episcope_rl.read(run)]


def steps_of(run: Path) -> int:
    return sum(record["type"] == "step" for records in episodes(run) for record in records)


def rows(grid: dict[str, Any] | None) -> list[list[int]] | None:
    if grid is None:
        return None
    height, width = grid["shape"]
    return [list(grid["data"][row * width : (row + 1) * width]) for row in range(height)]


def as_played(records: list[dict[str, Any]]) -> dict[str, Any]:
    """An episode in the form of painters.Played."""
    start, steps = records[0], [record for record in records if record["type"] == "step"]
    last = rows(start["initial"])
    told = []
    for step in steps:
        height, width = step["after"]["shape"]
        mask = step["action"].get("selection", {}).get("mask", b"")
        told.append({
            "operation": step["action"]["operation"], "after": rows(step["after"]),
            "selection": [list(mask[row * width : (row + 1) * width]) for row in range(height)], "reward": step["reward"],
            "terminated": step["terminated"], "truncated": step["truncated"], "loss": step["info"]["metrics"]["loss"],
        })
        last = rows(step["after"])
    assert last is not None
    return {
        "env": int(start["episode"].partition("-")[0]), "task": start["task_id"], "pair": start["pair_index"], "initial": rows(start["initial"]),
        "target": rows(start["target"]), "steps": told, "is_over": bool(steps) and (steps[-1]["terminated"] or steps[-1]["truncated"]),
    }
