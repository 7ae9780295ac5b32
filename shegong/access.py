"""A login as Airflow's connection holds it, handed in by the DAGs: the package knows nothing of Airflow."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Access:
    """Never shown: its repr names the host alone."""

    host: str = ""
    port: int | None = None
    login: str = ""
    password: str = ""
    extra: dict = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Access(host={self.host!r})"
