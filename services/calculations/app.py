"""The calculations service by itself: `uvicorn --http services.web.protocol:Guarded services.calculations.app:app`."""

from services.calculations.endpoints import SERVICE
from services.web.app import create_app

app = create_app("calculations", [SERVICE])
