"""Who calls, and whether they may: a key with a scope or, where no key was made, whoever is on this machine."""

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from pipeline.api.keys import SCOPES
from pipeline.api.service import Service, service_of
from pipeline.casebook.people import Person, local_person
from pipeline.errors import NoKey, NoScope

BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key from `python -m pipeline keys new`. On this machine none is needed until the first is made.",
)
Presented = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers of a proxy: what comes through one does not come from this machine."""


@dataclass(frozen=True)
class Caller:
    """Who calls.

    Attributes:
        id: of the key; "" for whoever is on this machine.
        name: of the key.
        scopes: what it may do.
    """

    id: str
    name: str
    scopes: tuple[str, ...]

    def need(self, *scopes: str) -> None:
        """Refuse who has none of some scopes.

        Raises:
            NoScope: there is none of them.
        """
        if not set(scopes) & set(self.scopes):
            raise NoScope(f"This takes a key with the scope {' or '.join(scopes)}.")

    def person(self) -> Person:
        """Return under which name acts on cases are logged: a key sees its own cases and those shared with it."""
        return Person(f"api:{self.name}", "analyst") if self.id else local_person()


def is_loopback(host: str) -> bool:
    """Tell whether an address, or the name localhost, is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def needs(*scopes: str) -> Callable[..., Awaitable[Caller]]:
    """Return what lets a call through only with one of some scopes, and within its rate; before its body is read.

    Args:
        scopes: of `SCOPES`; none for any key.
    """

    async def guard(request: Request, presented: Presented) -> Caller:
        service, state = service_of(request), request.scope["state"]
        who = f"address:{request.client.host if request.client else ''}"
        caller = _caller(request, presented, service)
        if isinstance(caller, NoKey):
            state["headers"] |= service.buckets.take(who)  # who tries keys is slowed down too
            raise caller
        state["key"] = caller.id or "local"
        state["headers"] |= service.buckets.take(f"key:{caller.id}" if caller.id else who)
        caller.need(*(scopes or SCOPES))
        return caller

    return guard


def _caller(request: Request, presented: HTTPAuthorizationCredentials | None, service: Service) -> Caller | NoKey:
    if presented:
        key = service.keys.find(presented.credentials)
        return Caller(key.id, key.name, key.scopes) if key else NoKey("The key is unknown, or was revoked.")
    if service.keys.known() or not service.open_here:
        return NoKey("Every call needs a key.")
    if not _from_here(request):
        return NoKey("Without a key only programs on this machine are answered, and no web page of another site.")
    return Caller("", "local", tuple(SCOPES))


def _from_here(request: Request) -> bool:
    """Tell whether a call comes from this machine itself: not through a proxy, nor from another site's page.

    A page in a browser here can send forms to this address, and a name that is made to lead here reads the answers
    (DNS rebinding): `Origin`, `Sec-Fetch-Site` and `Host` tell.
    """
    headers = request.headers
    if any(name in headers for name in FORWARDED) or not (request.client and is_loopback(request.client.host)):
        return False
    origin = headers.get("origin", "")
    if (origin and not is_loopback(urlsplit(origin).hostname or "")) or headers.get("sec-fetch-site") == "cross-site":
        return False
    return is_loopback(urlsplit(f"//{headers.get('host', '')}").hostname or "")
