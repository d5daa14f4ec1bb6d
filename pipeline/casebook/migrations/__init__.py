"""How the casebook's database came to its form, one step a file, by Alembic."""
