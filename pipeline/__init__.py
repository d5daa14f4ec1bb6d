"""Everything that happens to a photo, from its bytes to an examination. Imports models, never the dashboard."""
