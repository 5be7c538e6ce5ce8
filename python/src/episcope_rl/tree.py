"""Leaves of any tree by their path: dicts, NamedTuples, dataclasses (chex, equinox and flax make such), without importing any of them."""
from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

Path = tuple[str, ...]


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf that is an array or a number. What is neither (None, functions, texts, typed PRNG keys) is passed over."""
    if is_array(tree):
        yield path, tree
    elif isinstance(tree, (bool, int, float)):
        yield path, np.asarray(tree)
    elif isinstance(tree, (list, tuple)) and (array := _listed_numbers(tree)) is not None:
        yield path, array
    else:
        for name, member in members(tree) or []:
            yield from leaves(member, (*path, name))


def is_array(value: Any) -> bool:
    """An array of numbers of numpy, JAX or a relative of theirs; JAX's typed keys are arrays, but none of numbers."""
    dtype = getattr(value, "dtype", None)
    return dtype is not None and hasattr(value, "shape") and not str(dtype).startswith("key<")


def is_immutable(array: Any) -> bool:
    """An array of JAX: nobody can write to it."""
    return type(array).__module__.partition(".")[0] in ("jax", "jaxlib")


def is_traced(array: Any) -> bool:
    """Stands for values that are not there yet: JAX traces the function that has it."""
    return is_immutable(array) and "Tracer" in type(array).__name__


def members(tree: Any) -> list[tuple[str, Any]] | None:
    """What stands in a tree directly, by name; None: it is no tree."""
    if isinstance(tree, Mapping):
        return [(str(name), member) for name, member in tree.items()]
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return list(zip(tree._fields, tree, strict=True))
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type) and not is_array(tree):
        return [(field.name, getattr(tree, field.name, None)) for field in dataclasses.fields(tree)]
    if isinstance(tree, (list, tuple)):
        return [(str(place), member) for place, member in enumerate(tree)]
    return None


def _listed_numbers(values: list[Any] | tuple[Any, ...]) -> np.ndarray[Any, Any] | None:
    if hasattr(values, "_fields") or any(is_array(value) for value in values):
        return None
    try:
        array = np.asarray(values)
    except ValueError:
        return None
    return array if array.size and array.dtype.kind in "biuf" else None
