"""The drain as a child process of this service: its start, its talk and its end."""

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from services.calculations.runners import last_words
from services.config import Settings
from services.errors import UnavailableError
from services.models import RunState
from services.settings import PREFIX

GRACE_SECONDS = 5.0
"""A run sees the wish to stop at its next heartbeat, within a second; then it is signalled, and at last killed."""
EXIT_STATES = {0: RunState.DONE, 3: RunState.STOPPED}
"""What the program's exit code says of its run; any other one that it failed."""
_LONGEST_LINE = 1 << 16
_SECTIONS = ("store", "queue", "run", "market")
"""What the program reads: it gets the settings of this service, wherever those came from."""
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""The ranks share the cores already."""
_SECRETS = f"{PREFIX}AUTH_"
"""How the names of variables begin that only the services may know."""


async def start(processes: int, words: Sequence[str], settings: Settings) -> Process:
    """Start mpiexec in a session of its own: a Ctrl-C on the service's terminal is the service's to pass on.

    Raises UnavailableError.
    """
    command = [mpiexec(), "-n", str(processes), sys.executable, "-m", "mpi4py", "-m", "services.drain", *words]
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            env=_environment(settings),
            limit=_LONGEST_LINE,
            start_new_session=True,
        )
    except OSError as error:
        raise UnavailableError(f"mpiexec cannot be started: {error}") from error


def mpiexec() -> str:
    """The mpiexec beside this Python, which is of the MPI that mpi4py was installed with, or the one of the PATH."""
    beside = Path(sys.executable).parent / "mpiexec"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("mpiexec")
    if found is None:
        raise UnavailableError(f"there is no mpiexec beside {sys.executable} nor in the PATH; install mpich", 60)
    return found


async def lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """What the program says that is worth to be read, line by line until it has ended."""
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # longer than any line that we write; the rest of it follows
            continue
        if not line:
            return
        if text := last_words.worth(line.decode(errors="replace")):
            yield text


async def end(child: Process, patience: float) -> None:
    """Wait, then SIGTERM (mpiexec passes it on and the run gives its leases back), then SIGKILL."""
    for seconds, act in ((patience, child.terminate), (GRACE_SECONDS, child.kill)):
        try:
            await asyncio.wait_for(asyncio.shield(child.wait()), seconds)
        except TimeoutError:
            with suppress(ProcessLookupError):  # gone, and not yet waited for
                act()
        else:
            return


def _environment(settings: Settings) -> dict[str, str]:
    used: dict[str, Mapping[str, object]] = settings.model_dump(include=set(_SECTIONS))
    own = {f"{PREFIX}{name}_{key}".upper(): str(value) for name in used for key, value in used[name].items()}
    inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith(_SECRETS)}
    return {**inherited, **own, f"{PREFIX}STORE_URL": settings.store.address, **_ONE_THREAD}
