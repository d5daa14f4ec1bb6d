"""From labelled collections to one manifest: every file read, duplicates grouped, splits made, classes balanced.

`scan` reads, `duplicates` groups, `splits` and `balance` decide, `prepare` does it all, `table` is what is written.
"""
