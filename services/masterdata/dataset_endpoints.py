"""The paths of datasets in the masterdata service."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response, status
from starlette.requests import ClientDisconnect

from services.errors import ConflictError, InvalidError, NotFoundError, UnsupportedMediaTypeError
from services.masterdata import dataset_service
from services.masterdata.dataset_schemas import Character, DatasetDetail, DatasetName, DatasetView, SeriesView
from services.masterdata.reading.panel import CSV, PARQUET, File
from services.models import Scope, Subject
from services.store import panels
from services.store.audit import Action
from services.web.access import needs
from services.web.audit import audited
from services.web.openapi import operation_id
from services.web.paging import Cursor, Limit, Page, page
from services.web.problems import responses
from services.web.service import InContext

router = APIRouter(prefix="/masterdata", tags=["masterdata"], generate_unique_id_function=operation_id)
READ = [needs(Scope.DATASETS_READ)]
Owner = Annotated[Subject, needs(Scope.DATASETS_OWN)]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {CSV: {"schema": {"type": "string"}}, PARQUET: _BINARY}}}
_REPLACED: dict[int | str, dict[str, Any]] = {
    status.HTTP_200_OK: {"model": DatasetView, "description": "Replaced: the name had a dataset before."}
}


@router.get("/datasets", dependencies=READ, responses=responses())
async def list_datasets(context: InContext, limit: Limit = 100, cursor: Cursor = "") -> Page[DatasetView]:
    """Everybody's datasets by name, the built-in one first of all."""
    found = await dataset_service.page(context, cursor, limit)
    last = found[-1].name if found and (cursor or len(found) > 1) else dataset_service.BEFORE_UPLOADED
    return page([DatasetView.of(dataset) for dataset in found], limit, last)


@router.get("/datasets/{name}", dependencies=READ, responses=responses(NotFoundError))
async def see_dataset(context: InContext, name: DatasetName) -> DatasetDetail:
    """A dataset with the names of its series."""
    return DatasetDetail.detailed(await panels.describe(context.store, context.settings.market, name))


@router.get("/datasets/{name}/series/{asset:path}", dependencies=READ, responses=responses(NotFoundError))
async def see_series(
    context: InContext,
    name: DatasetName,
    asset: Annotated[str, Path(max_length=128, description="Index or name of a series; digits are an index.")],
    last: Annotated[int, Query(ge=1, le=100_000, description="How many of the newest values.")] = 100,
) -> SeriesView:
    """The newest values of one series."""
    dataset, index, values = await dataset_service.tail(context, name, asset, last)
    return SeriesView(dataset=name, asset=index, name=dataset.assets[index], steps=dataset.steps, values=values)


@router.put(
    "/datasets/{name}",
    status_code=status.HTTP_201_CREATED,
    responses={**responses(ConflictError, UnsupportedMediaTypeError), **_REPLACED},
    openapi_extra=_BODY,
    dependencies=[audited(Action.DATASET_PUT)],
)
async def put_dataset(
    context: InContext,
    subject: Owner,
    name: DatasetName,
    request: Request,
    response: Response,
    character: Annotated[Character, Query()],
) -> DatasetView:
    """Store a CSV or Parquet file as a dataset: wide (stamps, then a column an asset), or long (unique_id, ds, y)."""
    headers = request.headers
    media_type = dataset_service.check_kind(headers.get("content-type", ""), headers.get("content-encoding", ""))
    dataset_service.check_replaceable(name)
    if await dataset_service.check_owner(context, subject, name):
        response.status_code = status.HTTP_200_OK
    async with dataset_service.turn():
        file = File(await _body(request), media_type)
        return DatasetView.of(await dataset_service.upload(context, subject, name, file, character))


@router.delete(
    "/datasets/{name}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(NotFoundError, ConflictError),
    dependencies=[audited(Action.DATASET_DELETE)],
)
async def delete_dataset(context: InContext, subject: Owner, name: DatasetName) -> None:
    """Delete a dataset; jobs that still need it will fail and say so."""
    dataset_service.check_replaceable(name)
    await dataset_service.delete(context, subject, name)


async def _body(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect as error:
        # Nobody hears this, but it is no fault of the service, so its log must not say so.
        raise InvalidError("the upload broke off") from error
