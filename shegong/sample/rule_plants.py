"""A defect for every row rule, reference and code to look at twice that a full roster can carry."""

from datetime import date, timedelta

from shegong.sample.fresh import Fresh
from shegong.sample.plant import Plant

_CLOSED = {"status": "2", "close_date": date(2025, 12, 31)}
_LABOUR_PARTS = ("sw_wage_yuan", "sw_social_insurance_yuan", "sw_housing_fund_yuan", "sw_other_yuan")


def common(table: str) -> list[Plant]:
    """The rules that every table has, as far as they apply to rosters."""
    return [
        Plant(
            f"{table}.effective_after_report",
            "E",
            "effective_date",
            set={"effective_date": date(2026, 5, 20)},
        ),
        Plant(f"{table}.remark_with_number", "E", "remark", set={"remark": "联系 13905710000"}),
        Plant(f"{table}.duplicate_key", "E", None, keep_key=True, at_end=True),
    ]


def special() -> list[Plant]:
    return (
        _talent() + _certificate() + _agency() + _post() + _community() + _employer() + _project() + _money()
    )


def _talent() -> list[Plant]:
    def born(year: int, **more: object):
        return lambda row, fresh: fresh.person(f"{year}-02-03") | {"start_month": None} | more

    return [
        Plant(
            "talent.community_elsewhere",
            "E",
            "community_code",
            {"employer_type": "04"},
            _community_of_another,
        ),
        Plant("talent.start_before_16", "W", "start_month", set=born(1990, start_month=date(2004, 1, 1))),
        Plant("talent.age_in_post", "W", "status", set=born(1950)),
        Plant("talent.sex.number", "W", "sex", set=lambda row, fresh: fresh.person(sex="2") | {"sex": "1"}),
        Plant(
            "talent.birth_date.number",
            "E",
            "birth_date",
            set=lambda row, fresh: fresh.person("1988-08-08") | {"birth_date": date(1988, 8, 18)},
        ),
        Plant("talent.service_domain.warn_code", "W", "service_domain", set={"service_domain": "99"}),
        Plant(
            "talent.community_unknown",
            "W",
            "community_code",
            {"employer_type": "04"},
            lambda row, fresh: dict.fromkeys(("community_code", "employer_id"), f"{row['_unit']}099198"),
        ),
        Plant(
            "talent.agency_unknown",
            "W",
            "employer_id",
            {"employer_type": "05"},
            lambda row, fresh: {"employer_id": fresh.code("52", row["_unit"])},
        ),
    ]


def _community_of_another(row: dict, fresh: Fresh) -> dict:
    register = fresh.world.places.register
    other = register[register["county_code"] != row["_unit"]].iloc[int(fresh.world.rng.integers(20_000))]
    return {"community_code": other["community_code"]}


def _certificate() -> list[Plant]:
    def later(**days: int):
        return lambda row, fresh: {
            name: row["reg_date"] + timedelta(days=count) for name, count in days.items()
        }

    def late_first(row: dict, fresh: Fresh) -> dict:
        begin = row["approve_date"] + timedelta(days=500)
        return {"reg_date": begin, "reg_valid_to": begin + timedelta(days=1094)}

    return [
        Plant(
            "certificate.number_length",
            "W",
            "cert_mgmt_no",
            set=lambda row, fresh: {"cert_mgmt_no": f"3301{fresh.world.rng.integers(10**7, 10**8)}"},
        ),
        Plant(
            "certificate.exam_year_future",
            "E",
            "exam_year",
            {"reg_kind": "0"},
            {"exam_year": 2027},
            also=(("certificate.approval_year", "W", "approve_date"),),
        ),
        Plant(
            "certificate.approval_year",
            "W",
            "approve_date",
            {"reg_kind": "0", "cert_level": "1"},
            lambda row, fresh: {"approve_date": date(row["exam_year"] + 2, 3, 1)},
        ),
        Plant("certificate.validity_far", "E", "reg_valid_to", {"reg_kind": "1"}, later(reg_valid_to=1826)),
        Plant("certificate.validity_off", "W", "reg_valid_to", {"reg_kind": "1"}, later(reg_valid_to=1120)),
        Plant("certificate.first_registration_late", "W", "reg_date", {"reg_kind": "1"}, late_first),
        Plant("certificate.hours_short", "W", "ce_hours", {"reg_kind": "2"}, {"ce_hours": 10.5}),
        Plant(
            "certificate.person_unknown",
            "W",
            "id_no",
            {"reg_kind": "0"},
            lambda row, fresh: fresh.person("1979-04-05"),
        ),
    ]


