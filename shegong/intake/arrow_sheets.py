"""What a workbook tells of its sheets; and a package's sheets through fastexcel, which reads the same calamine into Arrow,
while a thread scans the markup.

The latter only for large packages: small ones are read as fast cell by cell. What fastexcel does not read is left to that way too,
which has the answer for the clerk; so nothing is refused here but what is beyond the limits of size.
"""

import io
import zipfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import fastexcel
import polars as pl

from shegong.intake import arrow_cells, package, package_guard
from shegong.intake.limits import Limits
from shegong.intake.ods_traits import CONTENT, OdsSheet
from shegong.intake.traits import Traits
from shegong.intake.xls_traits import XlsSheet

WORTH = 256 << 10  # packed bytes from which this pays


class Book:
    """A workbook with the sheets `names`, let through by the guards; `seen` is what those saw of the sheets.

    The scan of a large one's markup is under way as soon as this is made. Raises ValueError where
    the guard saw other sheets than calamine.
    """

    def __init__(self, content: bytes, names: Sequence[str], seen: Sequence[OdsSheet | XlsSheet]) -> None:
        self._content = content
        self._reader: fastexcel.ExcelReader | None = None
        kind = _kind(content)
        self._is_large = len(content) >= WORTH and kind == "xlsx"
        self._scan = self._begin() if self._is_large else None
        self._traits: dict[str, Traits] | None = None
        if kind == "xls":
            self._traits = {name: sheet.traits() for name, sheet in zip(names, seen, strict=True)}
        elif kind == "ods":
            self._traits = {sheet.name: sheet.traits() for sheet in seen}
        elif not self._is_large:
            self._traits = package.traits(content)

    def _begin(self) -> Future[dict[str, Traits]]:
        pool = ThreadPoolExecutor(1, "shegong-scan")
        scan = pool.submit(package.traits, self._content, with_cells=True)
        pool.shutdown(wait=False)  # the thread ends with its one task
        return scan

    def traits(self, name: str) -> Traits:
        if self._traits is None:
            self._traits = self._scan.result()
        return self._traits.get(name, Traits())

    def columns(self, name: str, limits: Limits) -> arrow_cells.Columns | None:
        """The sheet's cells; None where it must be read cell by cell. Raises FileRefused for one that is too large."""
        if not self._is_large or (self._scan.done() and self.traits(name).cells is None):
            return None
        texts, traits = self._read(name), self.traits(name)
        if texts is None or traits.cells is None:
            return None
        package_guard.guard_size(texts.height, texts.width, limits, name)
        return None if traits.last_row > texts.height else arrow_cells.load(texts, traits)

    def _read(self, name: str) -> pl.DataFrame | None:
        """The sheet as fastexcel writes it, columns "0", "1", … from A1 on; None for an empty or a broken one."""
        try:
            if self._reader is None:
                self._reader = fastexcel.read_excel(self._content)
            batch = self._reader.load_sheet_eager(name, header_row=None, skip_rows=0, dtypes="string")
        except (fastexcel.FastExcelError, OSError, ValueError):
            return None
        except BaseException as error:
            if (
                type(error).__name__ != "PanicException"
            ):  # Rust's, which derives from BaseException on purpose
                raise
            return None
        if not batch.num_rows or not batch.num_columns:
            return None
        return pl.from_arrow(batch.rename_columns([str(at) for at in range(batch.num_columns)]))


def _kind(content: bytes) -> str:
    if not content.startswith(b"PK"):
        return "xls"
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = packed.namelist()
    return "ods" if CONTENT in names and package.BOOK not in names else "xlsx"
