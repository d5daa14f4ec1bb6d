"""Reach: what to look at first."""
