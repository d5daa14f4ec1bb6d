"""The kinds of edit, one a file, found by scanning."""
