"""The examples run as they stand, and end in pictures, journals and a W&B run."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import episcope_rl

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run_example(tmp_path: Path, name: str, *words: str) -> episcope_rl.Run:
    folder = tmp_path / "examples"
    shutil.copytree(EXAMPLES, folder)
    done = subprocess.run(
        [sys.executable, name, *words], cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "JAX_PLATFORMS": "cpu"}
    )
    assert done.returncode == 0, done.stderr
    run = Path(done.stdout.strip().splitlines()[-1])
    assert list(run.glob("episode_*/summary.svg"))
    assert list(run.glob("wandb/offline-run-*/*.wandb"))
    return episcope_rl.read(run)


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize("name", ["01_jaxarc_random.py", "02_scan_rollout.py", "04_gymnasium.py", "05_hydra/app.py"])
def test_an_example_leaves_a_run_that_can_be_read(tmp_path: Path, name: str) -> None:
    run = run_example(tmp_path, name)
    assert len(run.episodes) >= 2
    assert sum(len(episode) for episode in run) >= 20


@pytest.mark.usefixtures("program")
def test_reinforce_learns_by_the_returns_that_are_recorded(tmp_path: Path) -> None:
    run = run_example(tmp_path, "03_reinforce.py")
    finished = [one for one in run if one.outcome not in (None, "aborted")]
    gained = np.array([one.steps().reward.sum() for one in finished])
    solved = np.array([one.outcome == "success" for one in finished])
    assert len(gained) >= 60
    part = len(gained) // 4
    assert gained[-part:].mean() > gained[:part].mean() + 4
    assert solved[-part:].mean() > 0.6 > 0.3 > solved[:part].mean()
    # What the training told of itself goes the same way.
    told = run.metrics["return"]
    assert len(told) == 60
    assert told[-10:].mean() > told[:10].mean() + 4
