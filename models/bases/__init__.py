"""Bases: pre-trained networks stored once, which several weights adapt; see `models.base`. `make_clip` writes one."""
