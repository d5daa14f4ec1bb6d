"""Heatmaps: how well maps point."""
