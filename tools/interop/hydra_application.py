"""An application that uses Hydra: composes its config with every option of the recorder's groups, hands the node over, and prints a line of JSON for each."""

import itertools
import json
import sys
from pathlib import Path

from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

import episcope_rl.conf
from episcope_rl.config import HandedConfig

scratch, GROUPS = Path(sys.argv[1]), ("visualization", "logging", "storage")
(scratch / "app.yaml").write_text(
    """
defaults:
  - episcope/visualization: debug_standard
  - episcope/logging: local_only
  - episcope/storage: development
  - _self_
learning_rate: 0.1
name: agent
hydra:
  searchpath: [pkg://episcope_rl.conf]
episcope:
  storage:
    run_name: ${name}
"""
)


def options(group: str) -> list[str]:
    folder = Path(episcope_rl.conf.__file__).parent / "episcope" / group
    return sorted(path.stem for path in folder.glob("*.yaml") if path.stem != "base")


with initialize_config_dir(str(scratch), version_base=None):
    for chosen in itertools.product(*(options(group) for group in GROUPS)):
        choices = dict(zip(GROUPS, chosen, strict=True))
        cfg = compose("app", [f"episcope/{group}={option}" for group, option in choices.items()])
        handed = HandedConfig(cfg.episcope)
        print(json.dumps({"choices": choices, "words": handed.words, "node": OmegaConf.to_container(cfg.episcope, resolve=True)}), flush=True)
        # The other side reads the folder before it answers.
        sys.stdin.readline()
        handed.close()
