"""What a file from outside may ask of us. Each limit is a setting, and the refusal names it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """`max_unpack_ratio`: unpacked bytes for a packed one, asked of packages beyond 64 MiB unpacked."""

    max_file_mib: int = 1024
    max_sheet_cells: int = 10_000_000
    max_columns: int = 80
    max_unpacked_mib: int = 2048
    max_unpack_ratio: int = 100
    max_package_parts: int = 10_000


DEFAULTS = Limits()
