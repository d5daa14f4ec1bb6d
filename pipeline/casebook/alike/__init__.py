"""Photos that are alike: near ones, copies of one photo, and which of them lies closest to the source."""
