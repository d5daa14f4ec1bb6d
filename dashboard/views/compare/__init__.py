"""Compare: two evaluations beside each other."""
