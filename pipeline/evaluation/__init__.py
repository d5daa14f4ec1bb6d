"""How good a release is on photos it never saw, with intervals."""