def _agency() -> list[Plant]:
    return [
        Plant("agency.form_against_code", "E", "org_form", {"org_form": "1"}, {"org_form": "3"}),
        Plant(
            "agency.institution_code",
            "W",
            "uscc",
            set=lambda row, fresh: {"uscc": fresh.code("12", row["_unit"]), "status": "4"},
        ),
        Plant(
            "agency.closed_before_founded",
            "E",
            "close_date",
            set={"status": "2", "found_date": date(2010, 5, 4), "close_date": date(2009, 1, 1)},
        ),
        Plant(
            "agency.certified_over_qualified",
            "E",
            "staff_certified",
            set=lambda row, fresh: {"staff_certified": row["staff_qualified"] + 1},
        ),
        Plant(
            "agency.qualified_over_total",
            "E",
            "staff_qualified",
            set=lambda row, fresh: {"staff_qualified": row["staff_total"] + 1},
        ),
        Plant(
            "agency.few_qualified",
            "W",
            "staff_qualified",
            set=lambda row, fresh: {
                "uscc": fresh.code("51", row["_unit"]),
                "org_form": "2",
                "status": "1",
                "staff_total": 40,
                "staff_qualified": 5,
                "staff_certified": 2,
            },
        ),
        Plant(
            "agency.main_domains.warn_code",
            "W",
            "main_domains",
            set={"main_domains": "01,99", "status": "4"},
        ),
        Plant(
            "agency.large_capital",
            "W",
            "reg_capital_wan_yuan",
            set={"reg_capital_wan_yuan": 20_000.0, "status": "4"},
        ),
        Plant(
            "agency.recognition_by_county",
            "W",
            "recognition_no",
            set={
                "recognition_no": "浙民〔2024〕1号",
                "influence_field": "1",
                "recognition_date": date(2024, 5, 6),
                "status": "4",
            },
        ),
    ]


def _post() -> list[Plant]:
    empty = {"id_type": None, "id_no": None, "person_name": None, "status": "2"}
    return [
        Plant(
            "post.community_elsewhere", "E", "community_code", {"employer_type": "04"}, _community_of_another
        ),
        Plant(
            "post.grade_thirteen",
            "W",
            "post_grade",
            {"employer_type": "03"},
            empty | {"post_grade": 13, "post_title": None, "required_level": None},
        ),
        Plant(
            "post.title_against_grade",
            "E",
            "post_title",
            {"employer_type": "03"},
            lambda row, fresh: {
                "post_title": "社会工作师一级" if row["post_grade"] != 8 else "社会工作师二级"
            },
        ),
        Plant(
            "post.level_against_grade",
            "E",
            "required_level",
            {"employer_type": "03"},
            lambda row, fresh: {"required_level": "1" if row["required_level"] != "1" else "2"},
        ),
        Plant(
            "post.holder_unknown",
            "W",
            "id_no",
            {"employer_type": "05"},
            lambda row, fresh: fresh.person("1981-06-07") | {"status": "2"},
        ),
        Plant(
            "post.community_unknown",
            "W",
            "community_code",
            {"employer_type": "04"},
            lambda row, fresh: (
                empty | dict.fromkeys(("community_code", "employer_id"), f"{row['_unit']}099197")
            ),
        ),
    ]


