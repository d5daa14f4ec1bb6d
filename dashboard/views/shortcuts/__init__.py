"""Shortcuts: what a model could learn that is no edit."""
