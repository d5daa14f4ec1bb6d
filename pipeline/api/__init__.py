"""The web API: the same `examine`, for other programs. The only room that imports fastapi, uvicorn and httpx."""
