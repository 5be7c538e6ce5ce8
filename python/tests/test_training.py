"""Numbers, histograms and the model's graph, up to the W&B run that the recorder makes of them."""
from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import equinox as eqx
import jax
import numpy as np
import pytest
from conftest import live
from omegaconf import OmegaConf

import episcope_rl


def test_metrics_gradients_and_the_graph_arrive_in_the_wandb_run(tmp_path: Path, program: list[str]) -> None:
    model = eqx.nn.MLP(4, 2, 8, 1, key=jax.random.PRNGKey(0))
    gradients = eqx.filter_grad(lambda m, x: m(x).sum())(model, np.ones(4, np.float32))
    counts = np.array([1, 2])
    # This recorder is here for its sinks.
    overrides = [text for text in live(tmp_path) if not text.startswith("logging=")]
    with episcope_rl.record(*overrides, "logging=wandb_full", program=program, meta={"model_topology": episcope_rl.model_topology(model)}) as rec:
        rec.metrics(1, {"loss": jax.numpy.float32(0.25)}, gradients=gradients, parameters=model, histograms={"own": (counts, np.array([0.0, 1.0, 2.0]))})
        counts[:] = 9  # what was handed over is not changed by this
        rec.batch(1, {"returns": np.array([1.0, 3.0])})
        rec.metrics(2, {"loss": float("nan")})
    assert rec.run is not None
    (wandb,) = rec.run.glob("wandb/offline-run-*")
    (graph,) = wandb.rglob("*graph.json")
    nodes = json.loads(graph.read_text())["nodes"]
    assert [(node["name"], node["class_name"], node["num_parameters"]) for node in nodes] == [("layers.0", "Linear", [32, 8]), ("layers.1", "Linear", [16, 2])]
    (log,) = wandb.glob("*.wandb")
    for name in (b"gradients/layers.0.weight", b"parameters/layers.1.bias", b"gradients/own", b"batch/returns"):
        assert name in log.read_bytes()
    # And they are in the run, as they were.
    run = episcope_rl.read(rec.run)
    first, second = (record for record in run.records if record["type"] == "metrics")
    assert first["values"] == {"loss": 0.25}
    assert first["histograms"]["own"] == {"values": [1, 2], "bins": [0, 1, 2]}
    weights = first["histograms"]["parameters/layers.0.weight"]
    assert (sum(weights["values"]), len(weights["bins"])) == (32, 65)
    assert np.isnan(second["values"]["loss"])
    assert run.metrics["step"].tolist() == [1, 2]
    assert run.metrics["loss"][0] == 0.25


def test_what_has_no_numbers_is_said_and_costs_one_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with episcope_rl.record(spool=tmp_path / "run.msgpack") as rec:
        rec.metrics(1, {"loss": np.ones(3)})
        rec.metrics(2, {"loss": 1})
    assert rec.accounting.reasons == {"not readable": 1}
    assert rec.accounting.acknowledged == 2
    assert "cannot be read" in caplog.text


def test_what_no_message_can_hold_is_said_and_what_follows_arrives(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with episcope_rl.record(spool=tmp_path / "run.msgpack") as rec:
        rec.metrics(2**70, {"loss": 1})
        rec.metrics(2, {"loss": 1})
        assert not rec.flush(60).safe or rec.accounting.dropped == 1
    assert rec.accounting.reasons == {"not readable": 1}
    assert rec.accounting.acknowledged == 2
    assert "OverflowError" in caplog.text


def test_what_a_program_knows_about_itself_is_kept_as_plain_data(tmp_path: Path, recorded: Any) -> None:
    @dataclasses.dataclass
    class Settings:
        rate: float
        sizes: tuple[int, ...]

    meta = {
        "settings": Settings(0.5, (64, 64)), "seed": np.int64(7), "scale": jax.numpy.ones(2), "folder": tmp_path, 3: {"on"}, "agent": OmegaConf.create({"a": 1, "b": "${a}"}),
        "huge": 2**70,
    }
    with episcope_rl.record(spool=tmp_path / "run.msgpack", meta=meta) as rec:
        rec.metrics(1, {"loss": 1.0})
    kept = episcope_rl.read(recorded(tmp_path / "run.msgpack")).records[0]["meta"]
    assert {name: kept[name] for name in map(str, meta)} == {
        "settings": {"rate": 0.5, "sizes": [64, 64]}, "seed": 7, "scale": [1, 1], "folder": str(tmp_path), "3": ["on"], "agent": {"a": 1, "b": 1}, "huge": str(2**70),
    }
    with pytest.raises(episcope_rl.EpiscopeError, match=r"(?s)meta.agents\[1\]: a object is no plain data.*ARGUMENT_INVALID"):
        episcope_rl.record(spool=tmp_path / "other.msgpack", meta={"agents": [1, object()]})


def test_the_graph_of_plain_parameters_has_their_groups() -> None:
    made: dict[str, Any] = episcope_rl.model_topology({"embed": {"table": np.zeros((3, 2))}, "head": {"w": np.zeros((2, 1)), "b": np.zeros(1)}})
    assert [(node["id"], node["parameters"]) for node in made["nodes"]] == [("embed", [["table", [3, 2]]]), ("head", [["w", [2, 1]], ["b", [1]]])]
    assert made["edges"] == [["embed", "head"]]
