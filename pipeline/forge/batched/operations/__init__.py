"""The kinds of edit in their batched form, one a file, found by scanning; each beside the single-photo one."""
