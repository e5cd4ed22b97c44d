"""The launcher pod's program: waits until every host of the run can be reached, then becomes mpiexec.

The operator starts the launcher before the names in the hostfile are known to the name server, and, where a queueing
system admitted the run, before the workers listen.
"""

import argparse
import logging
import os
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HOSTFILE_VARIABLE = "HYDRA_HOST_FILE"
"""Set by the MPI Operator, and read by mpiexec too."""
SSH_PORT = 2222
WAIT_SECONDS = 300.0
_PAUSE_SECONDS = 0.2
_TELL_SECONDS = 10.0
_RANKS_NEED = "PATH,HOME,LANG,OMP_NUM_THREADS,OPENBLAS_NUM_THREADS,PYTHONUNBUFFERED"
"""Environment of the other pods' ranks: they need numerics only, and the store's address is none of their business."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Host:
    """A line of the hostfile."""

    name: str
    slots: int


def main() -> None:
    """Wait, then replace this process by mpiexec; ends with a line where the hosts are too few or do not come."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    words = _arguments()
    file = Path(os.environ.get(HOSTFILE_VARIABLE, ""))
    if not file.is_file():
        sys.exit(f"launch: {HOSTFILE_VARIABLE} names no file: this is to be started by the MPI Operator")
    hosts = read_hosts(file.read_text("utf-8"))
    slots = sum(host.slots for host in hosts)
    if slots < words.processes:
        sys.exit(f"launch: {words.processes} ranks are asked for, and {len(hosts)} hosts offer {slots}")
    wait_for(hosts)
    command = mpiexec(str(file), words)
    os.execvp(command[0], command)  # noqa: S606 - signals shall reach mpiexec itself


def read_hosts(text: str) -> list[Host]:
    """The hosts of MPICH's hostfile: `name:slots` a line."""
    pairs = [line.strip().partition(":") for line in text.splitlines() if line.strip()]
    return [Host(name, int(slots or 1)) for name, _, slots in pairs]


def wait_for(hosts: Sequence[Host], seconds: float = WAIT_SECONDS) -> None:
    """Wait until every host has an address and every other one listens; ends the process when that takes too long."""
    start = told = time.monotonic()
    missing = list(hosts)
    while missing := [host for host in missing if not _is_there(host)]:
        now = time.monotonic()
        names = ", ".join(host.name for host in missing)
        if now - start > seconds:
            sys.exit(f"launch: gave up after {seconds:g} s: no answer from {names}")
        if now - told > _TELL_SECONDS:
            log.info("waiting for %s", names)
            told = now
        time.sleep(_PAUSE_SECONDS)
    log.info("%d hosts are there after %.1f s", len(hosts), time.monotonic() - start)


def mpiexec(hostfile: str, words: argparse.Namespace) -> list[str]:
    """The command: rank 0 with this pod's whole environment, the others with what numerics need."""
    drain = [sys.executable, "-m", "mpi4py", "-m", "services.drain", "--queue", str(words.queue)]
    drain += ["--processes", str(words.processes)]
    if words.run is not None:
        drain += ["--run", str(words.run)]
    command = ["mpiexec", "-f", hostfile, "-n", "1", *drain]
    if words.processes > 1:
        command += [":", "-n", str(words.processes - 1), "-envlist", _RANKS_NEED, *drain]
    return command


def _is_there(host: Host) -> bool:
    """Whether a host has an address and, unless it is this one, takes connections for ssh."""
    try:
        if host.name.partition(".")[0] == socket.gethostname():
            socket.getaddrinfo(host.name, SSH_PORT)
        else:
            socket.create_connection((host.name, SSH_PORT), timeout=2).close()
    except OSError:
        return False
    return True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "services.drain.launch", description="Start a run's ranks on the hosts of an MPIJob."
    )
    parser.add_argument("--queue", type=int, required=True, metavar="INDEX", help="the queue to drain")
    parser.add_argument("--processes", type=int, required=True, metavar="N", help="ranks, this pod's among them")
    parser.add_argument("--run", type=int, metavar="ID", help="the pending run that this is; default: a new one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
