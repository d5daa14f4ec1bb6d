"""The rate follows the share of a run that is done, by steps or by seconds; a short run's average forgets its start."""

import pytest
import torch

from pipeline.training import schedule as module
from pipeline.training.config import TrainConfig
from pipeline.training.schedule import WARM, Cosine, averaging


@pytest.fixture
def clock(monkeypatch):
    """Seconds that stand still until they are moved."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def adam() -> torch.optim.Optimizer:
    slow, fast = torch.nn.Parameter(torch.zeros(1)), torch.nn.Parameter(torch.zeros(1))
    return torch.optim.AdamW([{"params": [slow], "share": 0.4}, {"params": [fast]}], lr=1)


def test_the_rate_rises_and_falls_with_the_steps(clock):
    optimizer = adam()
    cosine, rates = Cosine(optimizer, 0.1, 100, None), []
    for _ in range(100):
        cosine.step()
        rates.append(optimizer.param_groups[1]["lr"])
        assert optimizer.param_groups[0]["lr"] == pytest.approx(0.4 * rates[-1])
    highest = rates.index(max(rates))
    assert highest in (round(100 * WARM) - 2, round(100 * WARM) - 1) and max(rates) == pytest.approx(0.1, rel=0.02)
    assert rates[:highest] == sorted(rates[:highest]) and rates[highest:] == sorted(rates[highest:], reverse=True)
    assert rates[-1] < 0.001 and cosine.share == 1


def test_a_budget_counts_the_seconds_of_steps_alone(clock):
    cosine = Cosine(adam(), 0.1, 1000, 60)
    for _ in range(3):
        clock[0] += 10
        cosine.step()
    assert cosine.share == pytest.approx(0.5)
    clock[0] += 500  # a look at the validation photos
    cosine.start()
    clock[0] += 10
    cosine.step()
    assert cosine.share == pytest.approx(40 / 60)
    again = Cosine(adam(), 0.1, 1000, 60)
    again.load_state_dict(cosine.state_dict())
    assert again.share == cosine.share
    clock[0] += 30
    again.step()
    assert again.share == 1


def test_the_first_process_says_what_is_spent(clock):
    said, optimizers = [], [adam(), adam()]
    first = Cosine(optimizers[0], 0.1, 1000, 60, lambda spent: said.append(spent) or spent)
    second = Cosine(optimizers[1], 0.1, 1000, 60, lambda _: said[-1])
    for _ in range(3):
        clock[0] += 10
        first.step()
        clock[0] += 7  # the second takes longer, and would end before the first
        second.step()
        assert second.state_dict() == first.state_dict() and second.share == first.share
        assert optimizers[0].param_groups[0]["lr"] == optimizers[1].param_groups[0]["lr"]
    without = Cosine(adam(), 0.1, 1000, None, lambda _: pytest.fail("nobody asks where there is no budget"))
    without.step()


def test_the_average_of_a_short_run_is_not_that_of_its_random_start():
    def config(schedule: str) -> TrainConfig:
        told = {"stage": "edited", "architecture": "x", "epochs": 1, "learning_rate": 1, "pools": {}}
        return TrainConfig.model_validate(told | {"schedule": schedule, "average_decay": 0.99})

    left = {}
    for name in ("one cycle", "cosine"):
        average, take_in = [torch.ones(3)], averaging(config(name))
        for count in range(1, 30):
            take_in(average, [torch.zeros(3)], torch.tensor(count))
        left[name] = float(average[0][0])
    assert left["cosine"] < 1e-6 < 0.7 < left["one cycle"]
    average = [torch.ones(3)]
    averaging(config("cosine"))(average, [torch.zeros(3)], torch.tensor(10_000))
    assert float(average[0][0]) == pytest.approx(0.99)
