"""Composes the preset tree with the real Hydra: prints the config as JSON and the median time in milliseconds."""

import json
import statistics
import sys
import time

from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

directory, name, rounds, *overrides = sys.argv[1:]
with initialize_config_dir(config_dir=directory, version_base="1.3"):
    times = []
    for _ in range(int(rounds)):
        started = time.process_time()
        config = compose(config_name=name, overrides=overrides)
        times.append((time.process_time() - started) * 1000)
    print(json.dumps({"config": OmegaConf.to_container(config, resolve=True), "ms": statistics.median(times)}))
