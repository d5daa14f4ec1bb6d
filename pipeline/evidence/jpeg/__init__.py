"""How a JPEG was written: its header, its tables, and whose tables are known."""
