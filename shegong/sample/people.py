"""Invented social workers and their certificates, fitting each other: who holds what, since when,
registered until when.
"""

import numpy as np
import pandas as pd

from shegong.sample.identity import Identities
from shegong.sample.places import PROVINCE_UNIT, Places

FIRST_DAY = np.datetime64("2026-05-06")
NAT = np.datetime64("NaT", "D")
# share of people by employer type; a unit without communities has none of 04
_TYPES = {"04": 0.52, "05": 0.25, "03": 0.13, "01": 0.04, "02": 0.03, "07": 0.02, "06": 0.01}


def talent(
    places: Places, who: Identities, agencies: pd.DataFrame, employers: pd.DataFrame, certified: int
) -> pd.DataFrame:
    """`certified` people who count as holders, exactly, and about 35% more who don't. `_certified` says
    which.
    """
    counts = places.allot(certified, minimum=12)
    others = (counts * 0.35).astype(int)
    unit = np.concatenate(
        [np.repeat(counts.index.to_numpy(), counts), np.repeat(others.index.to_numpy(), others)]
    )
    is_certified = np.arange(len(unit)) < certified
    rng, count = who.rng, len(unit)
    rows = pd.DataFrame({"_unit": unit, "_certified": is_certified})
    rows["status"] = rng.choice(["1", "2", "3"], count, p=[0.88, 0.08, 0.04])
    # people who left the profession for good don't count, whatever they hold
    rows.loc[~is_certified & (rng.random(count) < 0.03), "status"] = "9"
    births = np.datetime64("1964-01-01") + rng.integers(0, 365 * 38, count)
    births = np.where(
        rows["status"] == "3", np.datetime64("1957-01-01") + rng.integers(0, 365 * 6, count), births
    )
    sexes = rng.choice(["1", "2"], count, p=[0.28, 0.72])
    rows = _documents(rows, who, births, sexes)
    rows["person_name"] = who.names(count)
    rows["education"] = rng.choice(["10", "20", "30", "40", "60"], count, p=[0.06, 0.52, 0.33, 0.04, 0.05])
    rows["sw_major"] = rng.random(count) < 0.22
    rows = _workplaces(rows, places, agencies, employers, rng)
    rows["is_direct_service"] = rng.random(count) < 0.8
    rows["service_domain"] = rng.choice([f"{n:02d}" for n in range(1, 17)], count)
    begin = births.astype("datetime64[Y]").astype(int) + 1970 + 22 + rng.integers(0, 6, count)
    begin = np.minimum(begin, 2025)
    rows["start_month"] = (begin - 1970).astype("datetime64[Y]").astype("datetime64[M]") + rng.integers(
        0, 12, count
    )
    rows["start_month"] = rows["start_month"].astype("datetime64[s]")
    rows["highest_level"] = "0"
    return rows


def _documents(rows: pd.DataFrame, who: Identities, births: np.ndarray, sexes: np.ndarray) -> pd.DataFrame:
    """Identity cards, and a few of the other documents, whose birth and sex the roster must say."""
    count = len(rows)
    rows["id_type"], rows["id_no"] = "1", who.numbers(births, sexes)
    says = who.rng.random(count) < 0.3
    rows["sex"] = np.where(says, sexes, None)
    rows["birth_date"] = np.where(says, births, NAT)
    foreign = who.rng.choice(count, 15, replace=False)
    rows.loc[foreign, "id_type"] = ["2"] * 5 + ["3"] * 5 + ["9"] * 5
    rows.loc[foreign[:5], "id_no"] = who.numbers(births[foreign[:5]], sexes[foreign[:5]], prefix="810000")
    rows.loc[foreign[5:10], "id_no"] = who.numbers(
        births[foreign[5:10]], sexes[foreign[5:10]], prefix="911156"
    )
    rows.loc[foreign[10:], "id_no"] = [f"E{who.rng.integers(10_000_000, 99_999_999)}" for _ in range(5)]
    rows.loc[foreign, "sex"], rows.loc[foreign, "birth_date"] = sexes[foreign], births[foreign]
    return rows


