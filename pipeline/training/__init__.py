"""From labelled photos to weights: prepare, train, calibrate."""
