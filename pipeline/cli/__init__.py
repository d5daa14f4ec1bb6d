"""The verbs of the command line, by what they are about; `pipeline.__main__` joins them."""
