"""Stacked steps of many environments, checked by shape: what is handed over, before anything of it is copied."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import END_FIELDS, ends_of
from .errors import argument_invalid, inside_transformation
from .fields import Fields, state_fields, step_fields
from .tree import is_immutable, is_traced

MAX_SIDE = 64
Tasks = str | Sequence[str]


@dataclass
class Rollout:
    """T rows of N environments; leaves are numpy or JAX arrays as they were given, `[T, N, …]`."""

    rows: int
    environments: int
    height: int
    width: int
    fields: Fields
    # The state before the first row, `[N, …]`.
    start: Fields | None
    tasks: Tasks | None
    time: float
    # The environments of the columns, where they are not 0 to N - 1.
    envs: list[int] | None = None
    operation_names: Mapping[int, str] | None = None
    # The leaves of 'next' are those of the rows that end an episode only, `[K, …]`.
    next_is_compact: bool = False

    @property
    def numbers(self) -> list[int]:
        """The environment of each column."""
        return list(range(self.environments)) if self.envs is None else self.envs

    @property
    def steps(self) -> int:
        return self.rows * self.environments

    @property
    def nbytes(self) -> int:
        held = list(self.fields.leaves.values()) + ([] if self.start is None else list(self.start.leaves.values()))
        return sum(int(leaf.nbytes) for leaf in held)


def read_rollout(
    tree: Any,
    start: Any,
    *,
    tasks: Tasks | None,
    names: Mapping[str, str] | None,
    envs: Sequence[int] | None,
    time: float,
    operation_names: Mapping[int, str] | None,
    begins: bool = False,
    as_given: bool = False,
) -> Rollout:
    """Finds the fields of a rollout and checks their shapes. Raises FIELD_MISSING, FIELD_ODD, NAME_UNKNOWN or LEAF_MISSING.

    `begins`: no episode goes on from an earlier rollout. `as_given`: the leaves are still their owner's, numpy's too."""
    fields = step_fields(tree, names)
    if any(is_traced(leaf) for leaf in fields.leaves.values()):
        raise inside_transformation()
    for name in ("after.grid", "operation", "reward"):
        fields.need(name)
    single = len(fields.get("reward").shape) == 1
    if single:
        fields.leaves = {name: leaf[:, None] for name, leaf in fields.leaves.items()}
    shape = check_fields(fields, tasks)
    states = None if start is None else start_states(start, names, shape, single)
    if states is None and begins and "before.grid" in fields:
        first = {part: fields.get(f"before.{part}")[0] for part in STATE_PARTS if f"before.{part}" in fields}
        states = Fields(first, {part: f"before.{part}" for part in first})
    if states is not None and not isinstance(tasks, str):
        states.need("task")
    columns = None if envs is None else _columns(envs, shape[1])
    _prune(fields, states)
    next_is_compact = False
    if columns is not None or not as_given:
        next_is_compact = not as_given and _compact_next(fields, columns)
        take_leaves(fields, columns, 1, but="next." if next_is_compact else None)
        if states is not None:
            take_leaves(states, columns, 0)
    return Rollout(
        rows=shape[0],
        environments=shape[1] if columns is None else len(columns),
        height=shape[2],
        width=shape[3],
        fields=fields,
        start=states,
        tasks=tasks,
        time=time,
        envs=columns,
        operation_names=operation_names,
        next_is_compact=next_is_compact,
    )


def check_fields(fields: Fields, tasks: Tasks | None) -> tuple[int, int, int, int]:
    """[T, N, H, W] of a rollout's fields. Raises FIELD_MISSING or FIELD_ODD."""
    for name in ("after.grid", "operation", "reward"):
        fields.need(name)
    shape = tuple(fields.get("after.grid").shape)
    if len(shape) != 4 or not all(1 <= side <= MAX_SIDE for side in shape[2:]) or 0 in shape:
        raise fields.odd("after.grid", f"its shape is {list(shape)}, not [T, N, H, W] with sides of 1 to {MAX_SIDE}")
    rows, environments, height, width = shape
    _check_shapes(fields, shape)
    if not isinstance(tasks, str):
        role = next((role for role in ("next", "before") if f"{role}.grid" in fields), None)
        if role is not None:
            fields.need(f"{role}.task")
    return rows, environments, height, width


def _prune(fields: Fields, start: Fields | None) -> None:
    """Takes away what is not recorded, before it is copied: an episode's task and target are those of its start."""
    unused = [f"after.{part}" for part in STATE_PARTS if part not in ("grid", "mask")]
    if start is not None and "next.grid" in fields:
        unused += [f"before.{part}" for part in STATE_PARTS]
    for name in unused:
        fields.leaves.pop(name, None)


