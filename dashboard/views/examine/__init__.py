"""Examine: photos taken in, their results, one photo opened."""
