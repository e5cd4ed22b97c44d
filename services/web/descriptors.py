"""Room for as many open files as there may be connections."""

import logging
import resource

OWN_FILES = 256
"""For the store, logs, children and their pipes."""
_log = logging.getLogger(__name__)


def make_room(connections: int) -> None:
    """Raise this process' limit of open files as far as needed; where that is forbidden, say what to do."""
    needed = connections + OWN_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        most = max(1, hard - OWN_FILES)
        _log.warning("only %d files may be open (ulimit -n): set [web] most_connections to %d or less", hard, most)
        needed = hard
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    except (ValueError, OSError) as error:
        _log.warning("the limit of open files stays at %d: %s", soft, error)
