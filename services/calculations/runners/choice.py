"""Which runner the settings name."""

from services.calculations.runners.mpiexec import MpiexecRunner
from services.calculations.runners.runner import Runner
from services.errors import InvalidError
from services.web.service import Context


def choose(context: Context) -> Runner:
    """The runner that [run] runner names; raises InvalidError for one that this version does not have."""
    kind = context.settings.run.runner
    if kind == "mpiexec":
        return MpiexecRunner(context.store, context.settings)
    raise InvalidError(f"[run] runner is {kind}, and this version can start runs by mpiexec only", "run.runner")
