"""The documentation is true: its programs run, its tables have what the code has."""
from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "python.md"
FIRST = REPOSITORY / "docs" / "from-jaxarc.md"


def programs(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(programs(PAGE))))
def test_the_programs_of_the_page_run(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(programs(PAGE)[number], f"docs/python.md program {number}", "exec"), {"__name__": "__main__"})
    run = Path(capsys.readouterr().out.strip().splitlines()[-1])
    assert (run / "manifest.json").exists()
    assert list(run.glob("episode_*/*.svg"))


@pytest.mark.usefixtures("program")
def test_the_programs_of_the_first_five_minutes_run_one_after_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = REPOSITORY / "python" / "examples"
    shutil.copytree(data / "data", tmp_path / "data")
    shutil.copy(data / ".here", tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, program in enumerate(programs(FIRST)):
        exec(compile(program, f"docs/from-jaxarc.md program {number}", "exec"), names)
    run = names["run"]
    assert list(run.path.glob("episode_*/step_*.svg"))
    assert list(run.path.glob("wandb/offline-run-*/*.wandb"))
    assert sum(len(episode) for episode in run) == 2 * 10 * 2
    assert run.episode(1)._repr_svg_() is not None
    assert "task_id" in capsys.readouterr().out


def test_every_error_has_a_row() -> None:
    source = (REPOSITORY / "python" / "src" / "episcope_rl" / "errors.py").read_text()
    codes = re.findall(r'EpiscopeError\(\s*"([A-Z_]+)"', source)
    rows = re.findall(r"^\| `([A-Z_]+)` \|", PAGE.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(codes)
