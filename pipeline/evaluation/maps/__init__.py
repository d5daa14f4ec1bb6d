"""Heatmaps measured against where photos were edited."""
