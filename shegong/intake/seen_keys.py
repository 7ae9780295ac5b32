"""Which keys a file's accepted rows had so far: the later ones of equal rows are told from the first."""

import numpy as np
import polars as pl


class SeenKeys:
    """64-bit hashes of key and day, eight bytes a row. Two different keys of a million meet once in 40 million files."""

    def __init__(self) -> None:
        self._runs: list[np.ndarray] = []  # sorted, each at least twice as long as the one after it

    def again(self, keys: pl.Series) -> pl.Series:
        """Marks the rows whose key stood in an earlier chunk or above in this one; the others are seen from now on."""
        values = keys.to_numpy()
        order = np.argsort(values, kind="stable")  # in order, a search finds the run's pages in the cache
        wanted = values[order]
        seen = np.zeros(len(wanted), dtype=bool)
        seen[1:] = wanted[1:] == wanted[:-1]
        for run in self._runs:
            at = np.searchsorted(run, wanted)
            seen |= run[np.minimum(at, len(run) - 1)] == wanted
        again = np.empty(len(seen), dtype=bool)
        again[order] = seen
        new = wanted[~seen]
        while self._runs and len(self._runs[-1]) < 2 * len(new):
            new = np.sort(np.concatenate([self._runs.pop(), new]), kind="stable")
        if len(new):
            self._runs.append(new)
        return pl.Series(again)
