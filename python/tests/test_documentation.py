"""The documentation is true: its programs run, its tables have what the code has."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "python.md"


def programs(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(programs(PAGE))))
def test_the_programs_of_the_page_run(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(programs(PAGE)[number], f"docs/python.md program {number}", "exec"), {"__name__": "__main__"})
    run = Path(capsys.readouterr().out.strip().splitlines()[-1])
    assert (run / "manifest.json").exists()
    assert list(run.glob("episode_*/*.svg"))


def test_every_error_has_a_row() -> None:
    source = (REPOSITORY / "python" / "src" / "episcope_rl" / "errors.py").read_text()
    codes = re.findall(r'EpiscopeError\(\s*"([A-Z_]+)"', source)
    rows = re.findall(r"^\| `([A-Z_]+)` \|", PAGE.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(codes)
