"""Times as people read them: in the local zone, and how long ago."""

from datetime import UTC, datetime


def local(stamp: str | None) -> str:
    """An ISO 8601 stamp as local date and time to the second; empty where there is none."""
    if not stamp:
        return ""
    try:
        return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return stamp


def age(stamp: str | None) -> str:
    """How long ago a stamp is: "12 s", "3 min", "2.5 h", "4 d"; empty where there is none."""
    if not stamp:
        return ""
    return span((datetime.now(UTC) - datetime.fromisoformat(stamp)).total_seconds())


def span(seconds: float) -> str:
    """Seconds in the unit that people would use."""
    seconds = max(seconds, 0)
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} d"
