"""A defect for every row rule, reference and code to look at twice that a full roster can carry: agencies, communities,
employers."""

from datetime import date, timedelta

from shegong.sample.fresh import Fresh
from shegong.sample.plant import CLOSED_AGENCY, ONE_UNIT, Plant

_CLOSED = {"status": "2", "close_date": date(2025, 12, 31)}


def plants() -> list[Plant]:
    return _agency() + _community() + _employer()


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
            "agency.closed_with_people",
            "W",
            "status",
            {"org_form": "1"},
            {"uscc": CLOSED_AGENCY, "status": "2", "close_date": date(2026, 3, 31)},
            unit=ONE_UNIT,
        ),
        Plant(
            "agency.reg_area_unknown",
            "W",
            "uscc",
            {"org_form": "1"},
            lambda row, fresh: {"uscc": fresh.code("52", "440106"), "status": "4"},
        ),
        Plant(
            "agency.certified_against_roster",
            "W",
            "staff_certified",
            set=lambda row, fresh: {
                "uscc": fresh.code("51", row["_unit"]),
                "org_form": "2",
                "status": "1",
                "staff_total": 9,
                "staff_qualified": 9,
                "staff_certified": 8,
            },
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
        Plant(
            "community.closed_before_opened",
            "E",
            "close_date",
            set={"status": "2", "open_date": date(2010, 5, 4), "close_date": date(2009, 1, 1)},
        ),
        Plant(
            "community.merged_into_itself",
            "E",
            "merged_into",
            set=lambda row, fresh: _CLOSED | {"merged_into": row["community_code"]},
        ),
        Plant(
            "community.merged_into_unknown",
            "W",
            "merged_into",
            set=lambda row, fresh: _CLOSED | {"merged_into": f"{row['_unit']}099196"},
        ),
        Plant(
            "community.fund_without_flag",
            "W",
            "fund_yuan",
            set=_CLOSED | {"has_fund": False, "fund_yuan": 800.0},
        ),
        # where the talent roster has somebody at work (talent.community_unknown)
        Plant(
            "community.closed_with_people",
            "W",
            "status",
            {"unit_kind": "1"},
            _CLOSED | {"community_code": f"{ONE_UNIT}099198", "township_code": f"{ONE_UNIT}099"},
            also=(("community.township_unknown", "W", "township_code"),),
            unit=ONE_UNIT,
        ),
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

    def agency_again(row: dict, fresh: Fresh) -> dict:
        agency = fresh.rows_of("agency", row["_unit"], {"org_form": "4", "status": "1"})
        agency = agency if len(agency) else fresh.rows_of("agency", row["_unit"], {"status": "1"})
        return {"employer_id": agency["uscc"].iat[0]}

    return [
        Plant("employer.named_otherwise", "W", "employer_name", {"employer_type": "07"}, agency_again),
        Plant(
            "employer.professional_over_posts",
            "E",
            "sw_pt_posts",
            pick,
            {"sw_pt_posts": 5, "sw_posts": 4, "total_pt_posts": 20},
        ),
        Plant(
            "employer.professional_over_total",
            "E",
            "sw_pt_posts",
            pick,
            {"sw_pt_posts": 5, "sw_posts": 6, "total_pt_posts": 4},
        ),
    ]
