"""The one error class of the client. Messages are for people and may change; programs read the code."""
from __future__ import annotations


class EpiscopeError(Exception):
    """What the caller can mend. `code` is stable; docs/python.md lists all codes."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(f"{message} [{code}]" if hint is None else f"{message} [{code}]\n  {hint}")
        self.code = code
        self.message = message
        self.hint = hint


def field_missing(field: str, accepted: tuple[str, ...], present: list[str]) -> EpiscopeError:
    return EpiscopeError(
        "FIELD_MISSING",
        f"the rollout has no '{field}'; it has {_listed(present)}",
        f"Name it {_listed(list(accepted))}, or say where it stands: names={{'{field}': 'path.to.leaf'}}.",
    )


def field_odd(field: str, path: str, problem: str) -> EpiscopeError:
    where = field if field == path else f"{field} (the leaf '{path}')"
    return EpiscopeError("FIELD_ODD", f"{where}: {problem}")


def name_unknown(field: str, known: list[str]) -> EpiscopeError:
    return EpiscopeError("NAME_UNKNOWN", f"names= has '{field}', which is no field; there are {_listed(known)}")


def leaf_missing(field: str, path: str, present: list[str]) -> EpiscopeError:
    return EpiscopeError("LEAF_MISSING", f"names= says that '{field}' is '{path}', but the rollout has {_listed(present)}")


def start_unknown() -> EpiscopeError:
    return EpiscopeError(
        "START_UNKNOWN",
        "the first rollout does not say which grids its episodes begin with",
        "Give the state before the first row, start=state (shapes [N, ...]), or stack the state before each action as 'before'.",
    )


def inside_transformation() -> EpiscopeError:
    return EpiscopeError(
        "INSIDE_TRANSFORMATION",
        "rollout was called while JAX traces a function: there are no values yet",
        "Hand the outputs of the compiled function over after it has returned, or call rec.step inside it.",
    )


def program_missing(looked: list[str]) -> EpiscopeError:
    return EpiscopeError(
        "PROGRAM_MISSING",
        f"the program 'episcope' was not found; looked at {', '.join(looked)}",
        "Install the wheel that carries it, name it (program=['node', '…/episcope.js'] or EPISCOPE_PROGRAM), or record into a file with spool='run.msgpack'.",
    )


def program_ended(status: int | None, last_lines: list[str]) -> EpiscopeError:
    return EpiscopeError("PROGRAM_ENDED", f"the recorder ended with status {status} before it took anything", "\n  ".join(last_lines) or None)


def spool_exists(path: str) -> EpiscopeError:
    return EpiscopeError("SPOOL_EXISTS", f"{path} exists already", "A spool file holds one recording; name another one.")


def socket_refused(path: str, reason: str) -> EpiscopeError:
    return EpiscopeError(
        "SOCKET_REFUSED",
        f"nothing takes a connection at {path}: {reason}",
        f"Start the recorder first: episcope record input=unix:{path}",
    )


def run_missing(path: str) -> EpiscopeError:
    return EpiscopeError("RUN_MISSING", f"{path} is no directory of a run", "Name a directory that 'episcope record' printed, or rec.run.")


def journal_damaged(path: str, at: int, problem: str) -> EpiscopeError:
    return EpiscopeError(
        "JOURNAL_DAMAGED", f"{path}, byte {at}: {problem}", "'episcope verify RUN' says what is lost, 'episcope recover RUN' makes the journal of what is left."
    )


def journal_newer(path: str, writer: str) -> EpiscopeError:
    return EpiscopeError("JOURNAL_NEWER", f"{path} was written by {writer}", "Install the episcope-rl that came with that version.")


def other_process() -> EpiscopeError:
    return EpiscopeError(
        "OTHER_PROCESS",
        "a recorder belongs to the process that opened it and cannot be sent to another one",
        "Record where the outputs of all processes come together: RecordVectorEpisodes around AsyncVectorEnv for instance; or let each process open its own.",
    )


def argument_invalid(name: str, problem: str) -> EpiscopeError:
    return EpiscopeError("ARGUMENT_INVALID", f"{name}: {problem}")


def _listed(words: list[str]) -> str:
    return ", ".join(words) if words else "nothing"
