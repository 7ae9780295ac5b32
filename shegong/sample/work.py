"""Invented posts, projects with their staff and labour cost, and funding."""

import numpy as np
import pandas as pd

from shegong.sample.people import FIRST_DAY, NAT
from shegong.sample.places import PROVINCE_UNIT, Places

TITLES = {
    5: "高级社会工作师一级",
    6: "高级社会工作师二级",
    7: "高级社会工作师三级",
    8: "社会工作师一级",
    9: "社会工作师二级",
    10: "社会工作师三级",
    11: "助理社会工作师一级",
    12: "助理社会工作师二级",
}
_GRADES = {"0": (11, 12), "1": (11, 12), "2": (8, 9, 10), "3": (5, 6, 7)}


def level_of(grade: int) -> str:
    """Certificate level that a post of this grade asks for (clause 八)."""
    return "3" if grade <= 7 else "2" if grade <= 10 else "1"


def posts(
    places: Places, people: pd.DataFrame, employers: pd.DataFrame, total: int, rng: np.random.Generator
) -> pd.DataFrame:
    """`total` seats in being, exactly, and about 3% that were given up."""
    counts = places.allot(total, minimum=6)
    made = []
    staff = people[people["status"] == "1"]
    by_unit = dict(iter(staff.groupby("_unit")))
    institutions = dict(iter(employers[employers["employer_type"] == "03"].groupby("_unit")))
    for unit, count in counts.items():
        part = by_unit[unit].sample(frac=1, random_state=int(rng.integers(1 << 31)))
        certified = part["highest_level"] != "0"
        own, rest = (
            part[(part["employer_type"] == "03") & certified],
            part[part["employer_type"].isin(["04", "05"])],
        )
        ranked = int(count * 0.22)
        made += _ranked_seats(unit, own, institutions[unit], ranked, rng)
        made += _other_seats(unit, rest, count - ranked, rng)
    rows = pd.DataFrame(made)
    rows["status"] = "1"
    gone = rows.sample(frac=0.03, random_state=int(rng.integers(1 << 31))).assign(
        status="2", id_type=None, id_no=None, person_name=None
    )
    rows = pd.concat([rows, gone], ignore_index=True)
    rows["post_no"] = "G" + (rows.groupby("employer_id").cumcount() + 1).astype(str).str.zfill(4)
    rows["slot_no"] = 1
    rows["set_date"] = np.datetime64("2015-01-01") + rng.integers(0, 3900, len(rows))
    appointed = np.datetime64("2023-01-01") + rng.integers(0, 1150, len(rows))
    rows["appoint_date"] = np.where(
        rows["id_no"].notna(), np.maximum(appointed, rows["set_date"].to_numpy()), NAT
    )
    return rows


def _ranked_seats(
    unit: str, staff: pd.DataFrame, houses: pd.DataFrame, count: int, rng: np.random.Generator
) -> list[dict]:
    """Seats with a grade in institutions. Nine in ten fit the holder; some ask for more than the holder has
    (a breach).
    """
    made = []
    holders = staff[["id_type", "id_no", "person_name", "highest_level", "employer_id"]].to_dict("records")
    for at in range(count):
        holder = holders[at] if at < len(holders) and rng.random() > 0.1 else None
        level = holder["highest_level"] if holder else str(rng.integers(1, 4))
        if holder and rng.random() < 0.1:
            level = str(min(int(level) + 1, 3))
        grade = int(rng.choice(_GRADES[level]))
        seat = {"_unit": unit, "employer_type": "03", "is_professional": True, "post_grade": grade}
        seat |= {"post_title": TITLES[grade], "required_level": level_of(grade), "post_name": "社会工作岗位"}
        seat["employer_id"] = (
            holder["employer_id"] if holder else houses["employer_id"].iat[int(rng.integers(len(houses)))]
        )
        made.append(seat | _holder(holder))
    return made


def _other_seats(unit: str, staff: pd.DataFrame, count: int, rng: np.random.Generator) -> list[dict]:
    made = []
    records = staff[
        ["id_type", "id_no", "person_name", "employer_type", "employer_id", "community_code"]
    ].to_dict("records")
    for at in range(count):
        place = records[at % len(records)]
        holder = place if at < len(records) and rng.random() > 0.12 else None
        seat = {
            "_unit": unit,
            "is_professional": bool(rng.random() < 0.3),
            "post_name": "社区社工" if place["employer_type"] == "04" else "项目社工",
        }
        seat |= {name: place[name] for name in ("employer_type", "employer_id", "community_code")}
        made.append(seat | _holder(holder))
    return made


def _holder(person: dict | None) -> dict:
    return {name: person[name] if person else None for name in ("id_type", "id_no", "person_name")}


