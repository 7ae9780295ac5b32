"""Invented yearly rosters and control totals, which agree with the people, agencies and employers of the world."""

import numpy as np
import pandas as pd

from shegong.sample.identity import Identities
from shegong.sample.places import PROVINCE_UNIT, Places

YEAR = 2025  # the year that the rosters of the first day tell of


def agency_years(agencies: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row an agency that works."""
    rows = agencies[agencies["status"] == "1"][["_unit", "uscc", "staff_total", "staff_certified"]].copy()
    rows["year"] = YEAR
    rows["volunteers_used"] = rng.integers(5, 200, len(rows))
    rows["volunteer_hours"] = rows["volunteers_used"] * 8.5
    rows["fee_income_yuan"] = rng.integers(0, 300, len(rows)) * 1000.0
    return rows


def employer_years(employers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = employers[["_unit", "employer_id"]].copy()
    rows["year"] = YEAR
    rows["recruited"] = rng.integers(2, 12, len(rows))
    rows["recruited_sw"] = rows["recruited"] // 2
    rows["recruited_priority"] = rows["recruited_sw"] // 2
    return rows


def _levels(people: pd.DataFrame, employers: pd.DataFrame) -> pd.DataFrame:
    """One row an employer and certificate level with the people at work there: `headcount`."""
    at_work = people[(people["status"] == "1") & people["employer_id"].isin(set(employers["employer_id"]))]
    counted = (
        at_work.groupby(["_unit", "employer_id", "highest_level"]).size().rename("headcount").reset_index()
    )
    counted = counted.rename(columns={"highest_level": "cert_level"})
    known = employers.set_index("employer_id")["_unit"]
    counted = counted[counted["employer_id"].map(known) == counted["_unit"]].reset_index(drop=True)
    return counted.assign(year=YEAR)


def pay(people: pd.DataFrame, employers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = _levels(people, employers)
    for name, share in (("formal_count", 0.9), ("on_standard_count", 0.7), ("with_community_allowance", 0.4)):
        rows[name] = (rows["headcount"] * share).astype(int)
    rows["with_social_insurance"] = rows["with_housing_fund"] = rows["headcount"]
    rows["median_gross_yuan"] = (
        4500.0 + 900 * rows["cert_level"].astype(int) + rng.integers(0, 40, len(rows)) * 50
    )
    rows["allowance_yuan_month"] = 100.0 * rows["cert_level"].astype(int)
    return rows


def evaluations(people: pd.DataFrame, employers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = _levels(people, employers).rename(columns={"headcount": "evaluated"})
    for name in ("ethics", "quality", "skill", "ability", "performance", "feedback"):
        rows[f"{name}_score"] = rng.integers(700, 980, len(rows)) / 10
    rows["excellent_count"] = rows["evaluated"] // 4
    rows["fair_count"] = rows["evaluated"] // 10
    rows["poor_count"] = 0
    rows["good_count"] = rows["evaluated"] - rows["excellent_count"] - rows["fair_count"]
    return rows


def exams(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """Applicants by where they come from, which add up to group 0; the senior level with its review."""
    made = []
    for unit in places.units.index:
        for level in "123":
            parts = rng.integers(2, 60, 5) if level != "3" else np.array([0, 1, 2, 1, 1])
            total = int(parts.sum())
            sat = total * 4 // 5
            whole = {"applicants": total, "sat": sat, "passed": sat // 3, "heads_sat": sat // 5}
            if level == "3":
                whole |= {"review_applied": 2, "review_passed": 1}
            made.append({"_unit": unit, "cert_level": level, "source_group": "0"} | whole)
            made += [
                {"_unit": unit, "cert_level": level, "source_group": str(at), "applicants": int(count)}
                for at, count in enumerate(parts, start=1)
            ]
    return pd.DataFrame(made).assign(exam_year=YEAR)


def incentives(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    made = [
        {"_unit": unit, "cert_level": level, "kind": kind, "people": people, "yuan": float(people * each)}
        for unit in places.units.index
        for level in "123"
        for kind, each in (("1", 200), ("3", 1200), ("4", 3000))
        for people in [int(rng.integers(1, 40))]
    ]
    return pd.DataFrame(made).assign(year=YEAR, has_policy=True)


def supervisors(people: pd.DataFrame, agencies: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Five a unit, certified at level 2 at least, as the paper's 800 for 2022 would ask of 26,413."""
    fits = people[(people["status"] == "1") & people["highest_level"].isin(["2", "3"])]
    rows = fits.groupby("_unit").head(5)[["_unit", "id_type", "id_no", "person_name"]].reset_index(drop=True)
    count = len(rows)
    hosts = agencies[agencies["status"] == "1"].groupby("_unit")["uscc"].first()
    rows["appoint_no"] = 1
    rows["grade"] = rng.choice(["1", "2", "3"], count, p=[0.6, 0.3, 0.1])
    rows["origin"] = rng.choice(["1", "2"], count, p=[0.9, 0.1])
    rows["recognition_no"] = "浙民函〔2024〕36号"
    rows["appoint_date"] = np.datetime64("2024-01-01") + rng.integers(0, 700, count)
    rows["valid_to"] = rows["appoint_date"] + pd.Timedelta(days=1095)
    rows["appoint_unit"] = "浙江省社会工作协会"
    rows["domains"] = rng.choice(["01,05", "14", "16"], count)
    rows["host_id"] = rows["_unit"].map(hosts)
    rows["supervisees"] = rng.integers(3, 25, count)
    rows["hours_ytd"] = rng.integers(10, 80, count) + 0.5
    return rows


def volunteer_orgs(places: Places, who: Identities) -> pd.DataFrame:
    rng = who.rng
    rows = pd.DataFrame({"_unit": np.repeat(places.units.index.to_numpy(), 4)})
    rows["uscc"] = [who.credit_code("51", unit) for unit in rows["_unit"]]
    short = rows["_unit"].map(places.units["name"]).str.replace("浙江省本级", "浙江省")
    rows["org_name"] = short + np.tile(
        ["志愿者协会", "义工联合会", "社区志愿服务队", "青年志愿者协会"], len(rows) // 4
    )
    rows["area_code"] = rows["_unit"].replace(PROVINCE_UNIT, "330106")
    rows["professionals"] = rng.integers(0, 4, len(rows))
    rows["has_professional"] = rows["professionals"] > 0
    rows["volunteers"] = rng.integers(50, 5000, len(rows))
    rows["hours_ytd"] = rows["volunteers"] * 2.5
    return rows


def summaries(places: Places, tables: dict[str, pd.DataFrame], rng: np.random.Generator) -> pd.DataFrame:
    """Last month's control totals as the rosters have them, and a year's lottery money."""
    people = tables["talent"][tables["talent"]["status"] != "9"]
    certified = people[people["highest_level"] != "0"]
    seats, offices = (tables[name][tables[name]["status"] == "1"] for name in ("post", "agency"))
    counted = {
        "social_work_talent_total": people["_unit"].value_counts(),
        "certified_total": certified["_unit"].value_counts(),
        **{
            f"certified_level_{n}": certified.loc[certified["highest_level"] == n, "_unit"].value_counts()
            for n in "12"
        },
        "posts": seats["_unit"].value_counts(),
        "agencies": offices["_unit"].value_counts(),
    }
    made = [
        (
            unit,
            "2026-04",
            metric,
            float(counts.get(unit, 0)),
            "1" if metric not in ("posts", "agencies") else "2",
        )
        for unit in places.units.index
        for metric, counts in counted.items()
    ]
    made += [
        (unit, str(YEAR), "lottery_total_yuan", float(rng.integers(30, 400)) * 10_000, "5")
        for unit in places.units.index
    ]
    rows = pd.DataFrame(made, columns=["_unit", "period", "metric", "value", "unit"])
    return rows.assign(breakdown="全部", precision="1", source="花名册")


def townships(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """The townships of the register, but for those that fresh.py keeps for new rows."""
    codes = sorted(set(places.register["township_code"]) - set(places.kept_townships))
    rows = pd.DataFrame({"township_code": codes})
    rows["_unit"] = rows["township_code"].str[:6]
    rows = rows[rows["_unit"].isin(set(places.units.index))].reset_index(drop=True)
    count = len(rows)
    rows["has_sw_station"] = rng.random(count) < 0.8
    rows["supports_agency"] = rng.random(count) < 0.5
    rows["station_staff"] = np.where(rows["has_sw_station"], rng.integers(1, 6, count), 0)
    rows["governance_sw_count"] = rng.integers(0, 4, count)
    rows["service_sw_count"] = rng.integers(0, 4, count)
    return rows
