"""A defect for every row rule, reference and code to look at twice that a full roster can carry: trainings, events,
requests."""

from datetime import date, timedelta

from shegong.sample.fresh import Fresh
from shegong.sample.plant import ONE_UNIT, Plant

_SECOND = "PX2026050"  # a session on the days of the unit's first one


def plants() -> list[Plant]:
    return _people() + _events() + _pairs() + _requests()


def _people() -> list[Plant]:
    def known_session(kind: str, **more: object):
        def make(row: dict, fresh: Fresh) -> dict:
            return {
                "session_no": fresh.rows_of("training_session", row["_unit"], {"kind": kind})[
                    "session_no"
                ].iat[0]
            } | more

        return make

    def at_two_places(row: dict, fresh: Fresh) -> dict:
        seen = fresh.rows_of("training_attendance", ONE_UNIT, {"session_no": "PX2026001"}).iloc[2]
        same = {name: seen[name] for name in ("id_type", "id_no", "person_name", "hours")}
        return same | {"session_no": _SECOND}

    face = {"mode": "1", "kind": "1"}
    return [
        Plant("supervisor.end_before_start", "E", "valid_to", set=lambda row, fresh: {"valid_to": row["appoint_date"] - timedelta(days=3)}),
        Plant("supervisor.many_supervisees", "W", "supervisees", set={"supervisees": 45}),
        Plant("supervisor.person_unknown", "W", "id_no", set=lambda row, fresh: fresh.person("1979-03-04")),
        Plant("supervisor.domains.warn_code", "W", "domains", set={"domains": "05,99"}),
        Plant("training_session.end_before_start", "E", "end_date", set=lambda row, fresh: {"end_date": row["start_date"] - timedelta(days=1)}),
        Plant("training_session.long_session", "W", "end_date", face, lambda row, fresh: {"end_date": row["start_date"] + timedelta(days=70)}),
        Plant("training_session.hours_impossible", "E", "hours", face, {"hours": 60.0}),
        Plant("training_session.hours_many", "W", "hours", face, {"hours": 30.0}),
        Plant("training_session.held_later", "W", "start_date", face, {"start_date": date(2026, 6, 1), "end_date": date(2026, 6, 3)}),
        Plant("training_session.kind.warn_code", "W", "kind", face, {"kind": "9"}),
        Plant("training_attendance.session_unknown", "W", "session_no", set={"session_no": "PX9999"}),
        Plant("training_attendance.person_unknown", "W", "id_no", set=lambda row, fresh: fresh.person("1983-03-04")),
        Plant("training_attendance.hours_over_session", "E", "hours", set=known_session("1", hours=90.0)),
        Plant("training_session.held_elsewhere", "", None, face, {"session_no": _SECOND}, unit=ONE_UNIT),
        Plant("training_attendance.sessions_overlap", "W", "session_no", set=at_two_places, unit=ONE_UNIT),
        Plant("training_attendance.headcount_only", "W", "session_no", set=known_session("5", hours=6.0)),
    ]  # fmt: skip


def _events() -> list[Plant]:
    paper = {"event_type": "0701"}
    return [
        Plant("event.event_later", "E", "event_date", set={"event_date": date(2026, 5, 20)}),
        Plant("event.valid_before_event", "E", "valid_to", {"event_type": "1201"}, lambda row, fresh: {"valid_to": row["event_date"] - timedelta(days=9)}),
        Plant("event.validity_of_occurrence", "W", "valid_to", {"event_type": "1302"}, {"valid_to": date(2026, 12, 31)}),
        Plant("event.event_type.warn_code", "W", "event_type", paper, {"event_type": "9999"}),
        Plant("event.domain.warn_code", "W", "domain", paper, {"domain": "99"}),
        Plant("task.done_later", "E", "done_date", set={"done_date": date(2026, 5, 30)}),
    ]  # fmt: skip


def _pairs() -> list[Plant]:
    return [
        Plant("pairing.same_unit", "E", "assisted_unit", set=lambda row, fresh: {"assisted_unit": row["advanced_unit"]}),
        Plant("pairing.signed_later", "E", "signed_date", set={"signed_date": date(2026, 5, 20)}),
        Plant("pairing.other_pair", "W", "advanced_unit", set=lambda row, fresh: {"advanced_unit": "330102" if row["_unit"] != "330102" else "330106"}),
        Plant("pairing.advanced_unit_unknown", "W", "advanced_unit", set=lambda row, fresh: {"advanced_unit": "330103", "assisted_unit": row["_unit"]}),
        Plant("pairing.assisted_unit_unknown", "W", "assisted_unit", set={"assisted_unit": "330103"}),
    ]  # fmt: skip


def _requests() -> list[Plant]:
    open_one, private = {"domain": "01"}, {"domain": "07"}
    blank = dict.fromkeys(("matched_id", "matched_date", "closed_date", "outcome", "satisfaction_grade"))

    def elsewhere(row: dict, fresh: Fresh) -> dict:
        return {
            "township_code": "330102001" if row["_unit"] != "330102" else "330106001",
            "community_code": None,
        }

    def other_township(row: dict, fresh: Fresh) -> dict:
        register = fresh.world.places.register
        own = register[
            (register["county_code"] == row["_unit"]) & (register["township_code"] != row["township_code"])
        ]
        return {"community_code": own["community_code"].iat[0]}

    def before(days: int, name: str):
        return lambda row, fresh: {name: row["requested_date"] - timedelta(days=days)}

    return [
        Plant("service_request.township_elsewhere", "E", "township_code", open_one, elsewhere),
        Plant("service_request.township_prefix", "E", "community_code", open_one, other_township),
        Plant("service_request.place_too_fine", "E", "community_code", private, lambda row, fresh: {"community_code": row["township_code"] + "001"}),
        Plant("service_request.day_too_fine", "E", "requested_date", private, {"requested_date": date(2026, 2, 3)}),
        Plant("service_request.matched_before_request", "E", "matched_date", {"domain": "02"}, before(2, "matched_date")),
        Plant("service_request.closed_before_request", "E", "closed_date", {"domain": "02"}, before(1, "closed_date")),
        Plant("service_request.request_later", "E", "requested_date", {"domain": "01"}, blank | {"requested_date": date(2026, 5, 20)}),
        Plant("service_request.township_unknown", "W", "township_code", private, lambda row, fresh: {"township_code": f"{row['_unit']}098"}),
        Plant("service_request.community_unknown", "W", "community_code", open_one, lambda row, fresh: {"community_code": row["township_code"] + "098"}),
        Plant("service_request.provider_unknown", "W", "matched_id", {"domain": "02"}, lambda row, fresh: {"matched_id": fresh.code("52", row["_unit"])}),
        Plant("service_request.domain.warn_code", "W", "domain", open_one, {"domain": "99"}),
    ]  # fmt: skip
