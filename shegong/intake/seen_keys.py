"""Which keys a file's accepted rows had so far: the later ones of equal rows are told from the first."""

import numpy as np
import polars as pl


class SeenKeys:
    """64-bit hashes of key and day, eight bytes a row. Two different keys of a million meet once in 40 million files.

    With `most`, only about that many of the last ones are remembered.
    """

    _RUN = 1 << 20  # of this length a run is left alone: merging longer ones would take their memory thrice

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._runs: list[
            np.ndarray
        ] = []  # sorted; the short ones each at least twice as long as the one after it

    def again(self, keys: pl.Series) -> pl.Series:
        """Marks the rows whose key stood in an earlier chunk or above in this one; the others are seen from now on."""
        values = keys.to_numpy()
        order = np.argsort(values, kind="stable")  # in order, a search finds the run's pages in the cache
        wanted = values[order]
        seen = self._known(wanted)
        seen[1:] |= wanted[1:] == wanted[:-1]
        again = np.empty(len(seen), dtype=bool)
        again[order] = seen
        self._remember(wanted[~seen])
        return pl.Series(again)

    def holds(self, keys: pl.Series) -> pl.Series:
        """Marks the rows whose key was seen; none is remembered."""
        return pl.Series(self._known(keys.to_numpy()))

    def _known(self, wanted: np.ndarray) -> np.ndarray:
        known = np.zeros(len(wanted), dtype=bool)
        for run in self._runs:
            at = np.searchsorted(run, wanted)
            known |= run[np.minimum(at, len(run) - 1)] == wanted
        return known

    def _remember(self, new: np.ndarray) -> None:
        while self._runs and len(self._runs[-1]) < min(2 * len(new), self._RUN):
            new = np.concatenate([self._runs.pop(), new])
            new.sort(kind="stable")
        if len(new):
            self._runs.append(new)
        if self._most is not None:
            while sum(map(len, self._runs[1:])) > self._most:
                self._runs.pop(0)
