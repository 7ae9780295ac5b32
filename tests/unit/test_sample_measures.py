"""The sample holds rows for each measure of the policy paper, with the edges that its rules turn on."""

from datetime import date

import pandas as pd
import pytest

from shegong import contract
from shegong.sample import world
from shegong.sample.submission import DAYS

COUNTS_TO_HOURS = {"1", "3"}


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return world.build("2018", 20260506).tables


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("training_session", "kind", "123456"),
        ("training_session", "audience", "123"),
        ("training_session", "level", "12345"),
        ("training_session", "mode", "123"),
        ("supervisor", "origin", "12"),
        ("exam", "exam_year", [2024, 2025]),
        ("exam", "source_group", "012345"),
        ("exam_incentive", "kind", "1234"),
        ("exam_incentive", "has_policy", [True, False]),
        ("funding", "year", [2025, 2026]),
        ("funding", "source_type", "1234"),
        ("funding", "level", "02345"),
        ("funding", "usage", "123459"),
        ("service_request", "outcome", ["1", "2", "3", "4", None]),
        ("service_request", "channel", "12349"),
        ("task", "department", "1234569"),
        ("pairing", "status", "12"),
        ("agency", "reg_level", "123"),
        ("agency", "status", "1234"),
        ("agency", "influence_field", ["1", "2", "3", "4", "5", "6", None]),
        ("pay", "cert_level", "0123"),
        ("volunteer_org", "has_professional", [True, False]),
        ("township", "has_sw_station", [True, False]),
        ("township", "supports_agency", [True, False]),
        ("project", "domain", [f"{n:02d}" for n in range(1, 17)]),
        ("event", "level", "1234"),
    ],
)
def test_each_code_that_a_measure_breaks_down_by_is_there(tables, table, column, values):
    assert set(tables[table][column]) == set(values)


def test_events_of_every_kind_of_the_paper(tables):
    known = contract.code_lists()["event_type"].codes
    assert set(tables["event"]["event_type"]) == set(known) - {"9999"}
    schools = tables["event"][tables["event"]["event_type"].isin(["0306", "0307"])]["organiser_id"]
    assert schools.nunique() > 60


def test_some_states_are_over_and_others_last(tables):
    states = tables["event"]["valid_to"].dropna()
    assert (states < DAYS[0]).any()
    assert (states > DAYS[-1]).any()


def test_hours_reach_exactly_120_and_fall_short(tables):
    key = ["_unit", "session_no"]
    sessions = tables["training_session"]
    counted = sessions[sessions["kind"].isin(COUNTS_TO_HOURS)][key]
    came = tables["training_attendance"].merge(counted, on=key)
    hours = came[came["passed"].eq(True)].groupby(["id_type", "id_no"])["hours"].sum()
    assert {120.0, 84.0} <= set(hours)
    assert (hours > 120).any()


def test_a_supervisor_whose_term_is_over_was_recognised_again(tables):
    terms = tables["supervisor"].groupby("id_no")["valid_to"].agg(["min", "max", "size"])
    assert ((terms["size"] == 2) & (terms["min"] < DAYS[0]) & (terms["max"] > DAYS[0])).any()


def test_tasks_are_done_in_time_late_overdue_and_not_yet_due(tables):
    tasks, today = tables["task"], DAYS[0]
    done, due = tasks["done_date"], tasks["due_date"]
    assert (done.notna() & (done.fillna(date.max) <= due)).any()
    assert (done.notna() & (done.fillna(date.min) > due)).any()
    assert (done.isna() & (due < today)).any()
    assert (done.isna() & (due >= today)).any()


def test_totals_of_lottery_money_and_of_surveys(tables):
    said = tables["summary"]
    years = said[said["metric"] == "lottery_total_yuan"]["period"]
    assert set(years) == {"2024", "2025", "2026"}
    assert {"awareness_share", "approval_share"} <= set(said["metric"])


def test_one_project_keeps_exactly_70_percent(tables):
    rows = tables["project"].dropna(subset=["budget_labour_yuan"])
    assert (rows["budget_labour_yuan"].astype(float) * 10 == rows["budget_yuan"].astype(float) * 7).sum() == 1


def test_townships_buy_and_charities_give(tables):
    rows = tables["project"]
    assert rows["purchaser_township_code"].notna().sum() > 50
    assert rows.loc[rows["theme"] == "4", "funder_uscc"].notna().any()
    assert rows.loc[rows["theme"] == "1", "households"].notna().all()


def test_pay_is_told_of_agencies_and_of_communities(tables):
    kinds = tables["employer"].set_index("employer_id")["employer_type"]
    rows = tables["pay"].assign(kind=lambda pay: pay["employer_id"].map(kinds))
    assert {"03", "04", "05"} <= set(rows["kind"])
    agencies = rows[rows["kind"] == "05"]
    assert (agencies["with_housing_fund"] < agencies["headcount"]).any()


def test_people_hold_two_certificates_have_retired_and_let_registrations_lapse(tables):
    papers = tables["certificate"][tables["certificate"]["cert_status"] == "1"]
    assert (papers.groupby("id_no")["cert_level"].nunique() == 2).any()
    holders = tables["talent"][tables["talent"]["highest_level"] != "0"]
    assert {"1", "3"} <= set(holders["status"])
    last = papers.dropna(subset=["reg_valid_to"]).groupby("cert_mgmt_no")["reg_valid_to"].max()
    assert (last < DAYS[0]).any()
    assert ((last >= DAYS[0]) & (last < date(2026, 8, 6))).any()  # expire within three months
