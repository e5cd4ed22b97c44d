"""The masterdata service by itself: `uvicorn --http services.web.protocol:Guarded services.masterdata.app:app`."""

from services.masterdata.endpoints import SERVICE
from services.web.app import create_app

app = create_app("masterdata", [SERVICE])
