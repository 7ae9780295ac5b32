"""Who may look and act in tests of the bureau's page: said by a header instead of a login."""

from typing import Annotated

from fastapi import Depends, Header, HTTPException

from shegong.page.guard import Guard, Person

HOST = {"host": "bureau.test", "origin": "http://bureau.test"}


def look(person: Annotated[str, Header()] = "") -> Person:
    if not person:
        raise HTTPException(401)
    return Person("李科长" if person == "acts" else "周见", person == "acts")


def act(person: Annotated[Person, Depends(look)]) -> Person:
    if not person.may_act:
        raise HTTPException(403)
    return person


GUARD = Guard(look, act, lambda back: f"/auth/login?next={back}", "")
