"""Opens a recorder: beside this process, at a socket, or as a file."""
from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .destination import FileDestination, SocketDestination
from .errors import argument_invalid, socket_refused
from .plain import plain_data
from .program import find_program
from .recorder import OnDeath, Overflow, Recorder


def record(
    *overrides: str,
    config: Any = None,
    spool: str | os.PathLike[str] | None = None,
    socket: str | os.PathLike[str] | None = None,
    program: str | Sequence[str] | None = None,
    meta: Mapping[str, Any] | None = None,
    buffer_bytes: int = 512 << 20,
    spill_bytes: int = 4 << 30,
    overflow: Overflow = "drop",
    on_death: OnDeath = "spool",
    spool_directory: str | os.PathLike[str] = ".",
    enabled: bool = True,
) -> Recorder:
    """Opens a recorder.

    By default the program `episcope record` runs beside this process, with these Hydra overrides: record("visualization=debug_verbose", "logging=wandb_full").
    `config`: groups of the recorder's config as an application that uses Hydra has composed them, `cfg.episcope`, or as a plain mapping; they are taken whole, and
    groups that are not in it have their defaults. The overrides are applied to it.
    `spool`: into this new file instead, which `episcope record input=FILE` takes later. `socket`: to a recorder that waits at this Unix socket.
    `program`: the words that start `episcope`; default: EPISCOPE_PROGRAM, the one in this distribution, the one on the PATH.
    `meta`: plain data about the run, kept with its start; `model_topology` in it becomes the model's graph in W&B.
    `buffer_bytes`: memory for what the recorder has not made safe. `spill_bytes`: room on the disk for what has none in memory, in files without a name in
    `spool_directory`. `overflow`: what happens beyond both: "drop" drops rollouts and counts them, "wait" lets the training wait.
    `on_death`: what happens when the recorder dies: "spool" writes what it had not made safe, and all that follows, to a spool file in `spool_directory`; "restart" starts another one, with a
    run of its own, at most three times; "drop" drops it.
    `enabled`: False gives a recorder that does nothing: functions that JAX traces are the same as without it.

    Raises PROGRAM_MISSING, PROGRAM_ENDED, SPOOL_EXISTS, SOCKET_REFUSED or ARGUMENT_INVALID.
    """
    if spool is not None and socket is not None:
        raise argument_invalid("socket", "there is a spool file too; take one of them")
    if (overrides or config is not None) and (spool is not None or socket is not None):
        name = "overrides" if overrides else "config"
        raise argument_invalid(name, "a spool file and a socket take none: it belongs to the recorder, 'episcope record …'")
    meta = None if meta is None else plain_data("meta", meta)
    recorder = Recorder(buffer_bytes=buffer_bytes, overflow=overflow, on_death=on_death, spool_directory=Path(spool_directory), spill_bytes=spill_bytes)
    if not enabled:
        recorder._is_off = True
    elif spool is not None:
        recorder.spool = Path(spool)
        recorder._open(FileDestination(recorder.spool), meta)
    elif socket is not None:
        sender = recorder._sender
        destination = SocketDestination(os.fspath(socket), lambda answer: sender.heard(destination, answer))
        try:
            recorder._open(destination, meta)
        except OSError as error:
            raise socket_refused(os.fspath(socket), "the recorder there ended") from error
    else:
        recorder._open_program(find_program(program), overrides, config, meta)
    return recorder
