"""`python -m episcope_rl WORDS…`, and in the wheel that carries the program `episcope WORDS…`: the program itself."""
from __future__ import annotations

import os
import sys

from .errors import EpiscopeError
from .program import bundled_program, find_program


def main() -> None:
    try:
        # The program of the distribution first: EPISCOPE_PROGRAM and the PATH may lead back to this command.
        words = bundled_program() or find_program()
    except EpiscopeError as error:
        sys.exit(str(error))
    os.execvp(words[0], [*words, *sys.argv[1:]])


if __name__ == "__main__":
    main()
