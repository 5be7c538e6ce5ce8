"""Records a few steps with the program that the distribution carries, and prints the run's directory."""

import numpy as np

import episcope_rl

T, N, H, W = 4, 2, 3, 3
random = np.random.default_rng(0)
grids = random.integers(0, 10, (T + 1, N, H, W))
outputs = {
    "state": {"grid": grids[1:]},
    "action": {"operation": np.full((T, N), 3), "selection": random.random((T, N, H, W)) < 0.5},
    "reward": np.zeros((T, N)),
    "truncated": np.arange(T)[:, None] * np.ones(N) == T - 1,
}
with episcope_rl.record(
    "visualization=debug_minimal", "visualization.output_formats=[svg,png]", "logging=wandb_basic", "logging.log_format=hdf5"
) as rec:
    rec.rollout(outputs, start={"grid": grids[0]}, tasks="00d62c1b")
print(rec.run)
