"""Prints the records of a journal, each as a line of JSON, with the reader in python/."""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python" / "src"))

from episcope_rl.journal_format_1 import read_journal  # noqa: E402

for record in read_journal(sys.argv[1]):
    print(json.dumps(record, default=list))
