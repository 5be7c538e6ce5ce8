"""The real Hydra behind a pipe: answers one JSON request a line. See config-fuzz.mjs."""

import datetime
import json
import math
import os
import sys
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
from hydra.types import RunMode
from omegaconf import OmegaConf, open_dict

MAX_ITEMS = 200


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


def compose(directory, name, overrides):
    search_path = create_config_search_path(directory)
    loader = ConfigLoaderImpl(config_search_path=search_path)
    cfg = loader.load_configuration(config_name=name, overrides=overrides, run_mode=RunMode.RUN, from_shell=False)
    choices = OmegaConf.to_container(cfg.hydra.runtime.choices)
    with open_dict(cfg):
        del cfg["hydra"]
    answer = {
        "config": encode(OmegaConf.to_container(cfg, resolve=False)),
        "yaml": OmegaConf.to_yaml(cfg),
        "choices": encode(choices),
    }
    try:
        answer["resolved"] = encode(OmegaConf.to_container(cfg, resolve=True))
    except Exception as error:
        answer["resolved"] = {"$error": type(error).__name__}
    return answer


def main():
    version.setbase("1.3")
    setup_globals()
    Plugins.instance()
    parser = OverridesParser.create()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "override" in request:
                answer = {"ok": override(parser, request["override"])}
            else:
                answer = {"ok": compose(request["dir"], request["name"], request["overrides"])}
        except Exception as error:
            answer = {"error": type(error).__name__, "message": str(error)[:300]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


main()
