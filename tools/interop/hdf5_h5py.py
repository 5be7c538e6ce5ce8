"""Compares HDF5 exports with the records they were made from, value by value.

usage: hdf5_h5py.py DIRECTORY      (episode_0001.h5 beside episode_0001.ndjson, and so on)
"""

import json
import sys
from pathlib import Path
from urllib.parse import unquote

import h5py
import numpy as np

NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
KINDS = ["none", "mask", "point", "bbox"]
compared = 0


def number(value):
    return NUMBERS[value] if isinstance(value, str) else value


def same(what, found, expected):
    """Equal in shape and in every element; NaN equals NaN."""
    global compared
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, f"{what}: shape {found.shape}, expected {expected.shape}"
    floats = found.dtype.kind == "f" and expected.dtype.kind == "f"
    equal = np.array_equal(found, expected, equal_nan=floats)
    assert equal, f"{what}: {found!r} differs from {expected!r}"
    compared += max(1, found.size)


def cells(grid, key="data"):
    return np.array(grid[key], dtype=np.uint8).reshape(grid["shape"])


def padded(array, shape, padding):
    result = np.full(shape, padding, dtype=np.uint8)
    result[: array.shape[0], : array.shape[1]] = array
    return result


def valid(grid):
    return (cells(grid, "mask") != 0).astype(np.uint8) if "mask" in grid else np.ones(grid["shape"], np.uint8)


def selected(selection, shape):
    mask = np.zeros(shape, dtype=np.uint8)
    if selection is None:
        return mask
    if selection["kind"] == "mask":
        return (np.array(selection["mask"]).reshape(shape) != 0).astype(np.uint8)
    at = selection["point"] * 2 if selection["kind"] == "point" else selection["bbox"]
    rows = np.clip([at[0], at[2]], 0, shape[0] - 1)
    columns = np.clip([at[1], at[3]], 0, shape[1] - 1)
    mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = 1
    return mask


def similarity(grid, target):
    if target is None:
        return float("nan")
    want, have = cells(target), cells(grid)
    rows, columns = (min(a, b) for a, b in zip(want.shape, have.shape))
    return np.count_nonzero(want[:rows, :columns] == have[:rows, :columns]) / want.size


