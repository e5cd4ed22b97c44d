"""Start of every rank: `mpiexec -n N python -m mpi4py -m services.drain --queue I`."""

import argparse
import logging
import signal
import sys

from mpi4py import MPI

from services.drain.rank import ROOT, serve
from services.drain.ranks import Ranks

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
EXIT_CODES = "exit codes: 0 the queue is drained, 1 the run failed, 2 wrong arguments, 3 the run was stopped"


def main() -> int:
    """Run this rank and return the exit code, the same on every rank."""
    comm = MPI.COMM_WORLD
    if comm.rank != ROOT:
        return _serve(comm)
    # Until rank 0 listens to it, a wish to stop waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    return _drain(comm)


def _serve(comm: MPI.Comm) -> int:
    # mpiexec passes signals on to every rank; rank 0 decides what becomes of the run.
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    return serve(comm)


def _drain(comm: MPI.Comm) -> int:
    ranks = Ranks(comm)
    try:
        arguments = _parser().parse_args()
    except SystemExit as usage:
        code = int(usage.code or 0)
        ranks.end(code)
        return code
    from services.drain import root  # noqa: PLC0415 - only rank 0 imports the store

    return root.drain(root.Request(arguments.queue, arguments.run, arguments.processes), ranks)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("services.drain", description="Drain a queue on all MPI ranks.", epilog=EXIT_CODES)
    parser.add_argument("--queue", type=int, required=True, metavar="INDEX", help="the queue to drain")
    parser.add_argument("--run", type=int, metavar="ID", help="the pending run that this is; default: a new one")
    parser.add_argument("--processes", type=int, metavar="N", help="ranks that must have come, or the run fails")
    return parser


if __name__ == "__main__":
    code = main()
    # mpi4py would turn an exit code into a noisy abort; after an orderly end of MPI it does not.
    MPI.Finalize()
    sys.exit(code)
