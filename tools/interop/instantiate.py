"""Seeded configs with overrides, and what hydra.utils.instantiate makes of them: one JSON case a line, in the form of
packages/config/cases/README.md.

    python instantiate.py COUNT SEED
"""

import json
import random
import sys
import types

from hydra.utils import instantiate
from omegaconf import DictConfig, ListConfig, OmegaConf

CALLS = []
vec = types.ModuleType("vec")


class Call:
    def __init__(self, name, args, kwargs):
        self.name, self.args, self.kwargs = name, args, kwargs


def make(*args, **kwargs):
    CALLS.append("make")
    return Call("make", args, kwargs)


def pair(left="L", right="R"):
    CALLS.append("pair")
    return Call("pair", (), {"left": left, "right": right})


def number(value=7):
    CALLS.append("number")
    return value


def fail(*args, **kwargs):
    CALLS.append("fail")
    raise RuntimeError("failed on purpose")


for function in (make, pair, number, fail):
    function.__module__ = "vec"
    setattr(vec, function.__name__, function)
sys.modules["vec"] = vec


def encode(value):
    if isinstance(value, Call):
        kwargs = [[key, encode(item)] for key, item in value.kwargs.items()]
        return {"$call": value.name, "args": [encode(item) for item in value.args], "kwargs": kwargs}
    if hasattr(value, "func") and hasattr(value, "keywords"):
        kwargs = [[key, encode(item)] for key, item in value.keywords.items()]
        return {"$partial": value.func.__name__, "args": [encode(item) for item in value.args], "kwargs": kwargs}
    if isinstance(value, (DictConfig, ListConfig)):
        return {"$config": encode_container(value)}
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return {"$float": repr(value)}
    return value


def encode_container(value):
    if isinstance(value, DictConfig):
        if value._is_none():
            return None
        return {str(key): encode_item(value, key) for key in value}
    if isinstance(value, ListConfig):
        return [encode_item(value, index) for index in range(len(value))]
    return encode(value)


def encode_item(container, key):
    item = container[key]
    return encode_container(item) if isinstance(item, (DictConfig, ListConfig)) else encode(item)


class Draw:
    """Configs of a few keys each, with interpolations among them."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def one(self, *items):
        return self.random.choice(items)

    def scalar(self):
        return self.one(1, 2, -3, 0, True, False, None, "text", "a b", 1.5, "")

    def controls(self, node, rate=0.2):
        if self.random.random() < rate:
            node["_convert_"] = self.one("none", "partial", "all", "object")
        if self.random.random() < rate / 2:
            node["_recursive_"] = self.one(True, False)
        return node

    def value(self, depth):
        kind = self.random.random()
        if depth <= 0 or kind < 0.4:
            return self.scalar()
        if kind < 0.55:
            return [self.value(depth - 1) for _ in range(self.random.randrange(3))]
        if kind < 0.7:
            return self.controls({key: self.value(depth - 1) for key in self.keys()}, 0.1)
        if kind < 0.8:
            return self.one("${.a}", "${a}", "${..b}", "x${a}", "${b}")
        return self.target(depth - 1)

    def keys(self):
        return self.random.sample(["a", "b", "c", "d"], self.random.randrange(1, 4))

    def target(self, depth):
        name = self.one("make", "make", "make", "pair", "number", "fail" if self.random.random() < 0.1 else "make")
        node = {"_target_": f"vec.{name}"}
        names = {"pair": ["left", "right"], "number": ["value"]}.get(name) or self.keys()
        for key in names:
            if self.random.random() < 0.8:
                node[key] = self.value(depth)
        if name == "make" and self.random.random() < 0.2:
            node["_args_"] = [self.value(depth - 1) for _ in range(self.random.randrange(3))]
        if self.random.random() < 0.15:
            node["_partial_"] = self.one(True, True, False)
        return self.controls(node)

    def case(self):
        root = self.target(3)
        if self.random.random() < 0.2:
            root = {"a": self.value(1), "n": root, "b": self.scalar()}
        given = {"yaml": OmegaConf.to_yaml(OmegaConf.create(root))}
        if "n" in root and self.random.random() < 0.7:
            given["at"] = ["n"]
        node = root["n"] if "at" in given else root
        kwargs = {}
        for key in [key for key in node if not key.startswith("_")] + ["z"]:
            if self.random.random() < 0.35:
                kwargs[key] = self.override(node.get(key))
        if self.random.random() < 0.2:
            kwargs["_convert_"] = self.one("none", "partial", "all")
        if self.random.random() < 0.1:
            kwargs["_recursive_"] = self.one(True, False)
        if self.random.random() < 0.1 and "_target_" in node:
            kwargs["_partial_"] = True
        if kwargs:
            given["kwargs"] = kwargs
        if self.random.random() < 0.15 and "make" in node.get("_target_", ""):
            given["args"] = [self.scalar() for _ in range(self.random.randrange(1, 3))]
        return given

    def override(self, present):
        if isinstance(present, dict) and self.random.random() < 0.8:
            return {key: self.scalar() for key in self.keys()}
        return self.one(self.scalar(), [1, 2], {"k": self.scalar()}, self.target(1))


def answer(given):
    CALLS.clear()
    node = OmegaConf.create(given["yaml"])
    for key in given.get("at", []):
        node = node[key]
    try:
        value = instantiate(node, *given.get("args", []), **given.get("kwargs", {}))
        return {"ok": {"value": encode(value), "calls": list(CALLS)}}
    except Exception as error:  # every class of them is an answer
        return {"error": {"class": type(error).__name__, "message": str(error), "calls": list(CALLS)}}


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    draw = Draw(seed)
    done = 0
    while done < count:
        given = draw.case()
        case = {"id": f"instantiate/{done}", "category": "instantiate", "source": "generated", "input": given}
        print(json.dumps({**case, "expect": answer(given)}))
        done += 1


main()
