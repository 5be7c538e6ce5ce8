"""What a program knows about itself, as plain data that a record can hold."""
from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from .errors import argument_invalid
from .tree import is_array

_MOST_BITS = 64


def plain_data(name: str, value: Any) -> Any:
    """Numbers of numpy and JAX become numbers, arrays lists, paths texts, keys texts, dataclasses mappings; configs of OmegaConf what they hold. Raises ARGUMENT_INVALID with its place."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        # Larger ones no message has.
        return value if -(1 << _MOST_BITS - 1) <= value < 1 << _MOST_BITS else str(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if is_array(value):
        return plain_data(name, np.asarray(value).tolist())
    if type(value).__module__.partition(".")[0] == "omegaconf":
        from omegaconf import OmegaConf

        return plain_data(name, OmegaConf.to_container(value, resolve=True))
    if isinstance(value, Mapping):
        return {str(key): plain_data(f"{name}.{key}", member) for key, member in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain_data(f"{name}.{field.name}", getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain_data(f"{name}[{place}]", member) for place, member in enumerate(value)]
    raise argument_invalid(name, f"a {type(value).__name__} is no plain data: numbers, texts, lists and mappings are")
