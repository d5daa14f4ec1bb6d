"""The pages, a folder each, found by scanning: `page.py` draws, the files beside it are its parts."""
