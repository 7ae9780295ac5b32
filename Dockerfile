# The image of every service of docker-compose.yml: the locked packages, then the code.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    AIRFLOW_HOME=/var/lib/airflow \
    SHEGONG_HOME=/var/lib/shegong \
    DO_NOT_TRACK=1 \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false \
    SCARF_NO_ANALYTICS=true \
    SCARF_ANALYTICS=false \
    GX_ANALYTICS_ENABLED=False

WORKDIR /opt/shegong

# An intranet gives its own index: docker compose build --build-arg PIP_INDEX_URL=...
ARG PIP_INDEX_URL
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY . .
# Named volumes take their owner from these folders.
RUN pip install --no-cache-dir --no-deps -e . \
    && useradd --uid 50000 --gid 0 --home-dir /var/lib/airflow --shell /usr/sbin/nologin airflow \
    && install -d -o airflow -g 0 -m 0770 \
       /var/lib/airflow /var/lib/airflow/logs \
       /var/lib/shegong /var/lib/shegong/counties /var/lib/shegong/archive /var/lib/shegong/outbox \
       dbt_project/target dbt_project/logs

USER airflow
CMD ["airflow", "version"]
