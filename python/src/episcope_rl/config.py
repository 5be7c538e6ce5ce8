"""A config node that an application has composed, handed over to the program as the config that it composes itself."""
from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import argument_invalid

_NAME = "handed_over"
# The groups of the recorder's config, and the options that the program's own config takes of them.
_DEFAULTS = {"visualization": "debug_standard", "logging": "local_only", "storage": "development"}


class HandedConfig:
    """A folder with the node as a primary config. It must stand as long as recorders may be started."""

    def __init__(self, node: Any) -> None:
        """`node`: an OmegaConf config or a mapping with groups of `conf/`: `visualization`, `logging`, `storage`. Raises ARGUMENT_INVALID."""
        groups = _plain(node)
        missing = [{group: option} for group, option in _DEFAULTS.items() if group not in groups]
        text = _json({"defaults": [*missing, "_self_"], "input": "-", **groups})
        self._folder = tempfile.TemporaryDirectory(prefix="episcope-config-")
        # JSON is YAML too, and needs no library.
        (Path(self._folder.name) / f"{_NAME}.yaml").write_text(text, encoding="utf-8")

    @property
    def words(self) -> list[str]:
        return ["--config-dir", self._folder.name, "--config-name", _NAME]

    def close(self) -> None:
        self._folder.cleanup()


def _plain(node: Any) -> dict[str, Any]:
    if type(node).__module__.partition(".")[0] == "omegaconf":
        from omegaconf import OmegaConf
        from omegaconf.errors import OmegaConfBaseException

        try:
            node = _literal(OmegaConf.to_container(node, resolve=True, throw_on_missing=True))
        except OmegaConfBaseException as error:
            raise argument_invalid("config", f"it cannot be resolved: {error}") from error
    if not isinstance(node, Mapping):
        raise argument_invalid("config", f"it is a {type(node).__name__}, not a mapping of config groups")
    unknown = [str(name) for name in node if name not in _DEFAULTS]
    if unknown:
        raise argument_invalid(
            "config", f"it has {', '.join(unknown)}, and the recorder's config has {', '.join(_DEFAULTS)}; hand over the node that holds these, cfg.episcope for instance"
        )
    return {str(name): value for name, value in node.items()}


def _literal(value: Any) -> Any:
    """What is resolved already stands for itself: texts that read as interpolations are escaped."""
    if isinstance(value, str):
        return re.sub(r"(\\*)\$\{", lambda found: found[1] * 2 + r"\${", value)
    if isinstance(value, Mapping):
        return {str(name): _literal(member) for name, member in value.items()}
    return [_literal(member) for member in value] if isinstance(value, (list, tuple)) else value


def _json(config: Mapping[str, Any]) -> str:
    try:
        return json.dumps(config, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise argument_invalid("config", f"it holds a value that a config of the recorder has not: {error}") from error
