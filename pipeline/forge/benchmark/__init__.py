"""The same-originals benchmark: each original as real, facetune and deepfake, through one container."""
