"""Draws finished objects. Nothing here decides, computes a score or keeps state."""
