"""Which runner the settings name."""

from services.calculations.runners.mpiexec import MpiexecRunner
from services.calculations.runners.mpijob import MpiJobRunner
from services.calculations.runners.runner import Runner
from services.web.service import Context


def choose(context: Context) -> Runner:
    """The runner that [run] runner names; raises InvalidError or UnavailableError where it cannot work here."""
    if context.settings.run.runner == "mpijob":
        return MpiJobRunner(context.store, context.settings)
    return MpiexecRunner(context.store, context.settings)
