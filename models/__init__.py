"""Networks and what was learned: detectors, their weights, cards and releases. Imports nothing above it."""
