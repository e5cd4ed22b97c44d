"""The committed descriptions of the API. `python -m tests.api.documents` writes them anew."""

import json
from pathlib import Path

from services.config import Settings
from services.local import SERVICES
from services.web.app import build

FOLDER = Path(__file__).parents[2] / "docs" / "openapi"


def documents() -> dict[Path, str]:
    """The OpenAPI document of every service, by its file."""
    apps = {service.name: build(service.name, [service], Settings()) for service in SERVICES}
    return {FOLDER / f"{name}.json": json.dumps(app.openapi(), indent=2) + "\n" for name, app in apps.items()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in documents().items():
        path.write_text(text, "utf-8")
