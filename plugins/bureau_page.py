"""The bureau's page in Airflow's site: wiring only. The app is shegong/page; Airflow mounts it without any protection,
so the guard made here stands before every route: who may see load_submissions looks, who may start `approve` acts."""

from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends

from shegong.page import app
from shegong.page.guard import Guard, Person

PREFIX = "/bureau"
LOOK_AT, START = "load_submissions", "approve"

_may_look = requires_access_dag("GET", param_dag_id=LOOK_AT)
_may_act = requires_access_dag("POST", DagAccessEntity.RUN, param_dag_id=START)


def look(user: GetUserDep, _: Annotated[None, Depends(_may_look)]) -> Person:
    may_act = get_auth_manager().is_authorized_dag(
        method="POST", access_entity=DagAccessEntity.RUN, details=DagDetails(id=START), user=user
    )
    return Person(user.get_name(), may_act)


def act(user: GetUserDep, _: Annotated[None, Depends(_may_act)]) -> Person:
    return Person(user.get_name(), True)


def login_url(back: str) -> str:
    return get_auth_manager().get_url_login(next_url=back)


class BureauPage(AirflowPlugin):
    name = "bureau_page"
    fastapi_apps = [  # noqa: RUF012 (Airflow reads it so)
        {"name": name, "url_prefix": PREFIX, "app": app.create(Guard(look, act, login_url, PREFIX))}
    ]
    external_views = [  # noqa: RUF012
        {"name": "收数看板", "href": f"{PREFIX}/board", "destination": "nav", "url_route": "bureau"}
    ]
