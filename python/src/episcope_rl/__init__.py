"""Records what a reinforcement-learning agent does on ARC grids.

>>> with episcope_rl.record("visualization=debug_standard") as rec:
...     rec.rollout(outputs, start=first_state, tasks=task_ids)
"""
from .accounting import Accounting
from .errors import EpiscopeError
from .recorder import Flushed, Recorder, record
from .version import __version__

__all__ = ["Accounting", "EpiscopeError", "Flushed", "Recorder", "__version__", "record"]
