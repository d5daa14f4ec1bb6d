"""Signals beside the networks, one a file, found by scanning: each shows something, none changes a verdict."""