def _compact_next(fields: Fields, columns: list[int] | None) -> bool:
    """Of numpy's arrays only the rows where an episode ends are copied. Whether it was done."""
    names = [name for name in fields.leaves if name.startswith("next.")]
    ends = [fields.get(name) for name in END_FIELDS if name in fields]
    if not names or any(is_immutable(leaf) for leaf in [*ends, *(fields.get(name) for name in names)]):
        return False
    leaves = {name: np.asarray(fields.get(name)) for name in END_FIELDS if name in fields}
    if columns is not None:
        leaves = {name: leaf[:, columns] for name, leaf in leaves.items()}
    shape = fields.get("reward").shape[0], len(columns) if columns is not None else fields.get("reward").shape[1]
    terminated, truncated = ends_of(leaves, shape)
    rows, places = np.nonzero(terminated | truncated)
    numbers = places if columns is None else np.array(columns)[places]
    for name in names:
        fields.leaves[name] = np.asarray(fields.get(name))[rows, numbers]
    return True


def take_leaves(fields: Fields, columns: list[int] | None, axis: int, but: str | None = None) -> None:
    """Makes the leaves the recorder's own: numpy's are copied, for their owner may write to them; JAX's never change."""
    index: Any = slice(None)
    if columns is not None:
        is_range = columns == list(range(columns[0], columns[-1] + 1))
        index = slice(columns[0], columns[-1] + 1) if is_range else np.array(columns)
    place = (slice(None),) * axis + (index,)
    for name, leaf in fields.leaves.items():
        if but is not None and name.startswith(but):
            continue
        if not is_immutable(leaf):
            leaf = np.array(np.asarray(leaf)[place])
        elif columns is not None:
            leaf = leaf[place]
        fields.leaves[name] = leaf


def start_states(start: Any, names: Mapping[str, str] | None, shape: tuple[int, ...], single: bool) -> Fields:
    """The fields of one state of N environments. Raises FIELD_MISSING or FIELD_ODD."""
    states = state_fields(start, names)
    states.need("grid")
    if single:
        states.leaves = {name: leaf[None] for name, leaf in states.leaves.items()}
    _, environments, height, width = shape
    for name, leaf in states.leaves.items():
        wanted = (environments,) if name in ("task", "pair") else (environments, height, width)
        if name in STATE_PARTS and tuple(leaf.shape) != wanted:
            raise states.odd(f"start.{name}", f"its shape is {list(leaf.shape)}, not {list(wanted)}")
    return states


STATE_PARTS = ("grid", "mask", "target", "target_mask", "input", "input_mask", "task", "pair")


def _check_shapes(fields: Fields, shape: tuple[int, ...]) -> None:
    rows, environments, height, width = shape
    for name in list(fields.leaves):
        own, wanted = tuple(fields.leaves[name].shape), _wanted(name, shape)
        if name.startswith(("metrics.", "info.")):
            # Free values: those that are no number for each step are passed over.
            if own != (rows, environments) or not _is_number(fields.leaves[name]):
                fields.unused.append(fields.paths[name])
                del fields.leaves[name]
        elif own not in wanted:
            raise fields.odd(name, f"its shape is {list(own)}, not {' or '.join(str(list(one)) for one in wanted)}")
        elif not _is_number(fields.leaves[name]):
            raise fields.odd(name, f"it has no numbers, but {fields.leaves[name].dtype}")
    kinds = [name for name in ("selection", "point", "bbox") if name in fields]
    if len(kinds) > 1:
        raise fields.odd(kinds[1], f"the rollout has the selection as '{kinds[0]}' too; take one of them")


def _wanted(name: str, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    rows, environments, height, width = shape
    if name == "selection":
        return [shape, (rows, environments, height * width)]
    if name in ("point", "bbox"):
        return [(rows, environments, 2 if name == "point" else 4)]
    part = name.partition(".")[2]
    if part in STATE_PARTS and part not in ("task", "pair"):
        return [shape]
    return [(rows, environments)]


def _is_number(leaf: Any) -> bool:
    dtype = np.dtype(leaf.dtype)
    return dtype.kind in "biuf" or dtype.name.startswith(("bfloat", "float"))


def _columns(envs: Sequence[int], environments: int) -> list[int]:
    columns = [int(env) for env in envs]
    if not columns or len(set(columns)) != len(columns) or not all(0 <= env < environments for env in columns):
        raise argument_invalid("envs", f"they are not columns of 0 to {environments - 1}, each once")
    return columns
