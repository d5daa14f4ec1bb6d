"""What Alembic runs: the steps, through the connection that is handed over."""

from alembic import context

from pipeline.casebook.schema import METADATA

if hasattr(context, "config"):  # not where somebody merely imports every module
    context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
    context.run_migrations()
