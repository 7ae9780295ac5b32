"""The assets that chain the DAGs. Their events carry the run's `now`, so that a chain has one clock."""

from airflow.sdk import Asset

SUBMISSIONS_JUDGED = Asset(uri="postgres://warehouse/shegong/ops/submission", name="submissions_judged")
MARTS_PUBLISHED = Asset(uri="postgres://warehouse/shegong/marts/mart_target_progress", name="marts_published")
