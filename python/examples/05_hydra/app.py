"""An application that uses Hydra: the recorder's groups stand in its own config, and the node is handed over.

    python app.py learning_rate=0.3 episcope/visualization=debug_verbose episcope.storage.run_name=first
"""
import hydra
import numpy as np
from omegaconf import DictConfig, OmegaConf

import episcope_rl

TARGET = np.array([[1, 2, 3], [3, 2, 1]])


@hydra.main(config_path="conf", config_name="app", version_base=None)
def main(cfg: DictConfig) -> None:
    """Learns which colour belongs to each cell, by trial."""
    random = np.random.default_rng(cfg.seed)
    values = np.zeros((*TARGET.shape, 10))
    rows, columns = TARGET.shape
    with episcope_rl.record(config=cfg.episcope, meta={"application": OmegaConf.to_container(cfg.agent)}) as rec:
        for episode in range(cfg.episodes):
            board, boards, steps = np.zeros(TARGET.shape, int), [], []
            for cell in range(TARGET.size):
                place = cell // columns, cell % columns
                explores = random.random() < cfg.agent.exploration
                colour = int(random.integers(10) if explores else values[place].argmax())
                board[place] = colour
                reward = float(TARGET[place] == colour)
                values[place][colour] += cfg.agent.learning_rate * (reward - values[place][colour])
                boards.append(board.copy())
                steps.append((colour, place, reward))
            operation, point, reward = (np.array(column) for column in zip(*steps))
            rec.rollout(
                {"grid": np.array(boards), "operation": operation, "point": point, "reward": reward, "terminated": np.arange(TARGET.size) == TARGET.size - 1},
                start={"grid": np.zeros(TARGET.shape, int), "target": TARGET},
                tasks="colours",
            )
            rec.metrics(episode, {"return": reward.sum()})
    print(rec.run)


if __name__ == "__main__":
    main()
