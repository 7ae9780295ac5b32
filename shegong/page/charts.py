"""Numbers as people read them, and the geometry of bars and colours. Templates draw with it; nothing is drawn here."""

from decimal import Decimal

SIGNS = {"about": "≈ ", ">=": "≥ ", "<=": "≤ ", "=": ""}
# Light to dark blue; the ink on each has more than 4.5:1.
_COLOURS = (
    ("#e6eff7", "#1d2733"),
    ("#c3d8eb", "#1d2733"),
    ("#94bbdb", "#1d2733"),
    ("#2f6ea3", "#ffffff"),
    ("#16456b", "#ffffff"),
)


def colours() -> tuple[tuple[str, str], ...]:
    """Ground and ink of each class."""
    return _COLOURS


def bar(value: Decimal | None, target: Decimal | None, width: float = 100) -> tuple[float, float | None]:
    """Length of the bar and place of the target's mark, of `width`; whatever is greater ends at 80% of it."""
    value, goal = float(value or 0), float(target or 0)
    most = max(value, goal) / 0.8 or 1
    return max(0.0, value) / most * width, goal / most * width if target is not None else None


def number(value: Decimal | float | None, unit: str) -> str:
    """As a clerk writes it: a share in per cent, a count with its thousands."""
    if value is None:
        return "—"
    if unit in ("share", "ratio", "growth"):
        return f"{float(value) * 100:.1f}%"
    return f"{int(value):,}" if value == int(value) else f"{float(value):,.2f}"
