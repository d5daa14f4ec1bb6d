"""One file a family of networks; each registers its builders."""
