"""What can go wrong in a way that somebody can mend. Anything else is a bug and keeps its traceback."""


class ShegongError(RuntimeError):
    """A cause in one line, and what the reader can do about it.

    `key` names the cause where the bureau's page tells it, in the page's own words (page/words.yaml).
    """

    def __init__(self, message: str, mend: str, key: str = "") -> None:
        super().__init__(f"{message}\n  {mend}")
        self.message = message
        self.mend = mend
        self.key = key
