"""Steps from inside functions that JAX transforms: one call of the host for all environments, however they were vectorised."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from .arrays import MAX_COLOUR, NO_COLOUR, PADDING
from .fields import Fields, step_fields
from .rollout import Tasks, check_fields
from .tree import is_traced

# Takes a row: leaves by name, all with the same leading axes of environments, and the number of the environments or None.
TakeRow = Callable[[dict[str, Any], Any], None]


def row_fields(tree: Any, names: Mapping[str, str] | None, tasks: Tasks | None) -> Fields:
    """The fields of one row, of any leading axes, checked as those of a rollout are. Raises FIELD_MISSING or FIELD_ODD."""
    fields = step_fields(tree, names)
    axes = len(fields.need("operation").shape)
    stands_for = Fields({name: _one_row(leaf, axes) for name, leaf in fields.leaves.items()}, dict(fields.paths))
    check_fields(stands_for, tasks)
    # An episode's task and target are those of its start.
    unused = tuple(f"after.{part}" for part in ("target", "target_mask", "input", "input_mask", "task", "pair"))
    fields.leaves = {name: fields.leaves[name] for name in stands_for.leaves if name not in unused}
    return fields


def flat_row(leaves: Mapping[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """The leading axes of environments as one, `[N, …]`, on the host."""
    axes = len(leaves["operation"].shape)
    return {name: np.asarray(leaf).reshape(-1, *leaf.shape[axes:]) for name, leaf in leaves.items()}


def is_inside(fields: Fields) -> bool:
    """Whether JAX traces the function that these come from."""
    return any(is_traced(leaf) for leaf in fields.leaves.values())


def emit(fields: Fields, envs: Any, when: Any, ordered: bool, take: TakeRow) -> None:
    """Leaves word in the function that is traced to call `take` with every row. `when`: a bool scalar, or None for always."""
    import jax
    import jax.numpy as jnp

    rows = _compact(fields.leaves)
    names = tuple(rows)
    has_envs, is_always = envs is not None, when is None

    def on_host(*leaves: Any) -> None:
        take(dict(zip(names, leaves, strict=False)), leaves[-1] if has_envs else None)

    def call(*leaves: Any) -> None:
        jax.debug.callback(on_host, *leaves, ordered=ordered)

    @jax.custom_batching.custom_vmap
    def send(when: Any, *leaves: Any) -> Any:
        if is_always:
            call(*leaves)
        else:
            jax.lax.cond(when, call, lambda *_: None, *leaves)
        return jnp.zeros((), jnp.int8)

    @send.def_vmap  # type: ignore[untyped-decorator, unused-ignore]
    def send_batch(size: int, batched: Any, when: Any, *leaves: Any) -> tuple[Any, bool]:
        whole = [leaf if is_batched else jnp.broadcast_to(leaf, (size, *leaf.shape)) for leaf, is_batched in zip(leaves, batched[1:], strict=True)]
        send(jnp.any(when) if batched[0] else when, *whole)
        return jnp.zeros((size,), jnp.int8), True

    leaves = [rows[name] for name in names] + ([jnp.asarray(envs)] if has_envs else [])
    # Recording changes no gradient.
    send(jnp.asarray(True if is_always else when), *(jax.lax.stop_gradient(jnp.asarray(leaf)) for leaf in leaves))


def _compact(leaves: Mapping[str, Any]) -> dict[str, Any]:
    """Grids as u8 with their padding in them, made where the function runs: less has to come to the host. As `padded_cells`."""
    import jax.numpy as jnp

    made = dict(leaves)
    for role in ("after", "before", "next"):
        for part in ("grid", "target", "input"):
            name, mask_name = f"{role}.{part}", f"{role}.mask" if part == "grid" else f"{role}.{part}_mask"
            if name not in made or not jnp.issubdtype(made[name].dtype, jnp.signedinteger):
                continue
            cells = made[name]
            cells = jnp.where((cells < -1) | (cells > MAX_COLOUR), NO_COLOUR, jnp.where(cells < 0, PADDING, cells))
            if mask_name in made:
                cells = jnp.where(made.pop(mask_name), cells, PADDING)
            made[name] = cells.astype(jnp.uint8)
    return made


def _one_row(leaf: Any, axes: int) -> Any:
    """Shape and kind of a leaf as those of a rollout of one row."""
    shape = tuple(leaf.shape)
    return SimpleNamespace(shape=(1, int(np.prod(shape[:axes], dtype=int)), *shape[axes:]), dtype=leaf.dtype)
