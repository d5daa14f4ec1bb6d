"""Faces invented whole: by a StyleGAN-like generator, and by FLUX, SDXL and DALL-E 3 (SFHQ-T2I)."""

from pathlib import Path

from pipeline.datasets import Dataset
from pipeline.datasets.published import first_source, read_published

SOURCES = ("generated4k", "sfhq_t2i")


def looks_like(folder: Path) -> bool:
    """Tell by the index's columns and the source of its first row."""
    return first_source(folder) in SOURCES


DATASET = Dataset(
    name="generated",
    revision="400",
    licence="generated4k unstated, sfhq_t2i permissive; local research",
    citation="a StyleGAN-like generator's 4K portraits; Beniaguev, SFHQ-T2I, 2024",
    obtain="the collections' own sites; here a part of each, one folder a source, with index.csv",
    labels={"generated4k": "deepfake: GAN", "sfhq_t2i": "deepfake: diffusion"},
    records=lambda folder: read_published(folder, SOURCES, {"generated4k": "GAN", "sfhq_t2i": "diffusion"}),
    looks_like=looks_like,
    published=True,
)
