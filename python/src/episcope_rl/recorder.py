"""The recorder: what a training loop holds."""
from __future__ import annotations

import atexit
import logging
import os
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .accounting import Accounting, Ledger
from .budget import Budget
from .callbacks import emit, flat_row, is_inside, row_fields
from .config import HandedConfig
from .destination import Answer, Destination, FileDestination, ProgramDestination
from .errors import EpiscopeError, argument_invalid, other_process, program_ended, start_unknown
from .fields import state_fields
from .items import End, Flush, Gap, Item, RecordItem, RecordJob
from .packer import Job, Packer
from .pick import Pick, Picker, PickJob, can_decide, check_picks
from .program import Program
from .rollout import Rollout, Tasks, read_rollout, start_states, take_leaves
from .rows import RowCollector
from .sender import Sender
from .spill import Spill
from .training import Histogram, MakeRecord, batch_record, metrics_record
from .tree import is_traced

if TYPE_CHECKING:
    from jaxtyping import ArrayLike, Bool, Float, Int, PyTree, Shaped

log = logging.getLogger("episcope_rl")

Overflow = Literal["drop", "wait"]
OnDeath = Literal["spool", "restart", "drop"]
# Times that a recorder that dies is started again; a spool file takes what comes then.
_RESTARTS = 3
# Beyond the buffer, so that the run's few own records have room where its steps have none.
_FOR_RECORDS = 4 << 20
# How often the end says that it still waits.
_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Flushed:
    """`safe`: everything that was handed over before is in the recorder's log, or in the spool file on the disk."""

    safe: bool
    accounting: Accounting


