"""Invented agencies, employers and the attributes of the real communities."""

import numpy as np
import pandas as pd

from shegong.sample.identity import Identities
from shegong.sample.places import PROVINCE_UNIT, Places

_NAMES = np.array(list("益阳光心联爱和暖阳晨曦善水同行青禾仁和康乐知行安馨星火"))
_KINDS = np.array(["社会工作服务中心", "社会服务中心", "社工事务所", "公益服务中心"])
_EXTRA_FORMS = (("2", "51", "社会工作协会"), ("4", "91", "社会服务有限公司"), ("1", "52", "社会工作服务中心"))


def agencies(places: Places, who: Identities, total: int) -> pd.DataFrame:
    """`total` 社会服务机构 in being (org_form 1, status 1), exactly, and about a tenth besides of other
    forms or states.
    """
    rng = who.rng
    counts = places.allot(total, province_share=0.02)
    units = np.repeat(counts.index.to_numpy(), counts.to_numpy())
    extra = rng.choice(places.counties, max(total // 10, 6))
    rows = pd.DataFrame({"_unit": np.concatenate([units, extra])})
    count, first_extra = len(rows), len(units)
    rows["org_form"], rows["status"] = "1", "1"
    forms = [_EXTRA_FORMS[at % 3] for at in range(len(extra))]
    rows.loc[first_extra:, "org_form"] = [form[0] for form in forms]
    rows.loc[first_extra:, "status"] = [
        ("1", "1", ("2", "3", "4")[at % 9 // 3])[at % 3] for at in range(len(extra))
    ]
    heads = ["52"] * first_extra + [form[1] for form in forms]
    rows["uscc"] = [who.credit_code(head, unit) for head, unit in zip(heads, rows["_unit"], strict=True)]
    short = rows["_unit"].map(places.units["name"]).str.replace("浙江省本级", "浙江省")
    marks = np.char.add(rng.choice(_NAMES, count), rng.choice(_NAMES, count))
    kinds = np.where(
        np.arange(count) < first_extra,
        rng.choice(_KINDS, count),
        [None] * first_extra + [f[2] for f in forms],
    )
    rows["agency_name"] = short + marks + kinds
    of_province = rows["_unit"] == PROVINCE_UNIT
    rows["reg_level"] = np.where(of_province, "1", "3")
    rows["reg_unit"] = np.where(of_province, "浙江省民政厅", short + "民政局")
    # associations of a city, which no county registers
    of_city = (np.arange(count) >= first_extra) & (np.arange(count) % 6 == first_extra % 6)
    rows.loc[of_city, "reg_level"] = "2"
    rows.loc[of_city, "reg_unit"] = rows.loc[of_city, "_unit"].map(places.units["city_name"]) + "民政局"
    rows["authority"] = rows["reg_unit"]
    founded = np.datetime64("2008-01-01") + rng.integers(0, 6200, count)
    rows["found_date"] = founded
    closed = rows["status"].isin(["2", "3"]).to_numpy()
    rows["close_date"] = np.where(closed, np.datetime64("2025-06-30"), np.datetime64("NaT"))
    rows["main_domains"] = rng.choice(["01,05", "14", "02,15", "16"], count)
    rows["reg_capital_wan_yuan"] = rng.choice([3.0, 5.0, 10.0, 30.0, 52.5], count)
    rows["eval_grade"] = rng.choice(["00", "3A", "4A", "5A"], count, p=[0.6, 0.25, 0.1, 0.05])
    rows["check_result"], rows["check_year"] = "1", 2025
    rows["founder_type"] = rng.choice(["1", "2", "3", "4", "9"], count)
    helped = rng.random(count) < 0.3
    for name, most in (("office_m2", 120), ("site_m2", 400), ("start_fund_yuan", 50_000)):
        rows[name] = np.where(helped, np.round(rng.uniform(most / 4, most, count), 0), np.nan)
    rows["is_industry_body"] = rows["org_form"] == "2"
    rows["member_count"] = np.where(rows["is_industry_body"], rng.integers(20, 300, count), np.nan)
    return _recognise(rows)


def with_certified(rows: pd.DataFrame, people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Staff of each agency, of whom those are certified that the talent roster names."""
    at_work = people[(people["status"] == "1") & (people["highest_level"] != "0")]
    certified = rows["uscc"].map(at_work.groupby("employer_id").size()).fillna(0).astype(int)
    qualified = certified + rng.integers(1, 6, len(rows))
    total = qualified + rng.integers(0, qualified + 1)
    return rows.assign(staff_total=total, staff_qualified=qualified, staff_certified=certified)


def _recognise(rows: pd.DataFrame) -> pd.DataFrame:
    """Six agencies of the province are recognised as of national influence; one of them no longer exists."""
    for name in ("influence_field", "recognition_no"):
        rows[name] = None
    rows["recognition_date"] = np.datetime64("NaT")
    chosen = rows.index[(rows["_unit"] == PROVINCE_UNIT)][:6]
    rows.loc[chosen, "influence_field"] = list("123456")[: len(chosen)]
    rows.loc[chosen, "recognition_no"] = [f"民办发〔2024〕{at + 11}号" for at in range(len(chosen))]
    rows.loc[chosen, "recognition_date"] = np.datetime64("2024-11-20")
    return rows


def employers(places: Places, who: Identities, per_unit: float) -> pd.DataFrame:
    """Institutions (03) of which most are main social-work units, and an organ, a 群团, an enterprise … a
    unit.
    """
    counts = places.allot(int(91 * per_unit), minimum=3, province_share=0.02)
    kinds = (
        ("03", "12", "社会福利中心"),
        ("03", "12", "救助管理站"),
        ("03", "12", "儿童福利院"),
        ("01", "11", "民政局"),
        ("02", "13", "妇女联合会"),
        ("07", "91", "养老服务有限公司"),
        ("06", "51", "慈善总会"),
    )
    made = []
    for unit, count in counts.items():
        name = places.units.at[unit, "name"].replace("浙江省本级", "浙江省")
        for at in range(len(kinds) - 3 + count):
            kind, head, words = kinds[at] if at < len(kinds) else ("03", "12", f"第{at}社会福利院")
            made.append((unit, who.credit_code(head, unit), name + words, kind))
    rows = pd.DataFrame(made, columns=["_unit", "employer_id", "employer_name", "employer_type"])
    return _posts_of_employers(rows, who.rng)


def _posts_of_employers(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count = len(rows)
    institution = (rows["employer_type"] == "03").to_numpy()
    rows["institution_class"] = np.where(institution, rng.choice(["2", "3"], count), None)
    rows["social_org_class"] = np.where(rows["employer_type"] == "06", "3", None)
    rows["has_public_function"] = rows["employer_type"].isin(["01", "02", "03"])
    rows["is_main_sw_unit"] = np.where(institution, rng.random(count) < 0.8, None)
    rows["is_core_post"] = np.where(institution, rng.random(count) < 0.5, None)
    rows["staff_total"] = rng.integers(20, 120, count)
    rows["has_sw_department"] = rng.random(count) < 0.4
    rows["is_posts_in_pt_management"] = np.where(institution, True, np.arange(count) % 3 == 0)
    rows["has_grade_system"] = rng.random(count) < 0.5
    return rows


def with_posts(rows: pd.DataFrame, posts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Posts of each institution: those that the post roster has, 30 to 90% of all its professional ones."""
    count, institution = len(rows), (rows["employer_type"] == "03").to_numpy()
    seats = posts[(posts["status"] == "1") & posts["is_professional"]].groupby("employer_id").size()
    own = rows["employer_id"].map(seats).fillna(0).to_numpy()
    total = np.ceil(own / rng.choice([0.3, 0.5, 0.6, 0.65, 0.7, 0.8, 0.9], count)) + (own == 0) * 10
    return rows.assign(
        total_pt_posts=np.where(institution, total, np.nan),
        sw_pt_posts=np.where(institution, own, np.nan),
        sw_posts=np.where(institution, own + rng.integers(0, 3, count), rng.integers(0, 4, count)),
    )


def communities(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """Every unit of the real register, with invented attributes."""
    rows = places.register.rename(columns={"county_code": "_unit"}).copy()
    count, urban = len(rows), (rows["unit_kind"] == "1").to_numpy()
    rows["population"] = np.where(urban, rng.integers(2000, 12000, count), rng.integers(300, 3500, count))
    rows["households"] = (rows["population"] / 2.7).astype(int)
    rows["has_sw_room"] = rng.random(count) < np.where(urban, 0.7, 0.2)
    rows["sw_room_date"] = np.where(
        rows["has_sw_room"], np.datetime64("2015-01-05") + rng.integers(0, 3800, count), np.datetime64("NaT")
    )
    rows["has_three_linkage"] = rng.random(count) < 0.5
    rows["has_fund"] = rng.random(count) < 0.15
    rows["fund_yuan"] = np.where(rows["has_fund"], np.round(rng.uniform(5000, 200000, count), 2), np.nan)
    rows["has_grade_system"] = urban & (rng.random(count) < 0.6)
    rows["heads_total"] = rng.integers(1, 4, count)
    rows["staff_total"] = np.where(urban, rng.integers(6, 25, count), rng.integers(2, 9, count))
    rows["status"] = "1"
    return rows
