"""Files, folders and the database: written whole or not at all, and read with a clear error."""
