"""The bureau's page in Airflow's site: wiring only. The app is shegong/page; Airflow mounts it without any protection,
so the guard made here stands before every route: who may see load_submissions looks, who may start `approve` acts.

Every process of Airflow reads plugins, each task included, and only the api-server needs the app (2 s of imports): it is
made at the first request.
"""

from functools import cache
from typing import Any

from airflow.plugins_manager import AirflowPlugin

PREFIX = "/bureau"
LOOK_AT, START = "load_submissions", "approve"


def guard() -> Any:
    """The site's login and permissions, as the app asks for them."""
    from typing import Annotated

    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
    from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
    from fastapi import Depends

    from shegong.page.guard import Guard, Person

    may_look = Depends(requires_access_dag("GET", param_dag_id=LOOK_AT))
    may_act = Depends(requires_access_dag("POST", DagAccessEntity.RUN, param_dag_id=START))

    def look(user: GetUserDep, _: Annotated[None, may_look]) -> Person:
        acts = get_auth_manager().is_authorized_dag(
            method="POST", access_entity=DagAccessEntity.RUN, details=DagDetails(id=START), user=user
        )
        return Person(user.get_name(), acts)

    def act(user: GetUserDep, _: Annotated[None, may_act]) -> Person:
        return Person(user.get_name(), True)

    return Guard(look, act, lambda back: get_auth_manager().get_url_login(next_url=back), PREFIX)


@cache
def made() -> Any:
    from shegong.page import app

    return app.create(guard())


async def bureau_app(scope: dict, receive: Any, send: Any) -> None:
    """The app as the server calls it."""
    await made()(scope, receive, send)


class BureauPage(AirflowPlugin):
    name = "bureau_page"
    fastapi_apps = [{"name": name, "url_prefix": PREFIX, "app": bureau_app}]  # noqa: RUF012 (Airflow reads it so)
    external_views = [  # noqa: RUF012
        {"name": "收数看板", "href": f"{PREFIX}/board", "destination": "nav", "url_route": "bureau"}
    ]
