"""Where it fails: slices, tiers, error tree."""
