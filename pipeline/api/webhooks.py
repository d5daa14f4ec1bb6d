"""Webhooks by the Standard Webhooks specification 1.0: signed, tried again with growing pauses, never sent inwards."""

import asyncio
import hashlib
import hmac
import ipaddress
import json
import socket
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx

from pipeline.api.job_store import Job, JobStore, progress_of
from pipeline.api.keys import Keys
from pipeline.api.logs import frames_of, say
from pipeline.errors import BadWebhook, DamagedKeys, DiskFull, NotThere

PAUSES: Sequence[float] = (5, 30, 120, 600, 3600, 4 * 3600)
"""Seconds before each further try; after the last it is given up."""
WITHIN = 10.0
"""Seconds for one try."""
WHILE_FULL = 30.0
"""Seconds between two tries to keep what was told, while the disk is full."""
AT_ONCE = 8
LONGEST_URL = 2000
TRANSLATED = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""Addresses of IPv6 that stand for one of IPv4, which may be private."""


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header `webhook-signature` of a message.

    Args:
        secret: "whsec_" and 32 bytes in base64.
        message_id: header `webhook-id`, the same for every try.
        timestamp: header `webhook-timestamp`, seconds since 1970.
        body: as it is sent.
    """
    key = b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def split(url: str, allowed: Collection[str]) -> SplitResult:
    """Return the parts of an address that may be a webhook's; its host as it is called, in ASCII.

    Args:
        url: the address.
        allowed: hosts, also as host:port, that may be private and without TLS.

    Raises:
        BadWebhook: it is none.
    """
    try:
        parts = urlsplit(url)
        known = parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        known, parts = None, urlsplit("")
    if not known or len(url) > LONGEST_URL or not url.isprintable() or " " in url or parts.username is not None:
        raise BadWebhook("The webhook is no address that can be called.")
    parts = _in_ascii(parts)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_allowed(parts, allowed)):
        raise BadWebhook("The webhook's address does not begin with https.")
    return parts


def _in_ascii(parts: SplitResult) -> SplitResult:
    """Return the parts with a host in other letters as names are looked up, and certificates made out (RFC 5891)."""
    if parts.netloc.isascii():
        return parts
    try:
        host = httpx.URL(f"https://{parts.hostname}").raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        raise BadWebhook("The webhook's host is no name that can be called.") from None
    return parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host)


def _is_allowed(parts: SplitResult, allowed: Collection[str]) -> bool:
    return parts.hostname in allowed or f"{parts.hostname}:{_port(parts)}" in allowed


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def is_public(address: str) -> bool:
    """Tell whether an IP address lies in the open net."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif any(ip in network for network in TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast


async def resolve(url: str, allowed: Collection[str]) -> str:
    """Return the IP address to call for a webhook: this one and no other, whatever its name leads to a moment later.

    Raises:
        BadWebhook: it is no address that may be called, or leads to a private one.
    """
    parts = split(url, allowed)
    assert parts.hostname
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadWebhook("The webhook's host is not known.") from None
    addresses = [str(each[4][0]) for each in found]
    if not _is_allowed(parts, allowed) and not all(map(is_public, addresses)):
        raise BadWebhook("The webhook leads to a private address.")
    return addresses[0]


@dataclass
class Webhooks:
    """Tells of finished jobs.

    Attributes:
        jobs: where it is kept what was told.
        keys: whose secrets sign.
        allowed: hosts that may be private and without TLS.
        pauses: seconds before each further try.
    """

    jobs: JobStore
    keys: Keys
    allowed: Collection[str]
    pauses: Sequence[float] = PAUSES
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def after(self, loop: asyncio.AbstractEventLoop) -> Callable[[str], None]:
        """Return what another thread calls with a finished job's id."""

        def tell(job_id: str) -> None:
            loop.call_soon_threadsafe(self.send, job_id)

        return tell

    def send(self, job_id: str) -> None:
        """Tell of a finished job, if that was asked, until it is heard."""
        task = asyncio.get_running_loop().create_task(self._deliver(job_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def resume(self) -> None:
        """Go on with what was not told before the service ended."""
        for job in self.jobs.all():
            if job.finished and job.webhook.get("state") == "waiting":
                self.send(job.id)

    async def stop(self) -> None:
        """End; what was not told is told after the next start."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _deliver(self, job_id: str) -> None:
        while True:
            try:
                job = self.jobs.read(job_id)
                if job.webhook.get("state") != "waiting":
                    return
                tries = int(job.webhook["tries"]) + 1
                async with self._turns:
                    said = await self._try(job)
                state = "delivered" if said.startswith("2") else "waiting"
                if state == "waiting" and (tries > len(self.pauses) or said == "410"):
                    state = "given up"
                await self._keep(job_id, job.webhook | {"state": state, "tries": tries, "last": said})
            except NotThere:  # deleted meanwhile
                return
            say("webhook", job=job_id, state=state, tries=tries, answer=said)
            if state != "waiting":
                return
            await asyncio.sleep(self.pauses[tries - 1])

    async def _keep(self, job_id: str, told: dict[str, Any]) -> None:
        """Keep what was told; on a full disk once there is room: it is not told a second time for that.

        Raises:
            NotThere: the job was deleted meanwhile.
        """
        while True:
            try:
                self.jobs.update(job_id, webhook=told)
                return
            except DiskFull as problem:
                say("fault", where="webhook", job=job_id, kind=problem.code, frames=frames_of(problem))
                await asyncio.sleep(WHILE_FULL)

    async def _try(self, job: Job) -> str:
        """Send once; return the status of the answer, or why there is none."""
        url = str(job.webhook["url"])
        try:
            address = await resolve(url, self.allowed)
            async with (
                asyncio.timeout(WITHIN),
                httpx.AsyncClient(timeout=WITHIN, trust_env=False, follow_redirects=False) as client,
                client.stream(**self._message(job, url, address)) as response,
            ):
                return str(response.status_code)  # its body is not read
        except BadWebhook as problem:
            return str(problem)
        except (DamagedKeys, DiskFull) as problem:  # nothing is sent that cannot be signed; why is told here alone
            say("fault", where="webhook", job=job.id, kind=problem.code, frames=frames_of(problem))
            return problem.code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, UnicodeError) as problem:
            return type(problem).__name__

    def _message(self, job: Job, url: str, address: str) -> dict[str, Any]:
        """Return a message's method, address, headers, body and the name that its certificate must bear."""
        parts, at = split(url, self.allowed), int(time.time())
        event = {"type": f"job.{job.state}", "timestamp": job.finished, "data": progress_of(job)}
        body = json.dumps(event).encode()
        message_id = f"msg_{job.id}"
        secret = self.keys.webhook_secret(job.owner)
        host = f"[{address}]" if ":" in address else address
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "host": parts.netloc,
            "content-type": "application/json",
            "user-agent": "telltale",
            "webhook-id": message_id,
            "webhook-timestamp": str(at),
            "webhook-signature": sign(secret, message_id, at, body),
        }
        return {
            "method": "POST",
            "url": f"{parts.scheme}://{host}:{_port(parts)}{path}",
            "content": body,
            "headers": headers,
            "extensions": {"sni_hostname": parts.hostname},
        }
