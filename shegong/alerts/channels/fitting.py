"""Cuts a text to what a service takes, at the end of a line. Sizes are bytes as they leave, never characters."""

from collections.abc import Callable

ITEM = "·"


def fitted(text: str, most_bytes: int, size: Callable[[str], int]) -> str:
    """The text, or its first lines and how many items were left off. `size` gives the bytes that a text takes.

    A first line that alone is too long is cut within, between two characters.
    """
    if size(text) <= most_bytes:
        return text
    lines = text.splitlines()
    kept = _most(len(lines), lambda count: size(_first(lines, count)) <= most_bytes)
    if kept:
        return _first(lines, kept)
    tail = _tail(lines[1:])
    return lines[0][: _most(len(lines[0]), lambda count: size(lines[0][:count] + tail) <= most_bytes)] + tail


def _first(lines: list[str], count: int) -> str:
    return "\n".join(lines[:count]).rstrip() + _tail(lines[count:])


def _tail(left_off: list[str]) -> str:
    items = sum(line.lstrip().startswith(ITEM) for line in left_off)
    return f"\n...另有 {items} 项" if items else "\n..."


def _most(end: int, holds: Callable[[int], bool]) -> int:
    """The greatest number below `end` for which it holds (0 if none); it holds up to there and not beyond."""
    low, high = 0, max(end - 1, 0)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
