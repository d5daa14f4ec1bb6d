"""What is drawn in a PDF report: probabilities on their line, the legend of a map, pictures. Greys and hatching."""

import io
import zlib
from typing import Any

import numpy as np
from PIL import Image
from reportlab.lib.colors import Color, black, white
from reportlab.pdfbase import pdfdoc
from reportlab.platypus import Flowable

from pipeline.casebook.report.blocks import Legend, Picture, Scale
from pipeline.casebook.report.pdf_fonts import TEXT, written
from pipeline.casebook.report.pdf_text import LINE
from pipeline.pictures.overlay import CIVIDIS, shades

GREY = Color(0.55, 0.55, 0.55)
SCALE_WIDTH, BAR = 330.0, 11.0
STEPS = 64
"""Colours of which a legend is drawn."""


class ScaleBar(Flowable):
    """A probability: a grey bar, the threshold a thick line, the band of abstention hatched."""

    def __init__(self, scale: Scale) -> None:
        super().__init__()
        self._scale = scale
        self.width, self.height = SCALE_WIDTH + 20, BAR + 19

    def draw(self) -> None:
        """Draw it."""
        with self.canv.tags.mark(self.canv, "Figure", alt=self._scale.text):
            self._draw_bar(self.canv)
            self._draw_marks(self.canv)

    def _draw_bar(self, canvas: Any) -> None:
        one, bottom = self._scale, 14.0
        canvas.setLineWidth(0.7)
        canvas.setStrokeColor(black)
        canvas.setFillColor(GREY)
        canvas.rect(8, bottom, SCALE_WIDTH * one.probability, BAR, stroke=0, fill=1)
        if one.high > one.low:
            left, wide = 8 + SCALE_WIDTH * one.low, SCALE_WIDTH * (one.high - one.low)
            canvas.setFillColor(Color(1, 1, 1, 1))
            canvas.rect(left, bottom, wide, BAR, stroke=1, fill=1)
            _hatch(canvas, left, bottom, wide)
        canvas.rect(8, bottom, SCALE_WIDTH, BAR, stroke=1, fill=0)
        canvas.setLineWidth(2.2)
        place = 8 + SCALE_WIDTH * one.threshold
        canvas.line(place, bottom - 3.5, place, bottom + BAR + 3.5)

    @staticmethod
    def _draw_marks(canvas: Any) -> None:
        canvas.setLineWidth(0.7)
        canvas.setFillColor(black)
        canvas.setFont(TEXT, 6.5)
        for mark in (0, 0.25, 0.5, 0.75, 1):
            place = 8 + SCALE_WIDTH * mark
            canvas.line(place, 11, place, 14)
            canvas.drawCentredString(place, 3.5, f"{mark:g}")


def _hatch(canvas: Any, left: float, bottom: float, wide: float) -> None:
    """Draw slanting lines inside a box of the bar's height."""
    canvas.saveState()
    box = canvas.beginPath()
    box.rect(left, bottom, wide, BAR)
    canvas.clipPath(box, stroke=0, fill=0)
    canvas.setLineWidth(1.1)
    starts = np.arange(left - BAR, left + wide, 4.0)
    ends = f"{bottom:.1f} m", f"{bottom + BAR:.1f} l"
    canvas._code.append(" ".join(f"{place:.1f} {ends[0]} {place + BAR:.1f} {ends[1]}" for place in starts) + " S")
    canvas.restoreState()


class LegendBar(Flowable):
    """The colours of a map with what its ends and its middle stand for."""

    def __init__(self, legend: Legend, width: float) -> None:
        """Keep the legend, and the points that it takes across."""
        super().__init__()
        self._legend = legend
        self.width, self.height = width, BAR + 15

    def draw(self) -> None:
        """Draw it."""
        legend, canvas = self._legend, self.canv
        alt = f"Colours of the map, from {legend.low} over {legend.middle} to {legend.high}"
        with canvas.tags.mark(canvas, "Figure", alt=alt):
            canvas.draw_image("legend", None if canvas.has_image("legend") else _colours(), (0, 11, self.width, BAR))
            canvas.setLineWidth(0.7)
            canvas.setStrokeColor(black)
            canvas.rect(0, 11, self.width, BAR, stroke=1, fill=0)
            canvas.setFillColor(black)
            canvas.setFont(TEXT, 6.5)
            canvas.drawString(0, 2, written(legend.low, TEXT))
            canvas.drawCentredString(self.width / 2, 2, written(legend.middle, TEXT))
            canvas.drawRightString(self.width, 2, written(legend.high, TEXT))


def _colours() -> pdfdoc.PDFImageXObject:
    """Return the colours as a picture, one pixel high."""
    rgb = shades(np.linspace(0, 1, STEPS), CIVIDIS)
    return _object("legend", STEPS, 1, zlib.compress(rgb.tobytes()), "FlateDecode", "RGB")


class Drawing(Flowable):
    """A picture with a fine frame."""

    def __init__(self, picture: Picture, wide: float, high: float) -> None:
        """Keep the picture, and the room that it may take at most, in points."""
        super().__init__()
        self._picture = picture
        factor = min(wide / picture.width, high / picture.height, 0.75)  # no pixel is larger than at 96 dpi
        self.width, self.height = picture.width * factor, picture.height * factor

    def draw(self) -> None:
        """Draw it; a picture that cannot be decoded is an empty frame that says so."""
        canvas, picture = self.canv, self._picture
        known = canvas.has_image(picture.sha256)
        image = None if known else image_object(picture)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        with canvas.tags.mark(canvas, "Figure", alt=picture.title):
            if known or image is not None:
                x, y = 0.0, 0.0
                canvas.draw_image(picture.sha256, image, (x, y, self.width, self.height))
            else:
                canvas.setFillColor(white)
                canvas.rect(0, 0, self.width, self.height, stroke=1, fill=1)
                canvas.setFillColor(black)
                canvas.setFont(TEXT, 6.5)
                canvas.drawCentredString(self.width / 2, self.height / 2, "cannot be decoded")
            canvas.rect(0, 0, self.width, self.height, stroke=1, fill=0)


def image_object(picture: Picture) -> pdfdoc.PDFImageXObject | None:
    """Return a picture as a PDF holds it: a JPEG as it is, anything else decoded; None where it cannot be decoded."""
    try:
        with Image.open(io.BytesIO(picture.data), formats=("PNG", "JPEG")) as image:
            if picture.media == "image/jpeg" and image.mode in ("RGB", "L"):
                return _object(picture.sha256, *image.size, picture.data, "DCTDecode", image.mode)
            upright = _on_white(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    data = zlib.compress(upright.tobytes(), 6)
    return _object(picture.sha256, *upright.size, data, "FlateDecode", upright.mode)


def _on_white(image: Image.Image) -> Image.Image:
    """Return a picture in grey or in colours, what is transparent on white."""
    if image.mode in ("L", "RGB"):
        image.load()
        return image
    layered = image.convert("RGBA")
    ground = Image.new("RGBA", layered.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, layered).convert("RGB")


def _object(name: str, width: int, height: int, data: bytes, method: str, mode: str) -> pdfdoc.PDFImageXObject:
    image = pdfdoc.PDFImageXObject(name)
    image.width, image.height, image.bitsPerComponent = width, height, 8
    image.colorSpace = "DeviceGray" if mode == "L" else "DeviceRGB"
    image._filters, image.streamContent, image.mask = (method,), data, None
    return image
