"""What a role does not allow is not offered; the core refuses it anyway."""

from pipeline.casebook.people import NEEDED, RANK


def why_not(role: str, act: str) -> str:
    """Say why a role does not allow an act, as a sentence; "" where it does.

    Args:
        role: a key of `pipeline.casebook.people.ROLES`, or "" for none.
        act: a key of `NEEDED`.
    """
    if role and RANK[role] >= RANK[NEEDED[act]]:
        return ""
    return f"Your role here is {role or 'none'}; this takes the role {NEEDED[act]}."
