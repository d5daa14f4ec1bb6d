"""Reach: which photos to look at first, by what was found in them and by how many people see them."""
