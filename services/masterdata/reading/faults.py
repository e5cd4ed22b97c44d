"""Collects what is wrong with a file, so that a person can mend all of it at once."""

from typing import NoReturn

from services.errors import InvalidError

MOST_FAULTS = 20
_LONGEST_QUOTE = 40


class Faults:
    """What was found so far, up to MOST_FAULTS."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    @property
    def room(self) -> int:
        """How many more are taken."""
        return MOST_FAULTS - len(self._found)

    def add(self, where: str, detail: str) -> None:
        """Note a fault and its place; those beyond the last place are dropped."""
        if self.room > 0:
            self._found.append((where, detail))

    def stop(self, where: str, detail: str) -> NoReturn:
        """Raise InvalidError with all faults and this one, beyond which nothing can be read."""
        self.add(where, detail)
        raise self._error()

    def raise_any(self) -> None:
        """Raise InvalidError with all faults, if there are any."""
        if self._found:
            raise self._error()

    def _error(self) -> InvalidError:
        where, detail = self._found[0]
        count = f"{len(self._found) - 1} more" if self.room else f"{MOST_FAULTS - 1} more or still more"
        more = f" (and {count})" if len(self._found) > 1 else ""
        return InvalidError(f"{where}: {detail}{more}", where, self._found)


def quoted(value: object) -> str:
    """A value from the file, short and printable, for a message."""
    text = str(value)
    return repr(text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…")
