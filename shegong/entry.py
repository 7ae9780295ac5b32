"""Where the program begins: the whole command on a server, `check` and `template` in the small installation."""

import sys
from importlib.util import find_spec


def main() -> None:
    """Entry point of both. A server is known by its database driver; nothing of it is imported without."""
    if find_spec("psycopg"):
        from shegong.cli import main as whole

        whole()
    else:
        from shegong.county_cli import main as county

        county()


if __name__ == "__main__":
    sys.exit(main())
