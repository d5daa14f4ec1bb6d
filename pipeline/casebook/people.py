"""Who may do what with a case.

On one's own machine one person does everything. In a team each has a role, and another in every case that is shared
with them; the one who made a case has all rights in it.
"""

import getpass
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.errors import NotAllowed
from pipeline.settings import settings

ROLES = {
    "viewer": "looks at the case and takes reports away",
    "reviewer": "also gives opinions",
    "analyst": "also adds photos, tags and examines them",
    "admin": "also shares, deletes and renames",
}
"""Role → what it may, the least first."""
RANK = {role: rank for rank, role in enumerate(ROLES)}

NEEDED = {
    "created": "analyst",
    "described": "admin",
    "archived": "admin",
    "shared": "admin",
    "added": "analyst",
    "examined": "analyst",
    "refused": "analyst",
    "opened": "viewer",
    "opinion": "reviewer",
    "tagged": "analyst",
    "matched": "analyst",
    "deleted": "admin",
    "exported": "viewer",
    "imported": "analyst",
    "verified": "viewer",
    "timestamped": "analyst",
}
"""Act → the least role that may do it."""


@dataclass(frozen=True)
class Person:
    """Somebody who works with cases.

    Attributes:
        name: as the log has it: an e-mail address in a team, a user's name on one's own machine.
        role: what the person may in general, one of `ROLES`.
    """

    name: str
    role: str = "admin"

    def role_in(self, owner: str, members: Mapping[str, str]) -> str:
        """Return the person's role in a case; "" where the case is not to be seen.

        Args:
            owner: who made the case.
            members: person → role, of those with whom it is shared.
        """
        if self.role == "admin" or self.name == owner:
            return "admin"
        return members.get(self.name, "")

    def need(self, act: str, role: str, case: str) -> None:
        """Refuse an act that a role does not allow.

        Args:
            act: a key of `NEEDED`.
            role: the person's in the case.
            case: its name, for the message.

        Raises:
            NotAllowed: it takes more.
        """
        needed = NEEDED[act]
        if not role or RANK[role] < RANK[needed]:
            have = f"has the role {role}" if role else "has no role"
            raise NotAllowed(f"{self.name} {have} in the case {case!r}; this takes the role {needed}.")


def local_person() -> Person:
    """Return the one who works on this machine: as TELLTALE_ANALYST names them, or the system."""
    if settings().analyst:
        return Person(settings().analyst)
    try:
        return Person(getpass.getuser())
    except (KeyError, OSError):  # a container's user without a name
        return Person("local")
