"""Where links lead: to the service as its clients see it."""

from fastapi import Request

from pipeline.settings import settings


def base_of(request: Request) -> str:
    """Return the service's address without a slash at its end: the setting's, else that of the call."""
    return (settings().api_url or str(request.base_url)).rstrip("/")