def _community() -> list[Plant]:
    def of_another(row: dict, fresh: Fresh) -> dict:
        register = fresh.world.places.register
        return (
            register[register["county_code"] != row["_unit"]]
            .iloc[7][["community_code", "township_code", "unit_kind"]]
            .to_dict()
        )

    def other_township(row: dict, fresh: Fresh) -> dict:
        register = fresh.world.places.register
        own = register[
            (register["county_code"] == row["_unit"]) & (register["township_code"] != row["township_code"])
        ]
        return {"township_code": own["township_code"].iloc[0]}

    def unknown_township(row: dict, fresh: Fresh) -> dict:
        return _CLOSED | {
            "township_code": f"{row['_unit']}098",
            "community_code": f"{row['_unit']}098001",
            "unit_kind": "1",
        }

    return [
        Plant("community.community_elsewhere", "E", "community_code", set=of_another),
        Plant("community.township_prefix", "E", "township_code", set=other_township),
        # closed ones, so that the numbers of the real register stay
        Plant(
            "community.kind_against_code",
            "W",
            "unit_kind",
            set=lambda row, fresh: _CLOSED | {"unit_kind": "9" if row["unit_kind"] != "9" else "1"},
        ),
        Plant("community.large_population", "W", "population", set=_CLOSED | {"population": 150_000}),
        Plant("community.township_unknown", "W", "township_code", set=unknown_township),
        Plant(
            "community.closed_before_opened",
            "E",
            "close_date",
            set=lambda row, fresh: _CLOSED | {"open_date": _CLOSED["close_date"] + timedelta(days=1)},
        ),
        Plant(
            "community.merged_into_itself",
            "E",
            "merged_into",
            set=lambda row, fresh: _CLOSED | {"merged_into": row["community_code"]},
        ),
        Plant(
            "community.merged_into_unknown", "W", "merged_into", set=_CLOSED | {"merged_into": "330106098098"}
        ),
        Plant(
            "community.fund_without_flag",
            "W",
            "fund_yuan",
            set=_CLOSED | {"has_fund": False, "fund_yuan": 100.0},
        ),
    ]


def _employer() -> list[Plant]:
    pick = {"is_main_sw_unit": True}
    return [
        Plant(
            "employer.professional_over_posts",
            "E",
            "sw_pt_posts",
            pick,
            lambda row, fresh: {"sw_posts": row["sw_pt_posts"] - 1},
        ),
        Plant(
            "employer.professional_over_total",
            "E",
            "sw_pt_posts",
            pick,
            lambda row, fresh: {"total_pt_posts": row["sw_pt_posts"] - 1},
        ),
    ]


def _project() -> list[Plant]:
    running = {"status": "1"}
    return [
        Plant("project.domain.warn_code", "W", "domain", set={"domain": "99"}),
        Plant(
            "project.end_before_start",
            "E",
            "end_date",
            set=lambda row, fresh: {"end_date": row["start_date"] - timedelta(days=3)},
        ),
        Plant(
            "project.long_project",
            "W",
            "end_date",
            running,
            lambda row, fresh: {"end_date": row["start_date"] + timedelta(days=1300)},
        ),
        Plant("project.amount_slip", "W", "contract_yuan", set={"contract_yuan": 500.0}),
        Plant(
            "project.provider_unknown",
            "W",
            "provider_id",
            set=lambda row, fresh: {"provider_id": fresh.code("52", row["_unit"])},
        ),
        Plant(
            "project_staff.end_before_start",
            "E",
            "end_date",
            set=lambda row, fresh: {"end_date": row["start_date"] - timedelta(days=3)},
        ),
        Plant("project_staff.project_unknown", "W", "project_no", set={"project_no": "XM9999"}),
        Plant(
            "project_staff.person_unknown",
            "W",
            "id_no",
            {"as_social_worker": True, "cert_mgmt_no": None},
            lambda row, fresh: fresh.person("1985-05-05"),
        ),
    ]


def _money() -> list[Plant]:
    def no_insurance(row: dict, fresh: Fresh) -> dict:
        total = sum(row[part] for part in _LABOUR_PARTS) - row["sw_social_insurance_yuan"]
        return {"sw_social_insurance_yuan": 0.0, "labour_total_yuan": round(total, 2)}

    return [
        Plant(
            "labour_cost.total_against_sum",
            "E",
            "labour_total_yuan",
            set=lambda row, fresh: {"labour_total_yuan": row["labour_total_yuan"] + 1},
        ),
        Plant("labour_cost.insurance_missing", "W", "sw_social_insurance_yuan", set=no_insurance),
        Plant("labour_cost.project_unknown", "W", "project_no", set={"project_no": "XM9998"}),
        Plant(
            "funding.spent_over_money",
            "E",
            "spent_yuan",
            set=lambda row, fresh: {
                "spent_yuan": round(row["received_yuan"] + row["carried_over_yuan"] + 100, 2)
            },
        ),
        Plant(
            "funding.received_over_budget",
            "W",
            "received_yuan",
            {"source_type": "4"},
            lambda row, fresh: {"received_yuan": round(row["budget_yuan"] * 1.5, 2)},
        ),
        Plant("funding.project_unknown", "W", "project_no", set={"project_no": "XM9997"}),
        Plant("funding.year_future", "E", "year", set={"year": 2027}),
    ]
