"""The person of each row: the document checked, keyed and masked, birth and sex read from its number."""

import polars as pl

from shegong import people
from shegong.intake import number_runs
from shegong.intake.findings import Findings
from shegong.intake.layout import Placed

_IDENTITY = r"^\d{17}[\dX]$"
_OTHER_DOCUMENT = r"^[0-9A-Z()（）-]{5,30}$"


class PersonRows:
    """For the chunks of one sheet."""

    def __init__(self, placed: dict[str, Placed], hasher: people.Hasher) -> None:
        self._placed, self._hasher, self._runs = placed, hasher, number_runs.Runs()

    def add(self, frame: pl.DataFrame, cells: dict[str, pl.Series], findings: Findings) -> pl.DataFrame:
        """The frame with person_key, person_mask, name_key, birth_year and _sex."""
        number, kind = frame["id_no"], frame["id_type"]
        birth, sex = self._read(frame, cells, findings)
        key = self._hasher.keys(
            pl.select(pl.when(number.is_not_null()).then(kind + ":" + number)).to_series()
        )
        name_key = self._hasher.name_keys(frame["person_name"])
        mask = people.mask_numbers(number)
        return frame.with_columns(
            key.alias("person_key"), mask.alias("person_mask"), name_key.alias("name_key"),
            birth.dt.year().alias("birth_year"), sex.alias("_sex"),
        )  # fmt: skip

    def _read(
        self, frame: pl.DataFrame, cells: dict[str, pl.Series], findings: Findings
    ) -> tuple[pl.Series, pl.Series]:
        """Birth and sex of each row, after the documents were asked."""
        number = frame["id_no"]
        damaged = findings.rows_of("id_no.number_cell")
        sound = ~frame["_row_number"].is_in(damaged)
        is_card = (frame["id_type"] == "1") & number.is_not_null() & sound
        well_formed = (is_card & number.str.contains(_IDENTITY)).fill_null(False)
        birth, sex, valid = _read_cards(number, well_formed)
        placed = self._placed.get("id_no")
        if placed is None:
            return birth, sex
        runs = self._runs.starts(number, frame["_row_number"])
        findings.field(
            runs["row"], runs["number"], pl.repeat(True, len(runs), eager=True), placed, "filled_down"
        )
        ends_in_zeros = number.str.ends_with("000")
        if ends_in_zeros.any() or not valid.all():
            self._blame(findings, placed, frame, is_card, well_formed, valid, sound)
        return self._compare(findings, frame, cells, birth, sex, valid)

    def _blame(self, findings, placed, frame, is_card, well_formed, valid, sound) -> None:
        number = frame["id_no"]
        bad = is_card & ~well_formed
        scientific = bad & number.str.contains(r"^\d(\.\d+)?E\+?\d+$")
        old = bad & number.str.contains(r"^\d{15}$")
        other = (
            (frame["id_type"] != "1") & number.is_not_null() & sound & ~number.str.contains(_OTHER_DOCUMENT)
        )
        ends_in_zeros = number.str.ends_with("000")
        for check, mask in (
            ("scientific", scientific),
            ("old_15_digit", old),
            ("format", (bad & ~scientific & ~old) | other),
            ("check_digit", well_formed & ~valid & ~ends_in_zeros),
            ("damaged", well_formed & ~valid & ends_in_zeros),
            ("rounded", valid & ends_in_zeros),
        ):
            findings.field(frame["_row_number"], number, mask, placed, check)

    def _compare(self, findings, frame, cells, birth, sex, valid) -> tuple[pl.Series, pl.Series]:
        """Given sex and birth against the number's; where there is no card, the given ones are taken."""
        for name, said, level in (("sex", sex, "W"), ("birth_date", birth, "E")):
            if name in frame.columns and (placed := self._placed.get(name)):
                differs = valid & (frame[name] != said)
                findings.field(frame["_row_number"], cells[name], differs, placed, "number", level)
        if "birth_date" in frame.columns:
            birth = birth.zip_with(valid, frame["birth_date"])
        if "sex" in frame.columns:
            sex = sex.zip_with(valid, frame["sex"])
        return birth, sex


def _read_cards(number: pl.Series, well_formed: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Birth, sex and validity of each number; nothing and False for what is no card's number."""
    if well_formed.all() and len(number):
        read = people.read_numbers(number)
        return read.birth_date, read.sex, pl.Series(read.is_valid)
    birth = pl.Series("b", [None], dtype=pl.Date).new_from_index(0, len(number))
    sex = pl.Series("s", [None], dtype=pl.String).new_from_index(0, len(number))
    valid = pl.Series([False]).new_from_index(0, len(number))
    at = well_formed.arg_true()
    if len(at):
        read = people.read_numbers(number.gather(at))
        valid = valid.scatter(at, pl.Series(read.is_valid))
        birth = birth.scatter(at, read.birth_date)
        sex = sex.scatter(at, read.sex)
    return birth, sex, valid
