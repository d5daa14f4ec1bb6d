"""Baselines that are no deep networks: what a simpler way reaches on the same photos, splits and figures."""