def projects(places: Places, agencies: pd.DataFrame, total: int, rng: np.random.Generator) -> pd.DataFrame:
    """Most budgets keep labour at or under 70%, one lies exactly on it, about one in nine is above."""
    counts = places.allot(total, minimum=5, province_share=0.02)
    rows = pd.DataFrame({"_unit": np.repeat(counts.index.to_numpy(), counts.to_numpy())})
    count = len(rows)
    offices = {
        unit: part["uscc"].to_numpy() for unit, part in agencies[agencies["status"] == "1"].groupby("_unit")
    }
    rows["provider_id"] = [rng.choice(offices[unit]) for unit in rows["_unit"]]
    number = (rows.groupby("_unit").cumcount() + 1).astype(str).str.zfill(4)
    rows["project_no"] = "XM" + number
    rows["contract_no"] = "HT2025" + number
    name = rows["_unit"].map(places.units["name"])
    rows["domain"] = rng.choice([f"{n:02d}" for n in range(1, 17)], count)
    rows["title"] = (
        name
        + rng.choice(["社区社工站运营", "困难家庭帮扶", "青少年关爱", "禁毒社会工作", "老年人服务"], count)
        + "项目"
        + number
    )
    rows["is_purchased"] = rng.random(count) < 0.88
    rows["purchaser_name"] = np.where(rows["is_purchased"], name + "民政局", None)
    rows["function"] = rng.choice(["1", "2", "3", "4", "9"], count)
    rows["theme"] = rng.choice(["1", "2", "3", "4", "9"], count)
    rows["fund_source"] = rng.choice(["1", "2", "3"], count, p=[0.7, 0.25, 0.05])
    rows["method"] = np.where(rows["is_purchased"], rng.choice(list("13568"), count), None)
    rows["start_date"] = np.datetime64("2025-01-10") + rng.integers(0, 440, count)
    rows["sign_date"] = rows["start_date"] - pd.Timedelta(days=9)
    rows["end_date"] = rows["start_date"] + pd.to_timedelta(
        rng.choice([180, 364, 729], count, p=[0.15, 0.65, 0.2]), unit="D"
    )
    rows["budget_yuan"] = rng.integers(50, 3000, count) * 200.0
    share = np.where(rng.random(count) < 0.11, rng.integers(71, 88, count), rng.integers(45, 70, count))
    rows["budget_labour_yuan"] = np.where(rows["is_purchased"], rows["budget_yuan"] * share / 100, np.nan)
    bought = rows.index[rows["is_purchased"]][0]
    rows.loc[bought, ["budget_yuan", "budget_labour_yuan"]] = [120_000.0, 84_000.0]
    rows["contract_yuan"] = rows["budget_yuan"]
    rows["persons_served"] = rng.integers(20, 900, count)
    rows["service_times"] = rows["persons_served"] * 3
    rows["status"] = np.where(rows["end_date"] < FIRST_DAY, "2", "1")
    rows["settled_yuan"] = np.where(rows["status"] == "2", rows["budget_yuan"], np.nan)
    rows["eval_score"] = np.where(rows["status"] == "2", rng.integers(70, 99, count) + 0.5, np.nan)
    return rows


