"""The measures of the sample's first day once more: plain pandas over the files, and not a line of the product.

The files are read by pandas; what a heading or a label means is looked up in contracts/*.yaml, which are documents, and
which rows were refused in the sample's own list. `figures` gives {(measure, figure, area): value}.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import recomputed_services
import yaml

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
LISTS = yaml.safe_load((CONTRACTS / "code_lists.yaml").read_text(encoding="utf-8"))
COMMON = yaml.safe_load((CONTRACTS / "_common.yaml").read_text(encoding="utf-8"))
TABLES = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in CONTRACTS.glob("*.yaml")
    if path.stem not in ("code_lists", "_common")
}
DAY = pd.Timestamp("2026-05-06")


def rows_of(sample: Path) -> dict[str, pd.DataFrame]:
    """Table -> the accepted rows of the first day, codes for labels, with `unit`."""
    defects = pd.read_csv(sample / "defects.csv", dtype=str, keep_default_na=False)
    refused = defects[(defects["day"] == "1") & (defects["level"] == "E") & (defects["row"] != "")]
    refused = set(zip(refused["file"], refused["sheet"], refused["row"].astype(int), strict=True))
    states = pd.read_csv(sample / "states.csv", dtype=str)
    states = states[(states["day"] == "1") & states["state"].isin(["accepted", "partly_accepted"])]
    taken = set(zip(states["unit"], states["file"], states["table"], strict=True))
    found: dict[str, list[pd.DataFrame]] = {}
    for path in sorted((sample / "day-1").glob("*/*")):
        for table, sheet, rows in _sheets(path):
            if (path.parent.name, path.name, table) not in taken:
                continue
            kept = [(path.name, sheet, number) not in refused for number in rows.index]
            found.setdefault(table, []).append(rows[kept].assign(unit=path.parent.name))
    return {table: pd.concat(parts, ignore_index=True) for table, parts in found.items()}


def _sheets(path: Path) -> Iterator[tuple[str, str, pd.DataFrame]]:
    if path.suffix == ".csv":
        table = path.name.split("_")[1]
        raw = pd.read_csv(path, header=None, dtype=str, encoding=_encoding(path), keep_default_na=False)
        yield table, "", _table(table, raw)
        return
    titles = {spec["title"]: table for table, spec in TABLES.items()}
    for sheet, raw in pd.read_excel(path, sheet_name=None, header=None, dtype=str, engine="calamine").items():
        if sheet in titles:
            yield titles[sheet], sheet, _table(titles[sheet], raw)


def _encoding(path: Path) -> str:
    try:
        path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def _table(table: str, raw: pd.DataFrame) -> pd.DataFrame:
    """Columns by their field's name, rows by their number in the sheet."""
    spec = TABLES[table]
    fields = [
        *COMMON["first"],
        *(COMMON["person"] if spec.get("person") else []),
        *spec["fields"],
        *COMMON["last"],
    ]
    names = {word: field for field in fields for word in (field["header"], *field.get("aliases", []))}
    cells = raw.map(lambda cell: "" if pd.isna(cell) else unicodedata.normalize("NFKC", str(cell)).strip())
    names = {unicodedata.normalize("NFKC", word): field for word, field in names.items()}
    head = cells.isin(list(names)).sum(axis=1).idxmax()
    body = cells.loc[head + 1 :]
    body = body[(body != "").sum(axis=1) > 1]
    first = body.apply(lambda row: next((cell for cell in row if cell), ""), axis=1)
    body = body[~first.isin(["合计", "小计"])]
    columns = {}
    for column, heading in cells.loc[head].items():
        if field := names.get(heading):
            told = body[column]
            # Merged downwards, a cell is said once for its rows.
            if field.get("mergeable") and field.get("required"):
                told = told.where(told != "").ffill().fillna("")
            columns[field["name"]] = _values(field, told)
    rows = pd.DataFrame(columns)
    rows.index = body.index + 1
    return rows