def _workplaces(
    rows: pd.DataFrame,
    places: Places,
    agencies: pd.DataFrame,
    employers: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    rows["employer_type"] = rng.choice(list(_TYPES), len(rows), p=list(_TYPES.values()))
    from_province = (rows["_unit"] == PROVINCE_UNIT) & (rows["employer_type"] == "04")
    rows.loc[from_province, "employer_type"] = "05"
    for name in (
        "employer_id",
        "employer_name",
        "work_area_code",
        "community_code",
        "head_role",
        "is_community_worker",
    ):
        rows[name] = pd.Series([None] * len(rows), dtype=object)
    register = places.register.assign(weight=places.register["unit_kind"].map({"1": 7.0, "2": 1.0, "9": 0.5}))
    homes = {
        unit: (
            part["community_code"].to_numpy(),
            part["community_name"].to_numpy(),
            (part["weight"] / part["weight"].sum()).to_numpy(),
        )
        for unit, part in register.groupby("county_code")
    }
    agencies = agencies[agencies["status"] == "1"].rename(columns={"uscc": "id", "agency_name": "name"})
    agencies = agencies.assign(employer_type="05")
    employers = employers.rename(columns={"employer_id": "id", "employer_name": "name"})
    places_of_work = pd.concat([agencies, employers])[["_unit", "employer_type", "id", "name"]]
    offices = {
        key: part[["id", "name"]].to_numpy()
        for key, part in places_of_work.groupby(["_unit", "employer_type"])
    }
    for (unit, kind), part in rows.groupby(["_unit", "employer_type"]):
        if kind == "04":
            codes, names, weights = homes[unit]
            at = rng.choice(len(codes), len(part), p=weights)
            rows.loc[part.index, ["employer_id", "community_code", "employer_name"]] = np.column_stack(
                [codes[at], codes[at], names[at]]
            )
        else:
            office = offices[unit, kind]
            rows.loc[part.index, ["employer_id", "employer_name"]] = office[
                rng.integers(0, len(office), len(part))
            ]
    of_community = rows["employer_type"] == "04"
    heads = rng.choice(["0", "1", "2", "3"], len(rows), p=[0.9, 0.04, 0.04, 0.02])
    rows["head_role"] = np.where(of_community, heads, None)
    rows["is_community_worker"] = np.where(of_community, True, None)
    elsewhere = ~of_community & (rng.random(len(rows)) < np.where(rows["_unit"] == PROVINCE_UNIT, 0.4, 0.01))
    rows.loc[elsewhere, "work_area_code"] = rng.choice(places.counties, int(elsewhere.sum()))
    return rows


def certificates(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row a certificate and registration; sets highest_level of `people` to the level of their valid
    ones.
    """
    held = people.index[people["_certified"]].to_numpy()
    kind = rng.choice(4, len(held), p=[0.68, 0.17, 0.13, 0.02])  # 1 · 2 · 1 and 2 · 2 and 3
    first = rng.integers(2009, 2023, len(held))
    years = [(held[kind == 0], "1", first[kind == 0]), (held[kind == 1], "2", first[kind == 1])]
    years += [
        (held[kind == 2], "1", first[kind == 2]),
        (held[kind == 2], "2", first[kind == 2] + rng.integers(1, 4, (kind == 2).sum())),
    ]
    years += [
        (held[kind == 3], "2", first[kind == 3]),
        (held[kind == 3], "3", first[kind == 3] + rng.integers(2, 4, (kind == 3).sum())),
    ]
    rows = pd.concat(
        [pd.DataFrame({"_person": p, "cert_level": level, "exam_year": year}) for p, level, year in years]
    )
    rows["cert_status"] = "1"
    rows = pd.concat([rows, _withdrawn(people, held, rng)], ignore_index=True)
    valid = rows[rows["cert_status"] == "1"].groupby("_person")["cert_level"].max()
    people["highest_level"] = people.index.map(valid).fillna("0")
    return _numbered(_registered(rows, rng), people)


def _withdrawn(people: pd.DataFrame, held: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Void certificates of some who hold nothing else, and valid ones of people who are 注销: neither
    counts.
    """
    others = people.index[~people["_certified"] & (people["status"] != "9")]
    void = np.concatenate(
        [
            rng.choice(others, len(others) // 50, replace=False),
            rng.choice(held, len(held) // 200, replace=False),
        ]
    )
    gone = people.index[people["status"] == "9"].to_numpy()
    rows = pd.DataFrame({"_person": np.concatenate([void, gone]), "cert_level": "1"})
    rows["cert_status"] = ["2"] * len(void) + ["1"] * len(gone)
    rows["exam_year"] = rng.integers(2010, 2020, len(rows))
    return rows


def _registered(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Half unregistered or lapsed, half in force; who renewed has the renewal, on time the first one too."""
    rows["_cert"] = np.arange(len(rows))
    years = (rows["exam_year"].to_numpy() - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    rows["approve_date"] = years + 280 + rng.integers(0, 60, len(rows))
    choice = rng.choice(["none", "lapsed", "now"], len(rows), p=[0.42, 0.12, 0.46])
    choice[rows["cert_status"] == "2"] = "none"
    approved = rows["approve_date"].to_numpy().astype("datetime64[D]")
    first_reg = approved + rng.integers(40, 330, len(rows))
    recent = first_reg >= np.datetime64("2023-06-15")
    renewal_date = np.datetime64("2023-07-01") + rng.integers(0, 950, len(rows))
    renewal_date = np.maximum(renewal_date, first_reg + 1095)
    hours = np.where(rows["cert_level"] == "1", 72, 90) + rng.integers(0, 30, len(rows)) + 0.5
    renewed = (choice == "now") & ~recent & (renewal_date < FIRST_DAY)
    # who renewed on time still has the first registration in the roster
    on_time = renewed & (renewal_date == first_reg + 1095)
    has_first = (choice == "lapsed") | ((choice == "now") & ~renewed) | on_time
    has_first &= first_reg < FIRST_DAY
    parts = [np.flatnonzero(~renewed & ~has_first), np.flatnonzero(has_first), np.flatnonzero(renewed)]
    rows = rows.iloc[np.concatenate(parts)].reset_index(drop=True)
    rows["reg_seq"] = np.repeat([0, 1, 2], [len(part) for part in parts])
    rows["reg_kind"] = rows["reg_seq"].astype(str)
    nothing = np.full(len(parts[0]), NAT)
    rows["reg_date"] = np.concatenate([nothing, first_reg[parts[1]], renewal_date[parts[2]]]).astype(
        "datetime64[s]"
    )
    rows["ce_hours"] = np.where(rows["reg_seq"] == 2, hours[np.concatenate(parts)], np.nan)
    rows["reg_valid_to"] = rows["reg_date"] + pd.Timedelta(days=1094)
    rows["void_date"] = np.where(rows["cert_status"] == "2", np.datetime64("2024-03-15"), NAT)
    return rows


def _numbered(rows: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    of = people.loc[rows["_person"]].reset_index(drop=True)
    for name in ("_unit", "id_type", "id_no", "person_name"):
        rows[name] = of[name]
    serial = rows["_cert"].astype(str).str.zfill(7)
    rows["cert_mgmt_no"] = rows["exam_year"].astype(str) + "0330" + rows["cert_level"] + "33" + serial
    registered = rows["reg_kind"] != "0"
    rows["reg_no"] = np.where(
        registered, "33" + rows["exam_year"].astype(str).str[2:] + serial + rows["reg_seq"].astype(str), None
    )
    rows["reg_unit"] = np.where(registered, "浙江省社会工作师登记中心", None)
    return rows.drop(columns=["_cert"])
