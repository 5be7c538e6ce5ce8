"""Prints the records of a run as JSON, by number of the episode (0: of the run itself), with the client in python/.

Checks on its way that a range of steps is that part of all steps, whichever blocks it lies in."""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python" / "src"))

import numpy as np  # noqa: E402

import episcope_rl  # noqa: E402

run = episcope_rl.read(sys.argv[1])
for episode in run:
    whole = episode.steps()
    assert len(whole) == len(episode) == sum(record["type"] == "step" for record in episode.records)
    numbers = [record["step"] for record in episode.records if record["type"] == "step"]
    for first in range(0, len(whole) + 1, max(1, len(whole) // 7)):
        part = episode.steps(first, first + 5)
        places = [place for place, number in enumerate(numbers) if first <= number < first + 5]
        assert np.array_equal(part.reward, whole.reward[places], equal_nan=True)
        for ours, theirs in ((part.after, whole.after), (part.selection, whole.selection)):
            assert all(np.array_equal(a, theirs[place]) if a is not None else theirs[place] is None for a, place in zip(ours, places, strict=True))
print(json.dumps({"0": run.records, **{str(episode.number): episode.records for episode in run}}, default=list))
