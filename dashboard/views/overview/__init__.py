"""Overview: how far to trust a release."""
