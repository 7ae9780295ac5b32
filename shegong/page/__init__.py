"""The bureau's page: a FastAPI app inside Airflow's site. Knows nothing of Airflow: plugins/bureau_page.py hands it the guard."""
