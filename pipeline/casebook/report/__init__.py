"""The report of a case: made only from the stored record, as HTML or PDF, and made again it is the same."""
