"""What the pixels of a photo, as stored, tell of its savings: what several signals are made of."""
