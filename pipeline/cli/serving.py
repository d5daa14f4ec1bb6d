"""The verbs of the web API: `serve` and `keys …`."""

import sys
from typing import Annotated

import typer

verbs = typer.Typer()
keys = typer.Typer(no_args_is_help=True, help="Keys of the web API: shown once, kept as hashes.")
verbs.add_typer(keys, name="keys")


@verbs.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; on any but this machine's own a key is needed.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Serve the web API until it is ended; its log is JSON lines on standard error."""
    from pipeline.api.serve import run

    raise typer.Exit(run(host, port))


@keys.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who gets it; cases are shared with api:NAME.")],
    scopes: Annotated[
        list[str] | None,
        typer.Option("--scope", help="examine, label, jobs, cases, metrics; repeatedly. Without any: examine, label."),
    ] = None,
) -> None:
    """Make a key and print it, this once."""
    from pipeline.api.keys import Keys
    from pipeline.settings import settings

    known = Keys(settings().home / "api")
    key, shown = known.make(name, scopes or ("examine", "label"))
    typer.echo(shown)
    print(f"key {key.id} for {name}: {', '.join(key.scopes)}. It is shown this once.", file=sys.stderr)
    print(f"its webhooks are signed with {known.webhook_secret(key.id)}", file=sys.stderr)


@keys.command("list")
def list_keys() -> None:
    """List the keys: id, name, scopes, when made, last used and revoked."""
    from pipeline.api.keys import Keys
    from pipeline.settings import settings

    for key in Keys(settings().home / "api").listed():
        state = f"revoked {key.revoked}" if key.revoked else f"used {key.used}" if key.used else "never used"
        typer.echo(f"{key.id}  {key.name}  {','.join(key.scopes)}  made {key.created}  {state}")


@keys.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="Its id, as `keys list` prints it.")]) -> None:
    """Revoke a key for good; the next call with it is refused, also by a service that runs."""
    from pipeline.api.keys import Keys
    from pipeline.settings import settings

    key = Keys(settings().home / "api").revoke(key_id)
    typer.echo(f"{key.id}  {key.name}  revoked {key.revoked}")


@keys.command()
def secret(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="A key's id; without one, of calls without a key.")] = "",
) -> None:
    """Print the secret that a key's webhooks are signed with."""
    from pipeline.api.keys import Keys
    from pipeline.errors import UnknownName
    from pipeline.settings import settings

    known = Keys(settings().home / "api")
    if key_id and key_id not in known.known():
        raise UnknownName.among("key", key_id, known.known())
    typer.echo(known.webhook_secret(key_id))
