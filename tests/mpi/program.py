"""The MPI program as people start it: a real mpiexec, its ranks as processes that can be found and killed."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import wait_until_async

MPIEXEC = Path(sys.executable).parent / "mpiexec"
LEASE_SECONDS = 3.0


@dataclass
class Program:
    """One mpiexec with everything that it says on standard error and output."""

    mpiexec: asyncio.subprocess.Process
    log: Path

    async def ended(self) -> int:
        """The exit code, when the program is over."""
        return await asyncio.wait_for(self.mpiexec.wait(), 150)

    def text(self) -> str:
        return self.log.read_text("utf-8")

    def ranks(self) -> dict[int, int]:
        """The process of each rank that there is."""
        found = {}
        for pid in _descendants(self.mpiexec.pid):
            rank = _environment(pid).get("PMI_RANK")
            if rank is not None:
                found[int(rank)] = pid
        return found


Start = Callable[..., AbstractAsyncContextManager[Program]]
"""`started` with the test's folder and store."""


@asynccontextmanager
async def started(
    folder: Path, url: str, words: list[str], ranks: int = 2, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Program]:
    """Run `services.drain` with `words` on so many ranks; whatever is left of it at the end of the block is killed."""
    handle, name = tempfile.mkstemp(".log", dir=folder)
    own = {"FORESAIL_STORE_URL": url, "FORESAIL_QUEUE_LEASE_SECONDS": str(LEASE_SECONDS), "OPENBLAS_NUM_THREADS": "1"}
    command = [str(MPIEXEC), "-n", str(ranks), sys.executable, "-m", "mpi4py", "-m", "services.drain", *words]
    with os.fdopen(handle, "wb") as stream:
        mpiexec = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **own, **(settings or {})},
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    program = Program(mpiexec, Path(name))
    try:
        yield program
    finally:
        left = list(program.ranks().values())
        with suppress(ProcessLookupError):
            mpiexec.kill()
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await mpiexec.wait()


async def gone(pids: list[int]) -> None:
    """Wait until none of the processes is there any more."""

    async def none() -> bool:
        return not any(alive(pid) for pid in pids)

    await wait_until_async(none, f"processes {pids} are gone")


def alive(pid: int) -> bool:
    """Whether there is such a process, and it is not one that is over and was not waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _descendants(pid: int) -> list[int]:
    with suppress(FileNotFoundError, ProcessLookupError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        return [found for child in map(int, children) for found in (child, *_descendants(child))]
    return []


def _environment(pid: int) -> dict[str, str]:
    with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        words = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
        return dict(word.split("=", 1) for word in words if "=" in word)
    return {}
