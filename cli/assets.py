"""The short form of a job's assets: `0,1,5-9` or names, as people type it."""

import re

from cli.errors import UsageError

# No dataset has as many series as 15 digits can count, and int() gives up at some thousand: more are taken as a name.
_RANGE = re.compile(r"(\d{1,15})-(\d{1,15})")
_INDEX = re.compile(r"-?\d{1,15}")
# Ranges are spelt out here, before the server's own limit can answer; this one keeps a slip from filling the memory.
MOST = 100_000


def parse(text: str) -> list[int | str]:
    """Assets out of "0,1,5-9 AAPL": separated by commas, semicolons or blanks; a-b is a range with both ends.

    What is no number is taken as a name. Raises UsageError where there is none, or a range is the wrong way round.
    """
    assets: list[int | str] = []
    for piece in re.split(r"[,;\s]+", text.strip()):
        if piece:
            assets.extend(_spell_out(piece))
        if len(assets) > MOST:
            raise UsageError(f"{text!r} names more than {MOST} assets")
    if not assets:
        raise UsageError("no assets are named; accepted are indices, ranges and names: 0,1,5-9 or AAPL,MSFT")
    return assets


def _spell_out(piece: str) -> list[int | str]:
    if match := _RANGE.fullmatch(piece):
        first, last = int(match[1]), int(match[2])
        if last < first:
            raise UsageError(f"the range {piece!r} ends before it begins; write {last}-{first}")
        if last - first >= MOST:
            raise UsageError(f"the range {piece!r} holds more than {MOST} assets")
        return list(range(first, last + 1))
    return [int(piece) if _INDEX.fullmatch(piece) else piece]
