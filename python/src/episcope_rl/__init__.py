"""Records what a reinforcement-learning agent does on ARC grids.

>>> with episcope_rl.record("visualization=debug_standard") as rec:
...     rec.rollout(outputs, start=first_state, tasks=task_ids)
"""
from .accounting import Accounting
from .errors import EpiscopeError
from .opening import record
from .reading import Episode, Run, Steps, read
from .recorder import Flushed, Recorder
from .training import model_topology
from .version import __version__

__all__ = ["Accounting", "Episode", "EpiscopeError", "Flushed", "Recorder", "Run", "Steps", "__version__", "model_topology", "read", "record"]
