"""Which leaf of a tree is which field of a rollout: the names that are understood, and the look-up."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import field_missing, field_odd, leaf_missing, name_unknown
from .tree import Path, leaves

# What a state holds, and how its leaves may be called, the first found first. JaxARC's names are among them.
STATE: dict[str, tuple[str, ...]] = {
    "grid": ("grid", "working_grid"),
    "mask": ("mask", "grid_mask", "working_grid_mask"),
    "target": ("target", "target_grid"),
    "target_mask": ("target_mask", "target_grid_mask"),
    "input": ("input", "input_grid"),
    "input_mask": ("input_mask", "input_grid_mask"),
    "task": ("task", "task_idx", "task_index"),
    "pair": ("pair", "pair_idx", "pair_index"),
}
# The states around a step: after the action, before it, and the one that the next action sees (the new episode's, after a reset).
ROLES: dict[str, tuple[str, ...]] = {
    "after": ("after", "after_state", "state", ""),
    "before": ("before", "before_state", "state_before", "previous", "previous_state"),
    "next": ("next", "next_state", "state_next"),
}
# What else a step holds. These are found at the end of any path too: `timestep.reward`.
STEP: dict[str, tuple[str, ...]] = {
    "operation": ("operation", "operation_id"),
    "selection": ("selection",),
    "point": ("point",),
    "bbox": ("bbox",),
    "reward": ("reward", "rewards"),
    "terminated": ("terminated", "termination"),
    "truncated": ("truncated", "truncation"),
    "done": ("done", "dones"),
    "step_type": ("step_type",),
    "similarity": ("similarity", "similarity_score"),
    "success": ("success", "solved"),
    "priority": ("priority",),
}
# Leaves below these names become numbers of a record's info.
_METRICS = ("metrics",)
_INFO = ("info", "infos", "extras")


@dataclass
class Fields:
    """Leaves by field. `paths` says where each was found, `unused` what was not understood."""

    leaves: dict[str, Any] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def __contains__(self, name: str) -> bool:
        return name in self.leaves

    def get(self, name: str) -> Any:
        return self.leaves.get(name)

    def need(self, name: str, present: list[str] | None = None) -> Any:
        if name in self.leaves:
            return self.leaves[name]
        raise field_missing(name, accepted(name), present if present is not None else sorted([*self.paths.values(), *self.unused]))

    def odd(self, name: str, problem: str) -> Exception:
        return field_odd(name, self.paths.get(name, name), problem)


def accepted(name: str) -> tuple[str, ...]:
    """The names under which a field is found, as a person would write them."""
    role, _, part = name.partition(".")
    if role in ROLES and part in STATE:
        return tuple(dict.fromkeys(_joined(prefix, leaf, ".") for prefix in ROLES[role] for leaf in STATE[part]))
    return STEP.get(name, STATE.get(name, (name,)))


def step_fields(tree: Any, names: Mapping[str, str] | None = None) -> Fields:
    """The fields of stacked steps: 'after.grid', 'next.target', 'operation', 'metrics.loss', …"""
    named = {name: accepted(name) for name in _ALL}
    return _resolve(tree, named, names or {})


def state_fields(tree: Any, names: Mapping[str, str] | None = None) -> Fields:
    """The fields of one state: 'grid', 'mask', 'target', …; `names` may use the names of 'after.…'."""
    candidates = {part: tuple(_joined(prefix, leaf, ".") for prefix in ("", "state", "start") for leaf in spelled) for part, spelled in STATE.items()}
    own = {name.removeprefix("start."): path for name, path in (names or {}).items() if name.startswith("start.")}
    return _resolve(tree, candidates, own)


_ALL = (*(f"{role}.{part}" for role in ROLES for part in STATE), *STEP)


def _resolve(tree: Any, candidates: Mapping[str, tuple[str, ...]], names: Mapping[str, str]) -> Fields:
    found = {path: leaf for path, leaf in leaves(tree)}
    # `after_grid` and `after.grid` are the same.
    spelled = {_key(".".join(path)): path for path in found}
    present = [".".join(path) for path in found]
    fields = Fields()
    used: set[Path] = set()

    def take(name: str, path: Path) -> None:
        fields.leaves[name] = found[path]
        fields.paths[name] = ".".join(path)
        used.add(path)

    for name, where in names.items():
        if name.partition(".")[0] not in ("metrics", "info", "start") and name not in candidates:
            raise name_unknown(name, sorted(candidates))
        exact = tuple(where.split("."))
        if exact not in found:
            raise leaf_missing(name, where, present)
        take(name, exact)
    for name, spellings in candidates.items():
        if name in fields.leaves:
            continue
        path = next((spelled[_key(one)] for one in spellings if _key(one) in spelled), None)
        if path is None and name in STEP:
            path = _at_the_end(found, spellings)
        if path is not None and path not in used:
            take(name, path)
    for path in found:
        if path not in used:
            free = _free_name(path)
            if free is None:
                fields.unused.append(".".join(path))
            else:
                take(free, path)
    return fields


def _at_the_end(found: Mapping[Path, Any], spellings: tuple[str, ...]) -> Path | None:
    for spelling in spellings:
        for path in found:
            if path[-1] == spelling and not set(path[:-1]) & _OTHER_STATES:
                return path
    return None


_OTHER_STATES = {spelled for role in ("before", "next") for spelled in ROLES[role]}


def _free_name(path: Path) -> str | None:
    """'metrics.NAME' or 'info.NAME' for what stands below such a name."""
    for group, spelled in (("metrics", _METRICS), ("info", _INFO)):
        for place, segment in enumerate(path[:-1]):
            if segment in spelled:
                return f"{group}.{'.'.join(path[place + 1:])}"
    return None


def _key(path: str) -> str:
    return path.replace(".", "_").lower()


def _joined(prefix: str, leaf: str, separator: str) -> str:
    return f"{prefix}{separator}{leaf}" if prefix else leaf
