"""Errors: the photos on which a release fails."""