class Recorder:
    """Takes rollouts and records; made by `record`. Its methods never wait for the recorder, but for `flush` and `close`."""

    def __init__(self, *, buffer_bytes: int, overflow: Overflow, on_death: OnDeath, spool_directory: Path, spill_bytes: int) -> None:
        self._ledger = Ledger()
        # One half for what is handed over, one for what is packed.
        self._budget = Budget(buffer_bytes // 2)
        memory = Budget(buffer_bytes // 2)
        self._overflow = overflow
        self._on_death = on_death
        self._spool_directory = spool_directory
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._queue: SimpleQueue[Item] = SimpleQueue()
        self._picker = Picker()
        self._packer = Packer(self._jobs, self._queue, self._ledger, self._budget, memory, Spill(spool_directory, spill_bytes), self._picker, self._not_readable)
        self._sender = Sender(self._queue, self._ledger, memory, self._following, self._refused, self._not_readable)
        self._rows = RowCollector(lambda rollout: self._submit(rollout, rollout.steps, rollout.nbytes))
        self._said: set[str] = set()
        # Rollouts that came with `every`.
        self._counted = 0
        self._has_started = False
        # Nothing more is taken; and the recorder is done.
        self._is_closed = False
        self._input_ended = False
        self._has_ended = False
        self._in_fork = False
        self._is_open = False
        self._is_off = False
        self._programs: list[Program] = []
        self._command: tuple[Sequence[str], Sequence[str]] = ((), ())
        self._config: HandedConfig | None = None
        #: The spool file that the recording goes to, if it does.
        self.spool: Path | None = None
        _LIVING.add(self)

    # -- what a training loop calls

    def rollout(
        self,
        steps: PyTree[Shaped[ArrayLike, "T N ..."]],
        *,
        start: PyTree[Shaped[ArrayLike, "N ..."]] | None = None,
        tasks: Tasks | None = None,
        names: Mapping[str, str] | None = None,
        envs: Sequence[int] | None = None,
        every: int = 1,
        pick: Pick | Sequence[Pick] | None = None,
        operation_names: Mapping[int, str] | None = None,
    ) -> None:
        """Hands over T steps of N environments.

        `steps`: any tree of arrays `[T, N, …]` (or `[T, …]`, of one environment): dicts, NamedTuples, dataclasses, equinox modules, of numpy or JAX
        arrays. Leaves are found by name (docs/python.md has the table); at least the grid after each action, `operation` and `reward`. JAX's arrays are kept until
        they are sent, numpy's are copied.
        `start`: the state before the first row, `[N, …]`: needed at the first rollout, unless `before` is stacked, and whenever the environments were reset
        outside the rollout.
        `tasks`: ids that the `task` leaves count in, or the one id of all.
        `names`: where fields stand, if under other names: {"after.grid": "obs.board"}.
        `envs`: the columns to record; always the same ones, for episodes go on from rollout to rollout. Default: all.
        `every`: one of so many rollouts is recorded, the first among them; the others cost nothing. Each needs `start`, or `before`.
        `pick`: of the episodes that begin and end in the rollout, the one with the "best" or "worst" sum of rewards, or each that is the "first_solved" of its task.

        Raises FIELD_MISSING, FIELD_ODD and the like for the first rollout; later ones that cannot be read are counted and said once.
        """
        if self._passes():
            return
        if every < 1:
            raise argument_invalid("every", f"{every} is no number of rollouts")
        if every > 1:
            self._counted += 1
            if (self._counted - 1) % every:
                return
        try:
            rollout = read_rollout(
                steps, start, tasks=tasks, names=names, envs=envs, time=time.time(), operation_names=operation_names, begins=every > 1, as_given=pick is not None
            )
            picks = check_picks(pick, rollout)
            if (not self._has_started or every > 1) and rollout.start is None and "before.grid" not in rollout.fields:
                raise start_unknown()
        except EpiscopeError as error:
            if not self._has_started:
                raise
            self._say(f"a rollout cannot be read and is not recorded: {error}")
            return
        if not self._has_started and rollout.fields.unused:
            log.info("not recorded of the rollout: %s", ", ".join(rollout.fields.unused))
        self._has_started = True
        if not picks:
            self._submit(rollout, rollout.steps, rollout.nbytes)
        elif can_decide(rollout):
            for part in self._picker.pick(rollout, picks):
                self._submit(part, part.steps, part.nbytes)
        else:
            take_leaves(rollout.fields, None, 1)
            if rollout.start is not None:
                take_leaves(rollout.start, None, 0)
            self._submit(PickJob(rollout, picks), 0, rollout.nbytes)

    def start(self, state: PyTree[Shaped[ArrayLike, "*N ..."]], *, tasks: Tasks | None = None, names: Mapping[str, str] | None = None, envs: Sequence[int] | None = None) -> None:
        """Says with which state the episodes begin whose steps `step` records: N environments, `[N, …]`, or one. Needed before the first step unless
        every step has `before`, and whenever the environments were reset. Called outside of compiled functions; waits for those that are running."""
        if self._passes():
            return
        fields = state_fields(state, names)
        single = len(fields.need("grid").shape) == 2
        shape = (1, 1 if single else fields.get("grid").shape[0], *fields.get("grid").shape[-2:])
        states = start_states(state, names, shape, single)
        if not isinstance(tasks, str):
            states.need("task")
        states.leaves = {name: np.array(leaf) for name, leaf in states.leaves.items()}
        _wait_for_callbacks()
        self._has_started = True
        self._rows.start(None if envs is None else tuple(int(env) for env in envs), states, tasks)

    def step(
        self,
        step: PyTree[Shaped[ArrayLike, "..."]],
        *,
        tasks: Tasks | None = None,
        names: Mapping[str, str] | None = None,
        envs: Int[ArrayLike, "N"] | Sequence[int] | None = None,
        when: Bool[ArrayLike, ""] | bool | None = None,
        ordered: bool = False,
    ) -> None:
        """Hands over one step, of one environment or of N, inside or outside of functions that JAX transforms.

        `step`: a tree as `rollout` takes it, without its axis of time. Under `vmap`, the host is called once for all environments.
        `envs`: the numbers of these environments, where the functions of several devices each record some of them (`shard_map`).
        `when`: a bool scalar; the step is recorded where it is true, at no cost where it is false. Under `vmap`, where any of them is.
        `ordered`: JAX keeps the order of calls even where none of them depends on another; costs more, and works on one device only.

        Raises FIELD_MISSING, FIELD_ODD or START_UNKNOWN when it is traced.
        """
        if self._passes():
            return
        fields = row_fields(step, names, tasks)
        if not self._has_started and "before.grid" not in fields:
            raise start_unknown()
        self._has_started = True

        def take(leaves: dict[str, Any], numbers: Any) -> None:
            try:
                if not self._passes():
                    self._rows.add(None if numbers is None else tuple(np.asarray(numbers).ravel().tolist()), flat_row(leaves), tasks)
            except Exception as error:  # noqa: BLE001  whatever it is, the training goes on
                self._not_readable(error)

        if is_inside(fields) or is_traced(when):
            emit(fields, envs, when, ordered, take)
        elif when is None or bool(when):
            take(fields.leaves, envs)

    def metrics(
        self,
        step: int,
        values: Mapping[str, Float[ArrayLike, ""] | Int[ArrayLike, ""] | float],
        *,
        histograms: Mapping[str, Histogram] | None = None,
        gradients: PyTree[Shaped[ArrayLike, "..."]] | None = None,
        parameters: PyTree[Shaped[ArrayLike, "..."]] | None = None,
    ) -> None:
        """Numbers of one update of the training, by name: numbers, or arrays of one.

        `gradients`, `parameters`: trees of arrays; of each array a histogram of 64 bins is kept, `gradients/<path>` and `parameters/<path>`.
        `histograms`: name -> (counts `[n]`, edges `[n + 1]`), for those that are made elsewhere.
        """
        if not self._passes():
            self._submit_made(metrics_record(step, values, histograms, {"gradients": gradients, "parameters": parameters}))

    def batch(self, step: int, arrays: Mapping[str, Shaped[ArrayLike, "N"]]) -> None:
        """Numbers of one update for each environment, `[N]` by name."""
        if not self._passes():
            self._submit_made(batch_record(step, arrays))

    def flush(self, timeout: float | None = None) -> Flushed:
        """Waits until everything that was handed over before is safe, at most `timeout` seconds. Never raises: look at `safe`."""
        if self._passes():
            return Flushed(False, self.accounting)
        _wait_for_callbacks()
        self._rows.flush()
        flush = Flush()
        dropped = self.accounting.dropped
        self._jobs.put(flush)
        flush.done.wait(timeout)
        accounting = self.accounting
        return Flushed(flush.safe and accounting.dropped == dropped, accounting)

    def close(self, outcome: Literal["finished", "interrupted", "crashed"] = "finished") -> None:
        """Sends what is queued and waits until the recorder is done; may be called twice, and again where Ctrl-C has ended the waiting."""
        if self._has_ended or self._in_fork or self._is_off or not self._is_open:
            return
        if not self._is_closed:
            _wait_for_callbacks()
            self._rows.flush()
            self._submit_record({"type": "run-end", "time": time.time(), "outcome": outcome})
            self._is_closed = True
            self._jobs.put(End())
        _join_all([self._packer.thread, self._sender.thread], lambda: f"{self.accounting.queued} steps are not sent yet")
        destination = self._sender.destination
        if destination is not None:
            if not self._input_ended:
                self._input_ended = True
                destination.end()
            while not destination.wait(_PATIENCE_SECONDS):
                log.info("the recorder is still at work on what it has")
            # Whatever was sent before the end is safe when the recorder has ended well.
            self._sender.finish(not self._programs or not destination.answers or self._programs[-1].poll() in (0, 3))
        self._has_ended = True
        self._forget_config()
        accounting = self.accounting
        if accounting.dropped or accounting.refused:
            log.warning("%d steps of %d were dropped, %d records refused by the recorder", accounting.dropped, accounting.accepted, accounting.refused)

    @property
    def accounting(self) -> Accounting:
        """What became of everything that was handed over."""
        return self._ledger.read()

    @property
    def run(self) -> Path | None:
        """The directory of the run, when the recorder that this process started has closed it."""
        return self.runs[-1] if self.runs else None

    @property
    def runs(self) -> list[Path]:
        """The same of all recorders, where one was started again."""
        return [Path(program.output[-1]) for program in self._programs if program.output]

    @property
    def pid(self) -> int | None:
        """Of the recorder that this process started last."""
        return self._programs[-1].pid if self._programs else None

    def __reduce__(self) -> Any:
        raise other_process()

    def __repr__(self) -> str:
        if self._is_off:
            return "<recorder, switched off>"
        accounting = self.accounting
        return f"<recorder of {self.spool or self.run or 'a run that goes on'}: {accounting.accepted} steps, {accounting.acknowledged} safe, {accounting.dropped} dropped>"

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close("finished" if kind is None else "interrupted" if issubclass(kind, KeyboardInterrupt) else "crashed")

    # -- how it is opened

    def _open(self, destination: Destination, meta: Mapping[str, Any] | None) -> None:
        self._sender.start(destination)
        if destination.answers:
            # A recorder that cannot start, because of its config for instance, is an error of this call.
            ready = Flush()
            self._queue.put(ready)
            ready.done.wait()
            if not ready.safe:
                self._is_closed = True
                raise OSError("it gave no answer")
        self._is_open = True
        self._packer.thread.start()
        if meta:
            self._sender.opening = RecordItem({"type": "run-start", "time": time.time(), "meta": meta})
            self._submit(self._sender.opening, 1, self._sender.opening.nbytes)

    def _open_program(self, words: Sequence[str], overrides: Sequence[str], config: Any, meta: Mapping[str, Any] | None) -> None:
        if config is not None:
            self._config = HandedConfig(config)
            overrides = [*self._config.words, *overrides]
        self._command = (words, overrides)
        try:
            self._open(self._start_program(overrides), meta)
        except EpiscopeError:
            self._forget_config()
            raise
        except OSError as error:
            self._forget_config()
            program = self._programs[-1]
            raise program_ended(program.wait(1), list(program.last_lines)) from error

    def _start_program(self, overrides: Sequence[str]) -> Destination:
        program = Program(self._command[0], overrides, _tell)
        self._programs.append(program)
        destination = ProgramDestination(program, lambda answer: self._sender.heard(destination, answer))
        return destination

    # -- what the threads tell

    def _following(self, reason: OSError | None) -> Destination | None:
        """The destination is gone, or takes nothing any more."""
        if not self._is_open:
            return None
        if self.spool is not None:
            self._sender.loss = "the spool file takes nothing"
            log.error("%s takes nothing any more (%s); everything from here on is dropped and counted", self.spool, reason)
            return None
        ended = self._how_it_ended()
        if self._on_death == "drop":
            log.error("%s; everything from here on is dropped and counted", ended)
            return None
        count = len(self._programs)
        if self._on_death == "restart" and 0 < count <= _RESTARTS:
            log.error("%s; another one is started, and gets what it had not made safe", ended)
            try:
                return self._start_program(_renamed(self._command[1], count + 1))
            except EpiscopeError as error:
                log.error("%s", error)
        path = self._spool_directory / f"episcope-{time.strftime('%Y-%m-%d_%H-%M-%S')}-{os.getpid()}.msgpack"
        log.error("%s; what it had not made safe goes to %s: episcope record input=%s", ended, path, path)
        self.spool = path
        try:
            return FileDestination(path)
        except (OSError, EpiscopeError) as error:
            log.error("%s; everything from here on is dropped and counted", error)
            return None

    def _how_it_ended(self) -> str:
        if not self._programs:
            return "the recorder closed the connection"
        program = self._programs[-1]
        told = "".join(f"\n  {line}" for line in program.last_lines)
        return f"the recorder ended with status {program.wait(1)}{told}"

    def _refused(self, answer: Answer) -> None:
        self._ledger.refuse(int(answer.get("records", 1)))
        self._say(f"the recorder refused a part of the stream: {answer.get('message')} [{answer.get('code')}]")

    def _not_readable(self, error: Exception) -> None:
        self._say(f"a rollout cannot be read and is not recorded: {type(error).__name__}: {error}")

    # -- its own

    def _forget_config(self) -> None:
        if self._config is not None:
            self._config.close()

    def _submit(self, job: Job, steps: int, size: int) -> None:
        self._ledger.accept(steps)
        beyond = 0 if isinstance(job, (Rollout, PickJob)) else _FOR_RECORDS
        if self._budget.take(size, wait=self._overflow == "wait", beyond=beyond):
            self._jobs.put(job)
            return
        if isinstance(job, PickJob):
            # What would have been picked is not known: it is counted as the most that it can be.
            steps = job.rollout.rows * len(job.picks)
            self._ledger.accept(steps)
        self._ledger.drop(steps, "buffer full")
        self._jobs.put(Gap(steps))
        self._say("the recorder is slower than the training and the buffer is full: steps are dropped and counted (overflow='wait' waits, buffer_bytes makes it larger)")

    def _submit_record(self, fields: dict[str, Any]) -> None:
        if not self._passes():
            item = RecordItem(fields)
            self._submit(item, item.steps, item.nbytes)

    def _submit_made(self, make: MakeRecord) -> None:
        job = RecordJob(make)
        self._submit(job, 1, job.nbytes)

    def _passes(self) -> bool:
        """Whether what comes now is passed over: switched off, after the end, or in a process that was forked off."""
        if self._is_off:
            return True
        if self._is_closed:
            self._say("the recorder is closed: what comes now is not recorded")
        if self._in_fork:
            self._say("this process was forked off: what it hands over is not recorded")
        return self._is_closed or self._in_fork

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            log.warning("%s", text)

    def _after_fork(self) -> None:
        if self._is_closed or self._in_fork or self._is_off:
            return
        self._in_fork = True
        if self._sender.destination is not None:
            self._sender.destination.leave()


def _tell(line: str) -> None:
    """A line that the program wrote for people, at its own level."""
    log.log(logging.ERROR if "[ERROR]" in line else logging.WARNING if "[WARNING]" in line else logging.INFO, "%s", line)


def _renamed(overrides: Sequence[str], count: int) -> list[str]:
    """A run that has a name needs another one when it is recorded anew."""
    key = "storage.run_name="
    return [f"{text}_{count}" if text.startswith(key) else text for text in overrides]


def _wait_for_callbacks() -> None:
    """Steps that compiled functions have still to hand over."""
    jax = sys.modules.get("jax")
    if jax is None:
        return
    try:
        jax.effects_barrier()
    except Exception as error:  # noqa: BLE001  a callback of the training's own has failed; JAX tells the training too
        log.warning("a callback of a compiled function failed: %s", error)


def _join_all(threads: list[Any], waiting_for: Any) -> None:
    for thread in threads:
        while thread.is_alive():
            thread.join(_PATIENCE_SECONDS)
            if thread.is_alive():
                log.info("%s", waiting_for())


_LIVING: weakref.WeakSet[Recorder] = weakref.WeakSet()


def _close_all() -> None:
    for recorder in list(_LIVING):
        recorder.close()


def _leave_all() -> None:
    for recorder in list(_LIVING):
        recorder._after_fork()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all)