def _values(field: dict, cells: pd.Series) -> pd.Series:
    if field["type"] == "code":
        codes = LISTS[field["codes"]]
        words = {label: code for code, label in codes["codes"].items()} | codes.get("aliases", {})
        words |= {code: code for code in codes["codes"]}
        words = {unicodedata.normalize("NFKC", word): code for word, code in words.items()}
        return cells.map(lambda cell: words.get(cell, ""))
    if field["type"] == "boolean":
        return cells.map({"是": True, "否": False, "1": True, "0": False, "有": True, "无": False})
    if field["type"] in ("integer", "decimal", "year"):
        return pd.to_numeric(cells.str.replace(",", ""), errors="coerce")
    if field["type"] == "date":
        return pd.to_datetime(cells.str[:10], errors="coerce", format="mixed")
    return cells


def figures(sample: Path) -> dict[tuple[str, str, str], float]:
    """Every figure that is recomputed, by measure, figure and area; counties, cities and the province."""
    rows = rows_of(sample)
    talent, holders = _people(rows)
    told: dict[tuple[str, str, str], float] = {}

    def count(measure: str, figure: str, frame: pd.DataFrame, column: str | None = None) -> pd.Series:
        sums = _by_area(frame, column)
        told.update({(measure, figure, area): float(value) for area, value in sums.items()})
        return sums

    def share(measure: str, figure: str, top: pd.Series, bottom: pd.Series, factor: float = 1) -> None:
        for area, value in bottom.items():
            if value:
                told[measure, figure, area] = float(top.get(area, 0) * factor / value)

    count("M02-1", "value", holders[holders["status"] != "9"])
    count("M02-1", "beside", holders[holders["status"] == "1"])
    posts = rows["post"].assign(area=rows["post"]["unit"])
    posts = posts[posts["status"] == "1"]
    count("M02-2", "value", posts)
    count("M02-2", "beside", posts[posts["id_no"] != ""])
    agencies = rows["agency"].assign(area=rows["agency"]["unit"])
    count("M02-3", "value", agencies[(agencies["org_form"] == "1") & (agencies["status"] == "1")])
    _communities(rows, talent, told, count, share)
    projects = rows["project"].assign(area=rows["project"]["unit"])
    asked = projects[
        projects["is_purchased"].eq(True)
        & (projects["budget_yuan"] > 0)
        & projects["budget_labour_yuan"].notna()
    ]
    kept = asked[asked["budget_labour_yuan"] * 100 <= asked["budget_yuan"] * 70 + 1e-6]
    share("M06-5", "value", _by_area(kept), _by_area(asked))
    _employers(rows, share, count)
    _money(rows, told, count, share)
    _exams(rows, count, share)
    _evaluations(rows, share, count)
    recomputed_services.add(rows, told, _by_area)
    return told


def _by_area(frame: pd.DataFrame, column: str | None = None) -> pd.Series:
    """Rows or a column's sum by county, by city and for the province."""
    sums = frame.groupby("area")[column].sum() if column else frame.groupby("area").size()
    cities = sums[~sums.index.str.startswith("3399")].groupby(lambda code: code[:4] + "00").sum()
    counties = sums[~sums.index.isin(cities.index)]
    province = pd.Series({"330000": sums.sum()})
    return pd.concat([counties, cities[cities.index != "330000"], province])


