"""How long steps show themselves: a turning sign with news on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

# without a terminal there is no width to fit: a pipe gets every column whole
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)
_SECONDS_BETWEEN_LINES = 10


@contextmanager
def step(text: str) -> Iterator[Callable[[str], None]]:
    """Around one long step. The function it gives takes news, of which the last stays in the closing line."""
    began, last = time.monotonic(), ""
    printed = began

    def news(more: str) -> None:
        nonlocal last, printed
        last = more
        if not console.is_terminal and time.monotonic() - printed > _SECONDS_BETWEEN_LINES:
            printed = time.monotonic()
            console.print(f"  {escape(text)}: {escape(more)}")
        status.update(f"{escape(text)}: {escape(more)}")

    with console.status(escape(text)) as status:
        if not console.is_terminal:
            console.print(f"… {escape(text)}")
        try:
            yield news
        except BaseException:
            console.print(f"[red]✗[/] {escape(text)}")
            raise
    ending = f": {last}" if last else ""
    console.print(f"[green]✓[/] {escape(text + ending)} ({time.monotonic() - began:.1f} s)")
