"""What a million photos cost, from a measured rate: on one machine, and on several that share only the listing."""

from collections.abc import Sequence
from dataclasses import dataclass

MILLION = 1_000_000
HOUR = 3600


@dataclass(frozen=True)
class Cost:
    """What a million photos take on some machines.

    Attributes:
        machines: how many.
        photos_a_second: all of them together.
        hours: until they are done.
        core_hours: that the cores are held.
        price: of the core hours; None without a price.
    """

    machines: int
    photos_a_second: float
    hours: float
    core_hours: float
    price: float | None = None


def core_hours(photos_a_core_second: float) -> float:
    """Return the core hours that a million photos take at a rate of one core."""
    return MILLION / photos_a_core_second / HOUR


def costs(
    photos_a_core_second: float,
    cores: int,
    machines: Sequence[int],
    driver_seconds: float = 0.0,
    price: float | None = None,
) -> list[Cost]:
    """Return what a million photos take, computed from what one core does.

    Chunks share nothing, so machines add up until the one process that hands them out and writes the parts has no
    second left: that is the only limit, and it is taken into account.

    Args:
        photos_a_core_second: measured, with all cores of a machine at work.
        cores: of a machine.
        machines: numbers of them.
        driver_seconds: that handing out and writing cost a photo, measured; 0 for none.
        price: of a core hour, in any currency.
    """
    most = 1 / driver_seconds if driver_seconds else float("inf")
    found = []
    for count in machines:
        rate = min(photos_a_core_second * cores * count, most)
        hours = MILLION / rate / HOUR
        held = hours * cores * count
        found.append(Cost(count, rate, hours, held, None if price is None else held * price))
    return found
