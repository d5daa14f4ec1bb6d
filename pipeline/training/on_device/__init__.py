"""Batches that are made on the device that trains: edits forged anew in every one, beside their own originals.

- `plan` draws which pairs an epoch sees,
- `resident` holds the crops on the device,
- `forging` edits them, `autoencoder` is the one editor that learns beside the network,
- `framing` cuts windows, changes light and colours, and encodes,
- `feed` puts these together.

What is drawn for an item is a hash of the epoch and the item's number, so a run that goes on after a kill, or is shared
by several processes, sees what an unbroken one would. On a processor it is for small runs and tests.
"""
