"""The signals beside the networks: one file each, with TITLE, ORDER, HOW_TO_READ and `look`, found by scanning."""
