"""A defect for every row rule, reference and code to look at twice that a full roster can carry: a year's tables and
totals."""

from shegong.sample.fresh import Fresh
from shegong.sample.places import PROVINCE_UNIT
from shegong.sample.plant import Plant


def plants() -> list[Plant]:
    return _organisations() + _exams() + _totals()


def _organisations() -> list[Plant]:
    tables = ("agency_year", "employer_year", "pay", "evaluation", "exam_incentive")
    future = [Plant(f"{table}.year_future", "E", "year", set={"year": 2027}) for table in tables]

    def new_employer(row: dict, fresh: Fresh) -> dict:
        return {"employer_id": fresh.code("12", row["_unit"])}

    unknown = [
        Plant(f"{table}.employer_unknown", "W", "employer_id", set=new_employer)
        for table in ("employer_year", "pay", "evaluation")
    ]
    return [
        *future,
        *unknown,
        Plant("agency_year.agency_unknown", "W", "uscc", set=lambda row, fresh: {"uscc": fresh.code("52", row["_unit"])}),
        Plant("agency_year.certified_over_total", "E", "staff_certified", set=lambda row, fresh: {"staff_certified": row["staff_total"] + 1}),
        Plant("agency_year.hours_without_volunteers", "W", "volunteers_used", set={"volunteers_used": 0}),
        Plant("employer_year.social_work_over_all", "E", "recruited_sw", set=lambda row, fresh: {"recruited_sw": row["recruited"] + 1}),
        Plant("employer_year.priority_over_social_work", "E", "recruited_priority", set=lambda row, fresh: {"recruited_priority": row["recruited_sw"] + 1}),
        Plant("pay.part_over_headcount", "E", "headcount", set=lambda row, fresh: {"formal_count": row["headcount"] + 1}),
        Plant("pay.median_slip", "W", "median_gross_yuan", set={"median_gross_yuan": 120_000.0}),
        Plant("pay.allowance_slip", "W", "allowance_yuan_month", set={"allowance_yuan_month": 12_000.0}),
        Plant("evaluation.grades_against_total", "E", "evaluated", set=lambda row, fresh: {"evaluated": row["evaluated"] + 3}),
        Plant("volunteer_org.area_elsewhere", "E", "area_code", set=lambda row, fresh: {"area_code": "330102" if row["_unit"] != "330102" else "330106"}),
        Plant("volunteer_org.area_unknown", "W", "area_code", set={"area_code": "330103"}, unit=PROVINCE_UNIT),
        Plant("volunteer_org.professionals_against_flag", "E", "professionals", set={"has_professional": True, "professionals": 0}),
    ]  # fmt: skip


def _exams() -> list[Plant]:
    whole = {"source_group": "0", "cert_level": "1"}
    return [
        Plant("exam.year_future", "E", "exam_year", set={"exam_year": 2027}),
        Plant("exam.sat_over_applicants", "E", "sat", whole, lambda row, fresh: {"sat": row["applicants"] + 1}),
        Plant("exam.passed_over_sat", "E", "passed", whole, lambda row, fresh: {"passed": row["sat"] + 1}),
        Plant("exam.heads_over_applicants", "E", "heads_sat", whole, lambda row, fresh: {"heads_sat": row["applicants"] + 1}),
        Plant("exam.review_below_senior", "E", "review_applied", whole, {"review_applied": 2, "review_passed": 1}),
        Plant("exam.review_over_applied", "E", "review_passed", {"source_group": "0", "cert_level": "3"}, {"review_applied": 1, "review_passed": 2}),
        # the year has parts of the first day, and no total that fits
        _second_total(),
        Plant("exam_incentive.money_without_people", "W", "yuan", set={"people": 0}),
        Plant("exam_incentive.amount_slip", "W", "yuan", set=lambda row, fresh: {"yuan": row["people"] * 120_000.0}),
    ]  # fmt: skip


def _second_total() -> Plant:
    """One more source in the year of a total, which then is not their sum; the total is blamed for it."""
    pick = {"source_group": "5", "cert_level": "1"}
    return Plant("exam.groups_against_total", "", None, pick, {"source_group": "9", "exam_year": 2025})


def _totals() -> list[Plant]:
    return [
        Plant("summary.period_future", "E", "period", set={"period": "2027"}),
        Plant("summary.unit_against_metric", "W", "unit", {"metric": "posts"}, {"unit": "1"}),
        Plant("summary.metric.warn_code", "W", "metric", {"metric": "posts"}, {"metric": "other"}),
        Plant("summary.differs_from_rosters", "W", "value", {"metric": "posts"},
              lambda row, fresh: {"breakdown": "全部", "period": "2026-05", "value": row["value"] * 2}),
        Plant("township.township_elsewhere", "E", "township_code", set=lambda row, fresh: {"township_code": "330102001" if row["_unit"] != "330102" else "330106001"}),
        Plant("township.staff_without_station", "W", "station_staff", set={"has_sw_station": False, "station_staff": 3}),
        Plant("township.township_unknown", "W", "township_code", set=lambda row, fresh: {"township_code": f"{row['_unit']}098"}),
    ]  # fmt: skip
