"""The queueing service by itself: `uvicorn --http services.web.protocol:Guarded services.queueing.app:app`."""

from services.queueing.endpoints import SERVICE
from services.web.app import create_app

app = create_app("queueing", [SERVICE])