def project_staff(
    people: pd.DataFrame, certificates: pd.DataFrame, projects: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Three to five a project: most hold a certificate and a registration; the rest show the four breaches
    of clause 五.
    """
    current = certificates[certificates["reg_kind"].isin(["1", "2"]) & (certificates["cert_status"] == "1")]
    current = current.merge(people[["id_no", "_certified"]], on="id_no")
    good = dict(iter(current[current["reg_valid_to"] > np.datetime64("2026-07-01")].groupby("_unit")))
    lapsed = dict(iter(current[current["reg_valid_to"] < FIRST_DAY].groupby("_unit")))
    unregistered = dict(
        iter(
            certificates[(certificates["reg_kind"] == "0") & (certificates["cert_status"] == "1")].groupby(
                "_unit"
            )
        )
    )
    bare = dict(iter(people[(people["highest_level"] == "0") & (people["status"] == "1")].groupby("_unit")))
    made, foreign = [], certificates["cert_mgmt_no"].to_numpy()
    for project in projects[["_unit", "project_no", "start_date", "end_date"]].itertuples(index=False):
        unit, used = project[0], set()
        for at in range(int(rng.integers(3, 6))):
            kind = rng.choice(
                ["good", "bare", "unregistered", "lapsed", "foreign", "helper"],
                p=[0.76, 0.05, 0.05, 0.03, 0.02, 0.09],
            )
            pool = {"bare": bare, "unregistered": unregistered, "lapsed": lapsed, "helper": bare}.get(
                kind, good
            ).get(unit)
            if pool is None or not len(pool):
                continue
            fits = pool[pool["reg_date"] <= project.start_date] if kind == "good" else pool
            person = (fits if len(fits) else pool).iloc[int(rng.integers(len(fits) or len(pool)))]
            if person["id_no"] in used:
                continue
            used.add(person["id_no"])
            says = kind == "foreign" or (kind not in ("bare", "helper") and at % 2)
            made.append(
                {
                    "_unit": unit,
                    "project_no": project.project_no,
                    "id_type": person["id_type"],
                    "id_no": person["id_no"],
                    "person_name": person["person_name"],
                    "as_social_worker": kind != "helper",
                    "role": "3" if kind == "helper" else "2" if at == 4 else "1",
                    "cert_mgmt_no": (rng.choice(foreign) if kind == "foreign" else person["cert_mgmt_no"])
                    if says
                    else None,
                    "start_date": project.start_date,
                    "end_date": min(project.end_date, pd.Timestamp("2026-04-30")) if at == 3 else pd.NaT,
                }
            )
    return pd.DataFrame(made)


def labour_costs(projects: pd.DataFrame, staff: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The first quarter of each project that runs, the whole of each that has ended: 61% of its money."""
    ended = (projects["status"] == "2").to_numpy()
    rows = projects[["_unit", "project_no"]].copy()
    rows["period"] = np.where(ended, "结项", "2026Q1")
    base = np.round(projects["budget_yuan"].to_numpy() * np.where(ended, 0.45, 0.12))
    rows["sw_wage_yuan"], rows["sw_social_insurance_yuan"] = base, np.round(base * 0.25, 2)
    rows["sw_housing_fund_yuan"], rows["sw_other_yuan"] = np.round(base * 0.08, 2), np.round(base * 0.02, 2)
    parts = ["sw_wage_yuan", "sw_social_insurance_yuan", "sw_housing_fund_yuan", "sw_other_yuan"]
    rows["labour_total_yuan"] = rows[parts].sum(axis=1).round(2)
    rows["other_staff_cost_yuan"], rows["nonstaff_cost_yuan"] = (
        np.round(base * 0.1, 2),
        np.round(base * 0.3, 2),
    )
    workers = staff[staff["as_social_worker"]].groupby(["_unit", "project_no"])["id_no"].nunique()
    known = workers.reindex(pd.MultiIndex.from_frame(rows[["_unit", "project_no"]])).fillna(0).to_numpy()
    rows["paid_headcount"] = np.minimum(rng.integers(2, 6, len(rows)), known)
    return rows


def funding(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """Last year's money beside this year's, so that growth is known; a few units gave no lottery money last
    year.
    """
    made = []
    for at, unit in enumerate(places.units.index):
        weight = max(places.units.at[unit, "population"] / 700_000, 0.3) if unit != PROVINCE_UNIT else 8.0
        for year in (2025, 2026):
            for source, level, usage in (
                ("1", "4", "1"),
                ("1", "4", "2"),
                ("1", "3", "3"),
                ("1", "4", "3"),
                ("1", "5", "1"),
                ("1", "2", "4"),
                ("2", "4", "1"),
                ("2", "2", "5"),
                ("3", "0", "1"),
                ("4", "0", "9"),
            ):
                if source == "2" and year == 2025 and at % 30 == 7:
                    continue
                amount = float(
                    round(rng.uniform(20, 90) * weight)
                    * 1000
                    * (1 if year == 2025 else rng.uniform(0.9, 1.3))
                )
                made.append((unit, year, source, level, usage, round(amount, 2)))
    rows = pd.DataFrame(made, columns=["_unit", "year", "source_type", "level", "usage", "budget_yuan"])
    this_year = (rows["year"] == 2026).to_numpy()
    rows["batch_no"] = (
        "财社〔" + rows["year"].astype(str) + "〕" + (rows.groupby("_unit").cumcount() + 1).astype(str) + "号"
    )
    rows["is_special_fund"] = rows["source_type"] == "3"
    rows["received_yuan"] = np.round(rows["budget_yuan"] * np.where(this_year, 0.4, 1.0), 2)
    rows["carried_over_yuan"] = np.where(rows["usage"] == "1", 5000.0, 0.0)
    rows["spent_yuan"] = np.round(rows["received_yuan"] * np.where(this_year, 0.6, 0.97), 2)
    rows["donor_name"] = np.where(rows["source_type"] == "3", "浙江省慈善联合总会", None)
    rows["book_date"] = np.where(this_year, np.datetime64("2026-04-20"), np.datetime64("2025-12-18"))
    return rows
