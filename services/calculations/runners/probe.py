"""Whether an MPI Operator is at work: it takes up an MPIJob that is suspended, for which no pod is made."""

import asyncio
import secrets
import time

from services.calculations.runners.kubernetes import Cluster, Manifest
from services.calculations.runners.manifest import Template
from services.calculations.runners.sight import age

SECONDS = 5.0
"""That an operator may take; one that is up needs less than one."""
TRUSTED_SECONDS = 15.0
"""For which an answer is taken for the next one: runs are looked at every few seconds."""
_STALE_SECONDS = 60.0


class Probe:
    """Asks by an MPIJob of its own, since a ServiceAccount of one namespace sees no operator of another one."""

    def __init__(self, cluster: Cluster, template: Template) -> None:
        self._cluster = cluster
        self._template = template
        self._answer = (float("-inf"), False)

    async def recent(self) -> bool:
        """What `operator` said, if that was a moment ago; else what it says now."""
        since, answer = self._answer
        return answer if time.monotonic() - since < TRUSTED_SECONDS else await self.operator()

    async def operator(self) -> bool:
        """Whether an operator takes up a new MPIJob; raises UnavailableError where the cluster refuses it."""
        name = secrets.token_hex(4)
        await self._cluster.create_mpijob(self._template.probe(name))
        try:
            answer = await self._taken_up(name)
        finally:
            await self._clean(name)
        self._answer = (time.monotonic(), answer)
        return answer

    async def _taken_up(self, name: str) -> bool:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            await asyncio.sleep(0.2)
            if any(_word(one) for one in await self._cluster.list_mpijobs(self._template.probes(name))):
                return True
        return False

    async def _clean(self, name: str) -> None:
        """Delete this probe, and those of replicas that died over them."""
        now = time.time()
        found = await self._cluster.list_mpijobs(self._template.probes())
        for one in found:
            if one["metadata"]["name"].endswith(name) or age(one, now) > _STALE_SECONDS:
                await self._cluster.delete_mpijob(one["metadata"]["name"])


def _word(mpijob: Manifest) -> bool:
    return bool(mpijob.get("status", {}).get("conditions"))
