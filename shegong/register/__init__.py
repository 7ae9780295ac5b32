"""The register: what a row means beside all others, asked of all staged submissions at once (run.py)."""

from shegong.register.run import register

__all__ = ["register"]
