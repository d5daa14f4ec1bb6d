"""Many photos by one command: what is asked for, results as they are found, and the account of all."""
