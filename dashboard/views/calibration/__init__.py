"""Calibration: how true the probabilities are."""