def check(path):
    lines = path.with_suffix(".ndjson").read_text("utf-8").split("\n")
    records = [json.loads(line) for line in lines if line != ""]
    start = records[0]
    end = records[-1] if records[-1]["type"] == "episode-end" else None
    steps = [record for record in records if record["type"] == "step"]
    before = []
    last = start["initial"]
    for step in steps:
        before.append(step.get("before", last))
        last = step["after"]
    after = [step["after"] for step in steps]
    singles = {name: start[name] for name in ("initial", "input", "target") if start.get(name) is not None}
    grids = [*singles.values(), *before, *after]
    shape = tuple(max(grid["shape"][axis] for grid in grids) for axis in (0, 1))
    masked = any("mask" in grid for grid in grids)

    with h5py.File(path) as file:
        attributes = file.attrs
        padding = int(attributes["padding_value"])
        assert padding == 255 and attributes["format"] == "episcope-episode" and attributes["format_version"] == 1
        for name in ("task_id", "episode", "mode"):
            assert attributes[name] == start[name], name
        assert (attributes["run"], attributes["config_hash"]) == ("run_interop", "0123abcd")
        same("pair_index", attributes["pair_index"], start["pair_index"])
        same("start_time", attributes["start_time"], float(start["time"]))
        same("end_time", attributes["end_time"], float(end["time"]) if end else float("nan"))
        assert attributes["outcome"] == (end["outcome"] if end else "crashed")
        same("steps", attributes["steps"], len(steps))
        if end:
            same("reward", attributes["reward"], float(end["totals"]["reward"]))
            same("best", attributes["best_similarity"], float(end["totals"]["best_similarity"]))
        assert json.loads(file["meta_json"].asstr()[()]) == start["meta"]

        assert {name for name in ("initial", "input", "target") if name in file} == set(singles)
        for name, grid in singles.items():
            same(name, file[name][:], padded(cells(grid), shape, padding))
            same(f"{name} shape", file[name].attrs["shape"], grid["shape"])

        group = file["steps"]
        kinds = [step["action"].get("selection", {"kind": "none"})["kind"] for step in steps]
        assert list(group.attrs["selection_kinds"]) == KINDS
        unused = int(group.attrs["selection_unused"])

        def column(name, values, dtype, tail=()):
            assert group[name].dtype == dtype, f"{name}: {group[name].dtype}"
            same(f"{path.name} {name}", group[name][:], np.array(values, dtype=dtype).reshape(len(steps), *tail))

        for name, sequence in (("before", before), ("after", after)):
            column(name, [padded(cells(grid), shape, padding) for grid in sequence], "u1", shape)
            column(f"{name}_shape", [grid["shape"] for grid in sequence], "i4", (2,))
            assert (f"{name}_valid" in group) == masked
            if masked:
                column(f"{name}_valid", [padded(valid(grid), shape, 0) for grid in sequence], "u1", shape)
        selections = [step["action"].get("selection") for step in steps]
        masks = [selected(selection, grid["shape"]) for selection, grid in zip(selections, before)]
        column("selection", [padded(mask, shape, 0) for mask in masks], "u1", shape)
        column("selection_kind", [KINDS.index(kind) for kind in kinds], "i1")
        raw = [[] if kind in ("none", "mask") else said[kind] for kind, said in zip(kinds, selections)]
        column("selection_raw", [[*at, *[unused] * (4 - len(at))] for at in raw], "i4", (4,))

        column("step", [step["step"] for step in steps], "i4")
        column("time", [step["time"] for step in steps], "f8")
        column("operation", [step["action"]["operation"] for step in steps], "i4")
        column("reward", [number(step["reward"]) for step in steps], "f8")
        target = start["target"]
        said = [step["info"].get("similarity") for step in steps]
        computed = [similarity(grid, target) if own is None else number(own) for own, grid in zip(said, after)]
        column("similarity", computed, "f8")
        column("success", [int(step["info"].get("success", -1)) for step in steps], "i1")
        for name in ("terminated", "truncated"):
            column(name, [int(step[name]) for step in steps], "i1")
        for text, step in zip(group["operation_name"].asstr()[:], steps):
            assert step["action"].get("name", text) == text and text != ""
        for text, step in zip(group["info_json"].asstr()[:], steps):
            rest = {k: v for k, v in step["info"].items() if k not in ("similarity", "success", "metrics")}
            # In a column NaN says that there is none.
            metrics = step["info"].get("metrics")
            unknown = {k: v for k, v in (metrics or {}).items() if v == "NaN"}
            if unknown or metrics == {}:
                rest["metrics"] = unknown
            assert json.loads(text) == rest, f"{text} differs from {rest}"
        assert ("state_json" in group) == any("state" in step for step in steps)
        if "state_json" in group:
            for text, step in zip(group["state_json"].asstr()[:], steps):
                assert (json.loads(text) if text else None) == step.get("state")

        names = {name for step in steps for name in step["info"].get("metrics", {})}
        columns = {"" if name == "%" else unquote(name): name for name in file["metrics"]}
        assert set(columns) == names, f"{set(columns)} differs from {names}"
        for name in names:
            values = [float(number(step["info"].get("metrics", {}).get(name, "NaN"))) for step in steps]
            same(f"metric {name}", file["metrics"][columns[name]][:], np.array(values))
    return len(steps)


paths = sorted(Path(sys.argv[1]).glob("*.h5"))
total = sum(check(path) for path in paths)
assert paths and total > 1000, "too little was compared"
print(f"h5py {h5py.__version__}: {len(paths)} episodes, {total} steps, {compared} values equal")
