"""The auth service by itself: `uvicorn --http services.web.protocol:Guarded services.auth.app:app`."""

from services.auth.endpoints import SERVICE
from services.web.app import create_app

app = create_app("auth", [SERVICE])
