"""Records of the training itself: numbers, histograms of gradients and parameters, and the model's graph."""
from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .arrays import Array
from .tree import is_array, is_immutable, leaves, members

_BINS = 64

# Counts `[n]` and edges `[n + 1]`.
Histogram = tuple[Any, Any]
MakeRecord = Callable[[], dict[str, Any]]


def metrics_record(
    step: int, values: Mapping[str, Any], histograms: Mapping[str, Histogram] | None, trees: Mapping[str, Any]
) -> MakeRecord:
    """What makes the record, later and elsewhere: JAX may still be computing its values. Arrays of numpy are copied now."""
    now = time.time()
    kept = {str(name): own(value) for name, value in values.items()}
    counted = {name: (own(counts), own(edges)) for name, (counts, edges) in (histograms or {}).items()}
    arrays = {
        f"{group}/{'.'.join(path)}": own(leaf) for group, tree in trees.items() if tree is not None for path, leaf in leaves(tree)
    }

    def make() -> dict[str, Any]:
        record: dict[str, Any] = {"type": "metrics", "time": now, "step": int(step), "values": {name: float(value) for name, value in kept.items()}}
        made = {name: _plain(counts, edges) for name, (counts, edges) in counted.items()}
        for name, array in arrays.items():
            found = histogram_of(np.asarray(array))
            if found is not None:
                made[name] = _plain(*found)
        if made:
            record["histograms"] = made
        return record

    return make


def batch_record(step: int, arrays: Mapping[str, Any]) -> MakeRecord:
    now = time.time()
    kept = {name: own(array) for name, array in arrays.items()}
    return lambda: {"type": "batch", "time": now, "step": int(step), "arrays": {name: _numbers(array) for name, array in kept.items()}}


def histogram_of(array: Array) -> tuple[Array, Array] | None:
    """Of the finite numbers; None where there are none."""
    numbers = array.astype(np.float64).ravel()
    numbers = numbers[np.isfinite(numbers)]
    if numbers.size == 0:
        return None
    counts, edges = np.histogram(numbers, _BINS)
    return counts, edges


def model_topology(model: Any, output_shapes: Mapping[str, tuple[int, ...]] | None = None) -> dict[str, Any]:
    """The graph of an equinox or flax module, or of any tree of parameters: `record(meta={"model_topology": model_topology(model)})`.

    Its nodes are the parts that have arrays of their own, in their order, each joined to the next; W&B shows it as the run's model.
    """
    parts: dict[tuple[str, ...], tuple[str, list[tuple[str, Array]]]] = {}
    _collect(model, (), parts)
    nodes = []
    for path, (kind, arrays) in parts.items():
        name = ".".join(path) or kind
        node: dict[str, Any] = {
            "id": name,
            "name": name,
            "class_name": kind,
            "parameters": [[own_name, list(array.shape)] for own_name, array in arrays],
            "num_parameters": [int(np.prod(array.shape, dtype=int)) for _, array in arrays],
        }
        if output_shapes and name in output_shapes:
            node["output_shape"] = list(output_shapes[name])
        nodes.append(node)
    return {"format": "torch", "nodes": nodes, "edges": [[before["id"], after["id"]] for before, after in zip(nodes, nodes[1:], strict=False)]}


def _collect(tree: Any, path: tuple[str, ...], parts: dict[tuple[str, ...], tuple[str, list[tuple[str, Array]]]]) -> None:
    for name, member in members(tree) or []:
        if is_array(member):
            parts.setdefault(path, (_kind(tree), []))[1].append((name, member))
        else:
            _collect(member, (*path, name), parts)


def _kind(tree: Any) -> str:
    return type(tree).__name__ if dataclasses.is_dataclass(tree) else "parameters"


def own(value: Any) -> Any:
    """Something that nobody else writes to."""
    return value if is_immutable(value) else np.array(value)


def _plain(counts: Any, edges: Any) -> dict[str, list[float]]:
    return {"values": _numbers(counts), "bins": _numbers(edges)}


def _numbers(array: Any) -> list[float]:
    return [float(number) for number in np.asarray(array).astype(np.float64).ravel()]
