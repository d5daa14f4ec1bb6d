"""Faces that StyleGAN2 invented, and real portraits from Unsplash."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.datasets import Dataset, Record, pictures


def records(folder: Path) -> Iterator[Record]:
    """Read real/ and fake/; every picture is its own group."""
    for path in pictures(folder / "real"):
        yield Record(path, "real", "camera", "unsplash", f"unsplash-{path.stem}", regions="0000")
    for path in pictures(folder / "fake"):
        yield Record(path, "deepfake", "GAN", "stylegan2", f"stylegan2-{path.stem}")


DATASET = Dataset(
    name="stylegan2",
    revision="300px-1031",
    licence="unstated; local research",
    citation="Karras et al., Analyzing and Improving the Image Quality of StyleGAN, CVPR 2020; Unsplash",
    records=records,
)
