"""A config that an application has composed is what the recorder records with."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import episodes
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from painters import TASKS, Painters

import episcope_rl

APP = """
defaults:
  - episcope/visualization: debug_off
  - episcope/logging: local_only
  - episcope/storage: development
  - _self_
folder: ???
title: 'costs \\${5} or \\\\\\${6}'
hydra:
  searchpath: [pkg://episcope_rl.conf]
episcope:
  storage:
    base_output_dir: ${folder}/runs
  logging:
    wandb:
      notes: ${title}
"""


@pytest.fixture
def app(tmp_path: Path) -> Any:
    folder = tmp_path / "conf"
    folder.mkdir()
    (folder / "app.yaml").write_text(APP)

    def made(*overrides: str) -> Any:
        with initialize_config_dir(str(folder), version_base=None):
            return compose("app", list(overrides))

    return made


def test_the_node_of_an_application_is_what_the_run_is_recorded_with(tmp_path: Path, program: list[str], app: Any) -> None:
    cfg = app(f"folder={tmp_path}", "~episcope.visualization.renderers.png", "episcope.storage.run_name=handed")
    painters = Painters(2)
    with episcope_rl.record("visualization.color_scheme=colorblind", config=cfg.episcope, program=program) as rec:
        rec.rollout(painters.rollout(3), start=Painters(2).states(), tasks=TASKS)
    assert rec.run == tmp_path / "runs" / "handed"
    assert len(episodes(rec.run)) >= 2
    recorded = OmegaConf.load(rec.run / ".hydra" / "config.yaml")
    expected = OmegaConf.to_container(cfg.episcope, resolve=True)
    assert isinstance(expected, dict)
    expected["visualization"]["color_scheme"] = "colorblind"
    assert OmegaConf.to_container(recorded, resolve=True) == {**expected, "input": "-"}
    assert recorded.logging.wandb.notes == r"costs ${5} or \${6}"


def test_a_mapping_is_taken_too_and_other_groups_have_their_defaults(tmp_path: Path, program: list[str], app: Any) -> None:
    storage = OmegaConf.to_container(app(f"folder={tmp_path}").episcope.storage, resolve=True)
    with episcope_rl.record("visualization=debug_off", config={"storage": storage}, program=program) as rec:
        rec.metrics(1, {"loss": 1.0})
    assert rec.run is not None and rec.run.parent == tmp_path / "runs"


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (OmegaConf.create({"episcope": {}, "learning_rate": 0.1}), "it has episcope, learning_rate, .*hand over the node that holds these, cfg.episcope"),
        (OmegaConf.create({"storage": {"run_name": "???"}}), "it cannot be resolved: Missing mandatory value: run_name"),
        (OmegaConf.create({"storage": {"run_name": "${nowhere}"}}), "it cannot be resolved: Interpolation key 'nowhere' not found"),
        ({"storage": {"max_storage_gb": float("inf")}}, "it holds a value that a config of the recorder has not"),
        (["visualization=debug_off"], "it is a list, not a mapping"),
    ],
)
def test_a_node_that_cannot_be_handed_over_is_an_error(node: Any, reason: str) -> None:
    with pytest.raises(episcope_rl.EpiscopeError, match=f"(?s)config: {reason}.*ARGUMENT_INVALID"):
        episcope_rl.record(config=node)


def test_a_node_that_the_recorder_refuses_is_an_error_with_its_reason(program: list[str]) -> None:
    with pytest.raises(episcope_rl.EpiscopeError, match=r"(?s)PROGRAM_ENDED.*'storage.run_name' is required"):
        episcope_rl.record(config={"storage": {}}, program=program)


def test_a_mapping_that_is_not_resolved_is_no_folder_of_that_name(tmp_path: Path, program: list[str], app: Any) -> None:
    storage = OmegaConf.to_container(app(f"folder={tmp_path}").episcope.storage)
    with pytest.raises(episcope_rl.EpiscopeError, match="(?s)PROGRAM_ENDED.*'folder'"):
        episcope_rl.record(config={"storage": storage}, program=program)


def test_a_spool_file_takes_no_config(tmp_path: Path) -> None:
    with pytest.raises(episcope_rl.EpiscopeError, match="config: a spool file and a socket take none"):
        episcope_rl.record(config={}, spool=tmp_path / "run.msgpack")
