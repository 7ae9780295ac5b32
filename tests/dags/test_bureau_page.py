"""The plugin that shows the bureau's page: Airflow takes it, and it costs the other processes nothing."""

import subprocess
import sys
from pathlib import Path

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
ASKED = """
import sys
sys.path.insert(0, sys.argv[1])
import bureau_page
print("told", ",".join(sorted(name for name in sys.modules if name.split(".")[0] in ("shegong", "polars", "pandas"))))
print("told", bureau_page.BureauPage.fastapi_apps[0]["url_prefix"], bureau_page.BureauPage.external_views[0]["href"])
routes = {route.path for route in bureau_page.made().routes}
print("told", "/board" in routes)
"""


def test_reading_the_plugin_imports_nothing_of_the_page(tmp_path: Path) -> None:
    """Every task reads plugins: what the page needs would be added to each one's start."""
    answer = subprocess.run(
        [sys.executable, "-c", ASKED, str(PLUGINS)], capture_output=True, text=True, check=True,
        env={"AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(PLUGINS.parent)},
    )  # fmt: skip
    # Airflow's own log goes to the same place
    told = [line.removeprefix("told ") for line in answer.stdout.splitlines() if line.startswith("told ")]
    assert told == ["", "/bureau /bureau/board", "True"]
