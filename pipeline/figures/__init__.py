"""From predictions to figures: pure tables and arrays, no network."""
