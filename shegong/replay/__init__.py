"""Reading archived files again: what a changed rule, alias or contract touches (run.py), or would touch (shadow.py)."""
