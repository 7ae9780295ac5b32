"""Leads a number back to the files and rows that it came from."""

from shegong.explain.explain import Explanation, explain

__all__ = ["Explanation", "explain"]
