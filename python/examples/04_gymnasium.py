"""A loop of Gymnasium: an environment of one's own, vectorised, records itself.

    python 04_gymnasium.py [OVERRIDES…]
"""
import sys

import gymnasium
import numpy as np

import episcope_rl
from episcope_rl.gymnasium import GridView, RecordVectorEpisodes

STEPS, LONGEST = 30, 15


class Copying(gymnasium.Env):
    """A board has to become like a pattern; an action is (colour, row, column)."""

    observation_space = gymnasium.spaces.Dict(
        {"board": gymnasium.spaces.Box(0, 3, (3, 4), np.int64), "pattern": gymnasium.spaces.Box(0, 3, (3, 4), np.int64)}
    )
    action_space = gymnasium.spaces.MultiDiscrete([4, 3, 4])

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.board, self.steps = np.zeros((3, 4), int), 0
        self.pattern = self.np_random.integers(0, 4, (3, 4))
        return self._seen(), {}

    def step(self, action):
        colour, row, column = action
        before = (self.board == self.pattern).sum()
        self.board[row, column] = colour
        self.steps += 1
        right = (self.board == self.pattern).sum()
        return self._seen(), float(right - before), bool(right == 12), self.steps == LONGEST, {}

    def _seen(self):
        return {"board": self.board.copy(), "pattern": self.pattern.copy()}


class Copyist:
    """Paints a cell that is wrong; one time of four anything at all."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)

    def act(self, observation, number):
        board, pattern = observation["board"][number], observation["pattern"][number]
        wrong = np.argwhere(board != pattern)
        if len(wrong) == 0 or self.random.random() < 0.25:
            return self.random.integers(0, (4, 3, 4))
        row, column = wrong[0]
        return np.array([pattern[row, column], row, column])


view = GridView(grid=lambda seen, info: seen["board"], target=lambda seen, info: seen["pattern"], task="copying")
with episcope_rl.record(*(sys.argv[1:] or ["visualization=debug_minimal", "logging=wandb_basic"])) as rec:
    envs = RecordVectorEpisodes(gymnasium.vector.SyncVectorEnv([Copying] * 3), rec, view)
    agent = Copyist()
    observation, _ = envs.reset(seed=0)
    for _ in range(STEPS):
        observation, *_ = envs.step(np.array([agent.act(observation, number) for number in range(3)]))
    envs.close()
print(rec.run)
