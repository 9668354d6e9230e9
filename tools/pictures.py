"""The pictures of docs/images from the demonstration's reports: ``python -m tools.pictures`` after ``make demo``.

Wants pdftoppm, LibreOffice (``soffice``) and Chromium; they draw what readers see, none of them is part of the service.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
REPORTS = ROOT / "out" / "demo" / "2021-W05"
IMAGES = ROOT / "docs" / "images"
AGENCY = "H03.36"
"""UBND huyện Na Rì, the first agency to call in the demonstration."""
WORKLIST = 3
"""The first printed page of "Việc cần xử lý": those of "Tổng quan" come before."""
EDGE = 12
BEHIND = (110, 110, 110)


def main() -> None:
    """Make them all."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        weekly = pages(REPORTS / "bao-cao-2021-W05.pdf", folder / "w", 90)
        keep("bao-cao-trang-1", weekly[0])
        keep("bao-cao-trang-3", weekly[2])
        small = [page.resize((407, 576), Image.Resampling.LANCZOS) for page in weekly]
        keep("bao-cao-8-trang", beside([below(small[column::4]) for column in range(4)]))
        keep("thong-bao-co-quan", beside(pages(REPORTS / "don-vi" / f"{AGENCY}-2021-W05.pdf", folder / "a", 70)))
        book = folder / f"{AGENCY}-2021-W05.pdf"
        run("soffice", "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(book_of(AGENCY)))
        sheets = pages(book, folder / "s", 60)
        keep("so-excel-in-ra", beside(sheets[WORKLIST : WORKLIST + 2]))
        keep("viec-can-xu-ly", pages(book, folder / "b", 110)[WORKLIST].crop((50, 45, 1267, 569)))
        desk = shot(folder, 1280, 1498).resize((820, 960), Image.Resampling.LANCZOS)
        keep("trang-tra-cuu", beside([desk, shot(folder, 400, 960)]))


def book_of(agency: str) -> Path:
    """The agency's workbook."""
    return REPORTS / "don-vi" / f"{agency}-2021-W05.xlsx"


def pages(pdf: Path, prefix: Path, dpi: int) -> list[Image.Image]:
    """All pages of a PDF."""
    run("pdftoppm", "-r", str(dpi), "-png", str(pdf), str(prefix))
    return [Image.open(path).convert("RGB") for path in sorted(prefix.parent.glob(f"{prefix.name}-*.png"))]


def shot(folder: Path, width: int, height: int) -> Image.Image:
    """The page in a browser's window."""
    picture = folder / f"{width}.png"
    page = (REPORTS / "bao-cao-2021-W05.html").as_uri()
    size = f"--window-size={width},{height}"
    run("chromium", "--headless", "--no-sandbox", "--disable-gpu", size, f"--screenshot={picture}", page)
    return Image.open(picture).convert("RGB")


def beside(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures beside each other, with an edge round each."""
    width = sum(one.width + EDGE for one in pictures) + EDGE
    whole = Image.new("RGB", (width, max(one.height for one in pictures) + 2 * EDGE), BEHIND)
    left = EDGE
    for one in pictures:
        whole.paste(one, (left, EDGE))
        left += one.width + EDGE
    return whole


def below(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures under each other."""
    height = sum(one.height for one in pictures) + EDGE * (len(pictures) - 1)
    whole = Image.new("RGB", (pictures[0].width, height), BEHIND)
    for number, one in enumerate(pictures):
        whole.paste(one, (0, number * (one.height + EDGE)))
    return whole


def keep(name: str, picture: Image.Image) -> None:
    """Few colours: pictures of paper."""
    picture.quantize(128).save(IMAGES / f"{name}.png", optimize=True)


def run(*words: str) -> None:
    """A program from the system; what it says is shown where it fails."""
    ended = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603  # our own words
    if ended.returncode:
        sys.exit(f"{words[0]}: {ended.stdout}{ended.stderr}")


if __name__ == "__main__":
    main()
