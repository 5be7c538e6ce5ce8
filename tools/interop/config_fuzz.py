"""The real Hydra behind a pipe: answers one JSON request a line. See config-fuzz.mjs."""

import datetime
import json
import math
import os
import sys
import tempfile
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import (
    ChoiceSweep,
    Glob,
    IntervalSweep,
    QuotedString,
    Quote,
    RangeSweep,
    Sweep,
)
from hydra.core.plugins import Plugins
from hydra.core.utils import setup_globals
from hydra import version
from hydra.core.utils import JobReturn, JobStatus
from hydra.types import HydraContext, RunMode
from hydra._internal.callbacks import Callbacks
from omegaconf import DictConfig, ListConfig, OmegaConf, open_dict

MAX_ITEMS = 200
MAX_CONFIGS = 3
VARIABLES = ("EMPTY", "STAGE", "NUM")


def encode(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 - 1 else {"$int": str(value)}
    if isinstance(value, float):
        if math.isfinite(value) and not value.is_integer():
            return value
        return {"$float": repr(value)}
    if isinstance(value, QuotedString):
        return {"$quoted": value.text, "quote": "single" if value.quote == Quote.single else "double"}
    if isinstance(value, (ListConfig, DictConfig)):
        # Inside of what a resolver returned: whoever reads it gets resolved values.
        return encode(OmegaConf.to_container(value, resolve=True))
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"$pairs": [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, (Sweep, Glob)):
        return {"$sweep": encode_sweep(value)}
    return {"$other": type(value).__name__}


def encode_sweep(value):
    if isinstance(value, ChoiceSweep):
        return ["choice", value.simple_form, value.shuffle, encode(value.list), sorted(value.tags)]
    if isinstance(value, RangeSweep):
        return ["range", encode(value.start), encode(value.stop), encode(value.step), value.shuffle, sorted(value.tags)]
    if isinstance(value, IntervalSweep):
        return ["interval", encode(value.start), encode(value.end), sorted(value.tags)]
    return ["glob", encode(value.include), encode(value.exclude)]


def override(parser, text):
    parsed = parser.parse_overrides([text])[0]
    value = parsed._value
    answer = {
        "type": parsed.type.name,
        "key": parsed.key_or_group,
        "package": parsed.package,
        "value_type": parsed.value_type.name if parsed.value_type else None,
        "value": encode(value),
    }
    try:
        answer["text"] = None if isinstance(value, (Sweep, Glob)) else parsed.get_value_element_as_str()
    except Exception:
        answer["text"] = {"$error": True}
    if isinstance(value, (ChoiceSweep, RangeSweep)) and not value.shuffle:
        items = []
        try:
            for item in parsed.sweep_iterator():
                if len(items) == MAX_ITEMS:
                    break
                items.append(encode(item))
            answer["items"] = items
        except Exception:
            answer["items"] = {"$error": True}
    return answer


def loaded(directory, name, overrides, mode):
    loader = ConfigLoaderImpl(config_search_path=create_config_search_path(directory))
    return loader, loader.load_configuration(config_name=name, overrides=overrides, run_mode=mode, from_shell=False)


def without_hydra(cfg):
    with open_dict(cfg):
        del cfg["hydra"]
    return cfg


def compose(directory, name, overrides):
    _, cfg = loaded(directory, name, overrides, RunMode.RUN)
    choices = OmegaConf.to_container(cfg.hydra.runtime.choices)
    without_hydra(cfg)
    answer = {
        "config": encode(OmegaConf.to_container(cfg, resolve=False)),
        "yaml": OmegaConf.to_yaml(cfg),
        "choices": encode(choices),
    }
    for key, throw in (("resolved", False), ("plain", True)):
        try:
            data = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=throw)
            answer[key] = encode_plain(data) if throw else encode(data)
        except Exception as error:
            answer[key] = {"$error": type(error).__name__}
    return answer


def encode_plain(value):
    """As JavaScript holds it: one kind of number, texts as keys, those that look like indexes first."""
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value) if abs(value) <= 2**53 - 1 else {"$float": repr(value)}
    if isinstance(value, (ListConfig, DictConfig)):
        return encode_plain(OmegaConf.to_container(value, resolve=True, throw_on_missing=True))
    if isinstance(value, (list, tuple)):
        return [encode_plain(item) for item in value]
    if not isinstance(value, dict):
        return encode(value)
    pairs = {}
    for key, item in value.items():
        name = key if isinstance(key, str) else json.dumps(key)
        if name in pairs:
            raise ValueError(f"two keys are {name!r}")
        pairs[name] = encode_plain(item)
    is_index = lambda name: name == "0" or name.isascii() and name.isdigit() and name[0] != "0"
    indexes = sorted((name for name in pairs if is_index(name)), key=int)
    return {"$pairs": [[name, pairs[name]] for name in indexes + [name for name in pairs if not is_index(name)]]}


class Recorder:
    """A launcher that composes the jobs of a batch and runs none."""

    def __init__(self, loader, config):
        self.loader, self.config, self.batches = loader, config, []

    def launch(self, job_overrides, initial_job_idx):
        jobs = [self.describe(index, number + initial_job_idx, list(words)) for number, (index, words) in enumerate(enumerate(job_overrides))]
        self.batches.append([initial_job_idx, jobs])
        return [JobReturn(status=JobStatus.COMPLETED) for _ in jobs]

    def describe(self, index, number, words):
        cfg = self.loader.load_sweep_config(self.config, words)
        with open_dict(cfg):
            cfg.hydra.job.id = str(number)
            cfg.hydra.job.num = number
        texts = [text_of(lambda: cfg.hydra.job.override_dirname), text_of(lambda: cfg.hydra.sweep.subdir)]
        config = encode(OmegaConf.to_container(without_hydra(cfg), resolve=False)) if index < MAX_CONFIGS else None
        return [words, *texts, config]


def text_of(read):
    try:
        return str(read())
    except Exception:
        return {"$error": True}


def sweep(directory, name, overrides):
    loader, cfg = loaded(directory, name, overrides + ["hydra.mode=MULTIRUN"], RunMode.MULTIRUN)
    context = HydraContext(config_loader=loader, callbacks=Callbacks())
    sweeper = Plugins.instance().instantiate_sweeper(config=cfg, hydra_context=context, task_function=None)
    sweeper.launcher = Recorder(loader, cfg)
    sweeper.sweep(arguments=OmegaConf.to_container(cfg.hydra.overrides.task, resolve=False))
    return {"batches": sweeper.launcher.batches}


def main():
    version.setbase("1.3")
    setup_globals()
    Plugins.instance()
    parser = OverridesParser.create()
    OmegaConf.register_new_resolver("pick", lambda value: value)
    OmegaConf.register_new_resolver("join", lambda *parts: "".join(map(str, parts)))
    OmegaConf.register_new_resolver("all", lambda *parts: list(parts))
    # A sweeper writes `multirun.yaml`.
    folder = tempfile.TemporaryDirectory()
    os.chdir(folder.name)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "override" in request:
                answer = {"ok": override(parser, request["override"])}
            else:
                for variable in VARIABLES:
                    os.environ.pop(variable, None)
                os.environ.update(request["env"])
                run = sweep if request["kind"] == "sweep" else compose
                answer = {"ok": run(request["dir"], request["name"], request["overrides"])}
        except Exception as error:
            answer = {"error": type(error).__name__, "message": str(error)[:300]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


main()
