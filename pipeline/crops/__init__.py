"""The store of face crops that training reads and evaluations measure: built once, read by row."""
