"""The summary of a call or a run: its account, by what release, when, and whether it came to its end."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.files import write_json
from pipeline.intake import Account
from pipeline.storage.clock import now
from pipeline.storage.whole import whole_file


@dataclass
class Summary:
    """What is kept of a call beside its results.

    Attributes:
        release: what judged.
        arguments: what was asked, as far as it changes what comes out.
        started: when, UTC, ISO 8601.
        complete: whether everything handed over was gone through.
    """

    release: str
    arguments: dict[str, Any]
    started: str = field(default_factory=now)
    complete: bool = False

    def record(self, account: Account) -> dict[str, Any]:
        """Return the summary as it is kept."""
        return account.as_dict() | {
            "release": self.release,
            "complete": self.complete,
            "started": self.started,
            "ended": now(),
            "arguments": self.arguments,
        }

    def write(self, path: Path, account: Account) -> None:
        """Write the summary to a file, whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        with whole_file(path) as part:
            write_json(part, self.record(account))
