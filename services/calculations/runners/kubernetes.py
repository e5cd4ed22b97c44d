"""The few calls of the Kubernetes API that runs need, as the pod's ServiceAccount."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from services.errors import ConflictError, ForesailError, NotFoundError, UnavailableError

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
MPIJOBS = "apis/kubeflow.org/v2beta1"
NO_MPIJOBS = "no Kubeflow MPI Operator is installed in this cluster: it does not know MPIJobs"
_SECONDS = 10.0
Manifest = dict[str, Any]


class Cluster:
    """One namespace of a cluster. `token` is a file that is read at each request: Kubernetes renews it."""

    def __init__(self, url: str, namespace: str, token: Path, verify: ssl.SSLContext) -> None:
        self.namespace = namespace
        self._token = token
        self._http = httpx.AsyncClient(base_url=url, verify=verify, timeout=_SECONDS, trust_env=False)

    @classmethod
    def of_pod(cls, account: Path = ACCOUNT) -> Self:
        """The cluster that this pod is in; raises UnavailableError elsewhere."""
        host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
        try:
            namespace = (account / "namespace").read_text("utf-8").strip()
            verify = ssl.create_default_context(cafile=str(account / "ca.crt"))
        except OSError as error:
            raise UnavailableError(
                f"[run] runner is mpijob, which needs a pod with a ServiceAccount: {error}"
            ) from error
        if host is None:
            raise UnavailableError("[run] runner is mpijob, and KUBERNETES_SERVICE_HOST is not set: this is no pod")
        return cls(f"https://{f'[{host}]' if ':' in host else host}:{port}", namespace, account / "token", verify)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def create_mpijob(self, manifest: Manifest, *, dry_run: bool = False) -> None:
        """Create an MPIJob; raises ConflictError where its name is taken, UnavailableError where there is no operator.

        A field that the operator's version does not know is refused, for it would be dropped without a word.
        """
        params = {"fieldValidation": "Strict"} | ({"dryRun": "All"} if dry_run else {})
        await self._mpijobs("POST", params, manifest)

    async def list_mpijobs(self, selector: str) -> list[Manifest]:
        """The MPIJobs with these labels; raises UnavailableError where there is no operator."""
        return _items(await self._mpijobs("GET", {"labelSelector": selector}))

    async def delete_mpijob(self, name: str) -> None:
        """Delete an MPIJob and, a little later, all that belongs to it; one that is gone already is no error."""
        try:
            await self._ask(
                "DELETE", self._path(MPIJOBS, f"mpijobs/{name}"), params={"propagationPolicy": "Background"}
            )
        except NotFoundError:
            return

    async def list_pods(self, selector: str) -> list[Manifest]:
        """The pods with these labels."""
        return _items(await self._ask("GET", self._path("api/v1", "pods"), {"labelSelector": selector}))

    async def log_tail(self, pod: str, lines: int) -> list[str]:
        """The last lines that a pod wrote; none where it has no log."""
        try:
            answer = await self._ask("GET", self._path("api/v1", f"pods/{pod}/log"), params={"tailLines": str(lines)})
        except ForesailError:
            return []
        return answer.text.splitlines()

    def _path(self, group: str, rest: str) -> str:
        return f"/{group}/namespaces/{self.namespace}/{rest}"

    async def _mpijobs(self, method: str, params: Mapping[str, str], json: Manifest | None = None) -> httpx.Response:
        try:
            return await self._ask(method, self._path(MPIJOBS, "mpijobs"), params, json)
        except NotFoundError as error:
            raise UnavailableError(NO_MPIJOBS, 60) from error

    async def _ask(
        self, method: str, path: str, params: Mapping[str, str] | None = None, json: Manifest | None = None
    ) -> httpx.Response:
        try:
            headers = {"Authorization": f"Bearer {self._token.read_text('utf-8').strip()}"}
            answer = await self._http.request(method, path, params=params, json=json, headers=headers)
        except (OSError, httpx.HTTPError) as error:
            raise UnavailableError(f"the Kubernetes API does not answer: {error!r}", 5) from error
        if answer.is_success:
            return answer
        raise _refusal(answer)


def _items(answer: httpx.Response) -> list[Manifest]:
    items: list[Manifest] = answer.json()["items"]
    return items


def _refusal(answer: httpx.Response) -> ForesailError:
    """What an answer of the API means."""
    try:
        message = str(answer.json()["message"])
    except (ValueError, KeyError):
        message = answer.text[:200]
    match answer.status_code:
        case httpx.codes.NOT_FOUND:
            return NotFoundError(f"Kubernetes does not know it: {message}")
        case httpx.codes.CONFLICT:
            return ConflictError(message)
        case code:
            return UnavailableError(f"Kubernetes refuses with {code}: {message}", 5)
