"""Workers as actors of a Ray cluster: the same chunks, the same rows, and the parts written by this one process.

Ray is not among the default requirements; only this file imports it, when it is asked for. The cluster is that of
RAY_ADDRESS, or one that is started here. Every machine of it needs this version of Telltale, and reaches the source by
the same path or address. Chunks are handed out by `dispatch`, and not by Ray Data: that starts a lost block again
without end, where a photo that ends three workers must become an error of its own.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from pipeline.bulk.crew import Worker, Workers
from pipeline.bulk.dispatch import Done, Start, Task
from pipeline.errors import EngineMissing, TriageError

PATIENCE = 1.0
"""Seconds between two looks at what is done, so that an interrupt is noticed."""


def require_ray() -> None:
    """See that Ray is there.

    Raises:
        EngineMissing: it is not installed.
    """
    if find_spec("ray") is None:
        raise EngineMissing("Ray is not installed: pip install -r requirements-ray.txt")


class Held:
    """What an actor holds: what scores, loaded once."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._scorer: Any = None

    def ready(self) -> TriageError | None:
        """Load; return why that cannot be, or None."""
        try:
            self._scorer = self._start()
        except TriageError as problem:
            return problem.bare()
        return None

    def score(self, inputs: list[Any]) -> Any:
        """Return the rows of inputs."""
        return self._scorer.score(inputs)


@dataclass(kw_only=True)
class _Actor(Worker):
    handle: Any
    pending: Any
    """What it works on, as Ray knows it; None where it waits."""


class Actors(Workers[_Actor]):
    """Actors of a cluster, one core each; one that dies is replaced."""

    stillborn = (
        "actors in a row ended before they were ready: see that every machine of the cluster has this version of "
        "Telltale and its requirements. What is written is valid: go on with --resume."
    )

    def __init__(self, count: int, start: Start) -> None:
        """Connect to the cluster, or start one here, and start the actors.

        Args:
            count: how many.
            start: loads what scores, in each.

        Raises:
            EngineMissing: Ray is not installed, or the cluster cannot be reached.
        """
        require_ray()
        import ray

        self._ray, self._start = ray, start
        self._own = not ray.is_initialized()
        try:
            if self._own:
                ray.init(log_to_driver=True, include_dashboard=False, logging_level="warning")
        except (ConnectionError, OSError, RuntimeError, ValueError) as problem:
            raise EngineMissing(f"The Ray cluster cannot be reached: {problem}.") from problem
        self._kind = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(Held)
        super().__init__(count)

    def _new(self) -> _Actor:
        handle = self._kind.remote(self._start)
        return _Actor(handle=handle, pending=handle.ready.remote())

    def hand(self, task: Task) -> None:
        """Give a task to a free actor."""
        actor = self._take(task)
        actor.pending = actor.handle.score.remote(list(task.inputs))

    def wait(self) -> list[Done]:
        """Wait until some actor has an answer or is lost.

        Raises:
            TriageError: what an actor could not load.
            Interrupted: actors die before they are ready.
        """
        pending = {actor.pending: actor for actor in self._workers if actor.pending is not None}
        done = list[Done]()
        came, _ = self._ray.wait(list(pending), num_returns=1, timeout=PATIENCE)
        for reference in came:
            actor = pending[reference]
            try:
                said = self._ray.get(reference)
            except (self._ray.exceptions.RayError, self._ray.exceptions.RayTaskError):
                done += self._bury(actor)
                continue
            if isinstance(said, TriageError):
                raise said
            if actor.task:
                done.append((actor.task, said))
            actor.ready, actor.task, actor.pending, self._stillborn = True, None, None, 0
        return done

    def _bury(self, actor: _Actor) -> list[Done]:
        """Put a new actor in the place of one that is lost; return its task, if it had one."""
        self._ray.kill(actor.handle)
        return self._replace(actor)

    def close(self) -> None:
        """End all actors; a cluster that was started here ends too."""
        for actor in self._workers:
            self._ray.kill(actor.handle)
        if self._own:
            self._ray.shutdown()