def _people(rows: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The roster, one row a person at the county of work; and those of it with a valid certificate."""
    talent = rows["talent"].drop_duplicates(["id_type", "id_no"], keep="last")
    said = talent["work_area_code"].fillna("")
    at_work = said.where(said != "", talent["unit"])
    talent = talent.assign(area=at_work)
    papers = rows["certificate"].assign(seq=rows["certificate"]["reg_seq"].fillna(0))
    papers = papers.sort_values("seq").drop_duplicates("cert_mgmt_no", keep="last")
    valid = papers[papers["cert_status"] == "1"]["id_no"].str.upper()
    talent = talent.assign(certified=talent["id_no"].str.upper().isin(set(valid)))
    return talent, talent[talent["certified"]]


def _communities(rows: dict, talent: pd.DataFrame, told: dict, count, share) -> None:
    places = rows["community"].assign(area=rows["community"]["unit"])
    places = places[places["status"] == "1"]
    in_post = talent[(talent["status"] == "1") & (talent["employer_type"] == "04")]
    certified = in_post[in_post["certified"]].groupby("community_code").size()
    loose = in_post[in_post["certified"] | in_post["sw_major"].eq(True)].groupby("community_code").size()
    for measure, kind, need in (("M07-6", "1", 2), ("M07-7", "2", 1)):
        asked = places[places["unit_kind"] == kind]
        have = asked["community_code"].map(certified).fillna(0)
        have_loosely = asked["community_code"].map(loose).fillna(0)
        share(measure, "value", _by_area(asked[have >= need]), _by_area(asked))
        share(measure, "beside", _by_area(asked[have_loosely >= need]), _by_area(asked))
        count(measure, "shortage", asked.assign(missing=(need - have).clip(lower=0)), "missing")
    share("M08-4", "value", _by_area(places[places["has_grade_system"].eq(True)]), _by_area(places))


def _employers(rows: dict, share, count) -> None:
    employers = rows["employer"].assign(area=rows["employer"]["unit"])
    main = employers[(employers["employer_type"] == "03") & employers["is_main_sw_unit"].eq(True)]
    asked = main[(main["total_pt_posts"] > 0) & main["sw_pt_posts"].notna()]
    in_band = asked[asked["sw_pt_posts"] * 100 >= asked["total_pt_posts"] * 65]
    share("M07-2", "value", _by_area(in_band), _by_area(asked))
    share("M07-11", "value", _by_area(main[main["is_core_post"].eq(True)]), _by_area(main))
    public = employers[
        employers["employer_type"].isin(["01", "02", "03"]) & employers["has_public_function"].eq(True)
    ]
    count("M07-1", "departments", public[public["has_sw_department"].eq(True)])
    years = rows["employer_year"].assign(area=rows["employer_year"]["unit"])
    years = years[
        years["employer_id"].isin(set(rows["employer"]["employer_id"]))
        & (years["year"] == years["year"].max())
    ]
    share("M07-4", "value", _by_area(years, "recruited_sw"), _by_area(years, "recruited"))
    count("M06-9", "value", years, "recruited_priority")


def _money(rows: dict, told: dict, count, share) -> None:
    funding = rows["funding"].assign(area=rows["funding"]["unit"])
    said = rows["summary"].assign(area=rows["summary"]["unit"])
    said = said[(said["metric"] == "lottery_total_yuan") & (said["period"] == str(DAY.year))]
    lottery = funding[(funding["source_type"] == "2") & (funding["year"] == DAY.year)]
    compared = _by_area(lottery[lottery["unit"].isin(set(said["unit"]))], "budget_yuan")
    share("M14-4", "share", compared, _by_area(said, "value"))
    for measure, source in (("M14-1", "1"), ("M14-4", "2")):
        of_source = funding[funding["source_type"] == source]
        now = count(measure, "value", of_source[of_source["year"] == DAY.year], "budget_yuan")
        before = _by_area(of_source[of_source["year"] == DAY.year - 1], "budget_yuan")
        for area, value in before.items():
            if value and area in now:
                told[measure, "growth", area] = float(now[area] / value - 1)


def _exams(rows: dict, count, share) -> None:
    exams = rows["exam"].assign(area=rows["exam"]["unit"])
    whole, parts = exams[exams["source_group"] == "0"], exams[exams["source_group"] != "0"]
    whole = whole[whole["exam_year"] == whole["exam_year"].max()]
    parts = parts[parts["exam_year"] == parts["exam_year"].max()]
    passed = count("M04-3", "value", whole, "passed")
    count("M04-3", "applicants", whole, "applicants")
    share("M04-3", "rate", passed, count("M04-3", "sat", whole, "sat"))
    count("M04-5", "value", parts, "applicants")


def _evaluations(rows: dict, share, count) -> None:
    told = rows["evaluation"].assign(area=rows["evaluation"]["unit"])
    told = told[told["year"] == told["year"].max()]
    people = count("M05-4", "value", told, "evaluated")
    share("M05-4", "excellent", _by_area(told, "excellent_count"), people)
