"""Compares pickled episodes with the JSON exports of the same episodes, value by value and type by type.

usage: pickle_python.py DIRECTORY      (episode_1.pkl beside episode_1.json, and so on)
"""

import json
import math
import pickle
import pickletools
import sys
from pathlib import Path

import numpy as np

WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf, "-0": -0.0}
FLOATS = {"timestamp", "reward", "start_timestamp", "end_timestamp", "total_reward", "final_similarity", "best_similarity"}
compared = 0


def compare(path, found, expected, key=None):
    global compared
    compared += 1
    if isinstance(found, np.ndarray):
        assert found.dtype == np.uint8 and found.ndim == 2, f"{path}: {found.dtype}, {found.ndim} dimensions"
        rows = found.tolist()
        if key == "mask" and expected and not isinstance(expected[0], list):
            rows = [cell for row in rows for cell in row]
        assert rows == expected, f"{path}: {rows} differs from {expected}"
        return
    if isinstance(expected, str):
        expected = WORDS.get(expected, expected)
    if isinstance(expected, dict):
        assert list(found) == list(expected), f"{path}: keys {list(found)} differ from {list(expected)}"
        for name in expected:
            compare(f"{path}.{name}", found[name], expected[name], name)
    elif isinstance(expected, list):
        assert len(found) == len(expected), f"{path}: {len(found)} items, expected {len(expected)}"
        for at, (a, b) in enumerate(zip(found, expected)):
            compare(f"{path}[{at}]", a, b)
    elif isinstance(expected, float) and math.isnan(expected):
        assert math.isnan(found), f"{path}: {found!r} is not NaN"
    else:
        assert found == expected and isinstance(found, bool) == isinstance(expected, bool), f"{path}: {found!r} differs from {expected!r}"
        if key in FLOATS and expected is not None:
            assert isinstance(found, float), f"{path}: {type(found).__name__} instead of float"


def main(directory):
    files = sorted(Path(directory).glob("*.pkl"))
    assert files, "there is no pickle"
    for file in files:
        data = file.read_bytes()
        names = {argument for opcode, argument, _ in pickletools.genops(data) if opcode.name in ("GLOBAL", "STACK_GLOBAL")}
        assert names <= {"numpy ndarray"}, f"{file.name} names {names}"
        compare(file.stem, pickle.loads(data), json.loads(file.with_suffix(".json").read_text()))
    print(f"{len(files)} pickles, {compared} values equal")


main(sys.argv[1])
