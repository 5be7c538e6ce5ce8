"""Arrays as the wire has them (docs/formats.md, "Columns of steps")."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]

PADDING = 255
# A cell that the recorder refuses, and with it the step: what cannot be a colour must not become one silently.
NO_COLOUR = 254
MAX_COLOUR = 15

_WIRE = {"u1": "u8", "i1": "i8", "u2": "u16", "i2": "i16", "u4": "u32", "i4": "i32", "i8": "i64", "f2": "f16", "f4": "f32", "f8": "f64"}


def host(leaf: Any) -> Array:
    """The array on the host; no copy where it is there already (numpy, JAX on a CPU)."""
    return np.asarray(leaf)


def padded_cells(grid: Array, mask: Array | None) -> Bytes:
    """Cells as u8, PADDING where the mask is false or the cell is -1 (or 255 in u8). `[…, H, W]`"""
    cells = np.empty(grid.shape, np.uint8)
    if grid.dtype == np.uint8 or grid.dtype == np.bool_:
        np.copyto(cells, grid, casting="unsafe")
    else:
        # As integers first: a negative float has no defined value as u8.
        whole = grid if grid.dtype.kind in "iu" else np.rint(grid.astype(np.float32)).astype(np.int32)
        np.copyto(cells, whole, casting="unsafe")
        if whole.size and (whole.min() < -1 or whole.max() > MAX_COLOUR):
            cells[(whole < -1) | (whole > MAX_COLOUR)] = NO_COLOUR
    if mask is not None:
        real = _as_bits(mask)
        # 1 becomes 0, 0 becomes 255.
        np.bitwise_or(cells, real - np.uint8(1), out=cells)
    return cells


def packed_selection(selection: Array) -> Bytes:
    """A bit for each cell, the first in the highest bit. `[T, N, H, W]` or `[T, N, H * W]` -> `[T, N, ceil(H * W / 8)]`"""
    rows, environments = selection.shape[:2]
    flat = selection.reshape(rows, environments, -1)
    return np.packbits(_as_bits(flat), axis=-1)


# What can say that an episode ends.
END_FIELDS = ("terminated", "truncated", "done", "step_type")
# stoa's and JaxARC's types of a step.
_TERMINATED, _TRUNCATED = 2, 3


def ends_of(leaves: Mapping[str, Array], shape: tuple[int, ...]) -> tuple[Bytes, Bytes]:
    """Where episodes terminate and where they are truncated: 0 and 1."""
    if "step_type" in leaves and "terminated" not in leaves and "truncated" not in leaves:
        kind = leaves["step_type"]
        return _as_bits(kind == _TERMINATED), _as_bits(kind == _TRUNCATED)
    none: Bytes = np.zeros(shape, np.uint8)
    truncated = _as_bits(leaves["truncated"]) if "truncated" in leaves else none
    if "terminated" in leaves:
        return _as_bits(leaves["terminated"]), truncated
    if "done" not in leaves:
        return none, truncated
    return np.where(truncated, np.uint8(0), _as_bits(leaves["done"])), truncated


def wire_array(array: Array) -> tuple[str, Array]:
    """The wire's name of a dtype, and the array in it: little-endian and contiguous. TypeError: no number that the wire has."""
    if array.dtype == np.bool_:
        return "u8", np.ascontiguousarray(array).view(np.uint8)
    if array.dtype.name == "bfloat16":
        return "bf16", np.ascontiguousarray(array).view(np.uint16)
    if array.dtype.kind == "u" and array.dtype.itemsize == 8:
        # Beyond 2^63 a number of 8 bytes is the nearest that the wire has.
        array = array.astype(np.float64 if array.size and array.max() >= 2**63 else np.int64)
    if array.dtype.kind == "V" or (array.dtype.kind == "f" and array.dtype.itemsize > 8):
        # The small floats of ml_dtypes, and long doubles.
        array = array.astype(np.float64 if array.dtype.kind == "f" else np.float32)
    name = _WIRE.get(f"{array.dtype.kind}{array.dtype.itemsize}")
    if name is None:
        raise TypeError(f"the wire has no numbers like {array.dtype}")
    return name, np.ascontiguousarray(array, array.dtype.newbyteorder("<"))


def _as_bits(array: Array) -> Bytes:
    """0 and 1."""
    if array.dtype == np.bool_:
        return np.ascontiguousarray(array).view(np.uint8)
    bits: Bytes = np.asarray(array != 0).view(np.uint8)
    return bits
