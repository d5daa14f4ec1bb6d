"""From a file's bytes to upright sRGB pixels and true notes: one concern a file, `pipeline.photo` joins them."""
