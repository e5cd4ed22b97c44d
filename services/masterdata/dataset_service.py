"""What the masterdata service does with datasets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    OverQuotaError,
    UnavailableError,
    UnsupportedMediaTypeError,
)
from services.masterdata.dataset_schemas import Character
from services.masterdata.reading import process
from services.masterdata.reading.panel import CSV, PARQUET, Demands, File, Panel
from services.models import MARKET, Dataset, Scope, Subject
from services.store import dataset_values, datasets, panels
from services.web.service import Context

BEFORE_UPLOADED = "-"
"""Sorts before every name: the cursor after a page that ends with the built-in dataset."""
TURN_SECONDS = 30
"""Longest wait for one's turn to upload: less than what clients wait for a body to be taken."""
_MIB = 2**20
# Two: one is sent while the other is read. Each is held in memory, twice for a moment.
_turns = asyncio.Semaphore(2)


def check_kind(content_type: str, content_encoding: str) -> str:
    """The media type of a body; raises UnsupportedMediaTypeError where it is not read here."""
    media_type, *parameters = (part.strip() for part in content_type.lower().split(";"))
    accepted = f"{CSV} or {PARQUET}"
    if media_type not in (CSV, PARQUET):
        named = f"not {media_type[:80]!r}" if media_type else "and it is missing"
        raise UnsupportedMediaTypeError(f"the Content-Type of a dataset is {accepted}, {named}")
    charset = next((one.partition("=")[2].strip(' "') for one in parameters if one.startswith("charset=")), "")
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaTypeError(f"a CSV file has the charset utf-8, not {charset[:80]!r}")
    if content_encoding.lower() not in ("", "identity"):
        raise UnsupportedMediaTypeError(f"send the file as it is, without Content-Encoding {content_encoding[:80]!r}")
    return media_type


def check_replaceable(name: str) -> None:
    """Refuse the built-in dataset with ConflictError."""
    if name == MARKET:
        raise ConflictError(f"{MARKET} is built in: it can be neither replaced nor deleted; choose another name")


async def check_owner(context: Context, subject: Subject, name: str) -> bool:
    """Whether the dataset exists; raises ForbiddenError where the subject may not change it."""
    owner = await datasets.owner(context.store, name)
    if owner not in (None, subject.user) and Scope.DATASETS_ALL not in subject.scopes:
        raise _not_yours(subject, name)
    return owner is not None


@asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """Hold a turn to upload; to be taken before the body is, which waits at its sender until then.

    Raises UnavailableError where there is none in time.
    """
    try:
        async with asyncio.timeout(TURN_SECONDS):
            await _turns.acquire()
    except TimeoutError as error:
        raise UnavailableError("other uploads are being read; try again", retry_after=5) from error
    try:
        yield
    finally:
        _turns.release()


async def upload(context: Context, subject: Subject, name: str, file: File, character: Character) -> datasets.Summary:
    """Read a file and store it as a dataset or as its next version.

    Raises InvalidError, TooLargeError, ForbiddenError or OverQuotaError.
    """
    known = context.settings.datasets
    demands = Demands(known.least_steps, known.most_series, known.most_mib, character.bounds)
    panel = await process.read(file, demands)
    dataset = _described(name, subject.user, panel, character)
    everybodys = Scope.DATASETS_ALL in subject.scopes
    quota = datasets.Quota(known.most_a_user, known.most_mib_a_user * _MIB)
    try:
        await datasets.put(context.store, dataset, panel.values, quota, replace_others=everybodys)
    except OverQuotaError:
        raise
    except ConflictError as error:
        raise _not_yours(subject, name) from error
    found = await datasets.summaries(context.store, [name])
    if not found:
        raise ConflictError(f"dataset {name} was stored, and deleted at once by somebody else")
    return found[0]


async def page(context: Context, after: str, limit: int) -> list[Dataset | datasets.Summary]:
    """Datasets by name, the built-in one first of all."""
    if after:
        return [*await datasets.page(context.store, after, limit)]
    uploaded = await datasets.page(context.store, BEFORE_UPLOADED, limit - 1) if limit > 1 else []
    return [panels.market_dataset(context.settings.market), *uploaded]


async def tail(context: Context, name: str, asset: str, last: int) -> tuple[Dataset, int, list[float]]:
    """The dataset, the asset's index, and its last values. `asset` is an index, or a name; digits are an index.

    Raises NotFoundError where there is no such dataset or asset.
    """
    market = context.settings.market
    dataset = await panels.describe(context.store, market, name)
    index = _index(dataset, asset)
    if name == MARKET:
        values = (await panels.load(context.store, market, name))[1][index, -last:]
    else:
        values = await dataset_values.tail(context.store, dataset, index, last)
    return dataset, index, values.tolist()


async def delete(context: Context, subject: Subject, name: str) -> None:
    """Delete a dataset; raises NotFoundError or ForbiddenError."""
    whose = "" if Scope.DATASETS_ALL in subject.scopes else subject.user
    try:
        await datasets.delete(context.store, name, whose)
    except ConflictError as error:
        raise _not_yours(subject, name) from error


def _described(name: str, owner: str, panel: Panel, character: Character) -> Dataset:
    steps, season = panel.values.shape[1], character.season_length
    if season > steps // 2:
        detail = f"a season of {season} steps has to fit twice into the dataset's {steps} steps"
        raise InvalidError(detail, "query.season_length")
    return Dataset(name, owner, 0, steps, panel.names, 0.0, season, character.bounds, panel.first, panel.last)


def _index(dataset: Dataset, asset: str) -> int:
    if asset.isascii() and asset.isdigit() and len(asset) < 16 and int(asset) < dataset.series:
        return int(asset)
    if asset in dataset.assets:
        return dataset.assets.index(asset)
    raise NotFoundError(
        f"there is no asset {asset[:80]!r}: {dataset.name} has {dataset.series} series, "
        f"0 to {dataset.series - 1}, or their names"
    )


def _not_yours(subject: Subject, name: str) -> ForbiddenError:
    role = f"the role {subject.role} changes only its own"
    return ForbiddenError(f"dataset {name} belongs to somebody else, and {role}; choose another name")
