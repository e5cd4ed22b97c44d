"""Health: /livez says that the process serves, /readyz that its store does too."""

from fastapi import APIRouter
from pydantic import BaseModel

from services.errors import UnavailableError
from services.store import setup
from services.web.openapi import operation_id
from services.web.problems import public_responses
from services.web.service import InContext

router = APIRouter(tags=["health"], generate_unique_id_function=operation_id)


class Health(BaseModel):
    """The service is well."""

    status: str = "ok"


@router.get("/livez")
async def livez() -> Health:
    """Answer at all: this never asks the store, for a restart would not bring it back."""
    return Health()


@router.get("/readyz", responses=public_responses(UnavailableError))
async def readyz(context: InContext) -> Health:
    """Ready while the store answers and is set up to lose nothing."""
    await setup.check(context.store)
    return Health()
