"""Datasets by HTTP: upload, look, replace and delete; and what wrong files and wrong people are told."""

import io
import socket
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from tests.api.server import Api
from tests.waiting import wait_until

CSV = {"Content-Type": "text/csv"}
PARQUET = {"Content-Type": "application/vnd.apache.parquet"}
PRICES = "ds,AAPL,EUR/USD\n" + "".join(f"2024-01-{day:02},{day * 0.5},{100 - day}\n" for day in range(1, 13))
PATH = "/masterdata/datasets/prices"


@pytest.fixture
def prices(api: Api) -> dict[str, Any]:
    """emil's dataset."""
    stored: dict[str, Any] = put(api.employee, PRICES, 201)
    return stored


def put(client: httpx.Client, body: str | bytes, status: int, path: str = PATH, **parts: Any) -> Any:
    answer = client.put(path, content=body, headers=CSV | parts.pop("headers", {}), params=parts)
    assert answer.status_code == status, answer.text
    return answer.json()


def problem(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


def test_an_uploaded_dataset_is_described(api: Api) -> None:
    stored = put(api.employee, PRICES, 201, season_length=5, lower=0, upper=100)
    assert stored.pop("created").endswith("Z")
    assert stored == {
        "name": "prices",
        "owner": "emil",
        "version": 1,
        "series": 2,
        "steps": 12,
        "season_length": 5,
        "bounds": [0, 100],
        "first": "2024-01-01",
        "last": "2024-01-12",
    }
    seen = api.colleague.get(PATH).json()
    assert seen.pop("assets") == ["AAPL", "EUR/USD"]
    seen.pop("created")
    assert seen == stored


def test_parquet_and_csv_give_the_same_values(api: Api, prices: dict[str, Any]) -> None:
    stream = io.BytesIO()
    pl.read_csv(PRICES.encode(), try_parse_dates=True).write_parquet(stream)
    stored = put(api.employee, stream.getvalue(), 201, "/masterdata/datasets/columns", headers=PARQUET)
    assert {**prices, "name": "columns", "version": 2, "created": stored["created"]} == stored
    series = [
        api.employee.get(f"/masterdata/datasets/{name}/series/0").json()["values"] for name in ("prices", "columns")
    ]
    assert series[0] == series[1] == [day * 0.5 for day in range(1, 13)]


@pytest.mark.usefixtures("prices")
def test_the_newest_values_of_a_series_by_index_and_by_name(api: Api) -> None:
    expected = {"dataset": "prices", "asset": 1, "name": "EUR/USD", "steps": 12, "values": [90.0, 89.0, 88.0]}
    for asset in ("1", "EUR/USD", "EUR%2FUSD"):
        assert api.colleague.get(f"{PATH}/series/{asset}", params={"last": 3}).json() == expected
    detail = problem(api.employee.get(f"{PATH}/series/2"), 404)["detail"]
    assert detail == "there is no asset '2': prices has 2 series, 0 to 1, or their names"
    problem(api.employee.get(f"{PATH}/series/0", params={"last": 0}), 422)


def test_the_built_in_dataset_is_there_and_stays(api: Api) -> None:
    market = api.employee.get("/masterdata/datasets/market").json()
    assert (market["owner"], market["series"], market["steps"], market["bounds"]) == (None, 100, 300, [0, 1])
    assert (market["created"], market["first"], len(market["assets"])) == (None, "", 100)
    values = api.employee.get("/masterdata/datasets/market/series/99", params={"last": 1000}).json()["values"]
    assert len(values) == 300
    assert all(0 <= value <= 1 for value in values)
    for answer in (
        api.admin.put("/masterdata/datasets/market", content=PRICES, headers=CSV),
        api.admin.delete("/masterdata/datasets/market"),
    ):
        assert "built in" in problem(answer, 409)["detail"]


def test_pages_list_every_dataset_once_and_the_built_in_one_first(api: Api) -> None:
    for name in ("zinc", "0-gold", "prices"):
        put(api.employee, PRICES, 201, f"/masterdata/datasets/{name}")
    for limit in (1, 2, 3, 4, 100):
        assert listed(api.colleague, limit) == ["market", "0-gold", "prices", "zinc"]


def listed(client: httpx.Client, limit: int) -> list[str]:
    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get("/masterdata/datasets", params={"limit": limit, "cursor": cursor}).json()
        assert len(page["items"]) <= limit
        names += [item["name"] for item in page["items"]]
        cursor = page["next"]
    return names


@pytest.mark.usefixtures("prices")
def test_an_upload_replaces_the_version_before(api: Api) -> None:
    again = put(api.employee, PRICES.replace("AAPL", "MSFT"), 200)
    assert again["version"] == 2
    assert api.employee.get(PATH).json()["assets"] == ["MSFT", "EUR/USD"]


@pytest.mark.usefixtures("prices")
def test_only_its_owner_or_a_manager_changes_a_dataset(api: Api) -> None:
    for answer in (api.colleague.put(PATH, content=PRICES, headers=CSV), api.colleague.delete(PATH)):
        assert "belongs to somebody else" in problem(answer, 403)["detail"]
    assert api.employee.get(PATH).json()["version"] == 1
    replaced = put(api.manager, PRICES, 200)
    assert (replaced["owner"], replaced["version"]) == ("emil", 2)
    assert api.manager.delete(PATH).status_code == 204
    problem(api.employee.get(PATH), 404)
    problem(api.employee.delete(PATH), 404)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_without_a_token_nothing_is_told(api: Api, method: str) -> None:
    problem(api.nobody.request(method, PATH, headers=CSV), 401)


@pytest.mark.usefixtures("prices")
def test_a_wrong_file_is_told_all_that_is_wrong_and_changes_nothing(api: Api) -> None:
    broken = PRICES.replace("3,1.5", "3,").replace("2024-01-05", "2024-01-04").replace(",94", ",n/a")
    told = put(api.employee, broken, 422)
    assert told["code"] == "invalid"
    assert told["detail"] == f"{told['errors'][0]['where']}: {told['errors'][0]['detail']} (and 1 more)"
    assert [fault["where"] for fault in told["errors"]] == ["row 4, column AAPL", "row 7, column EUR/USD"]
    assert put(api.employee, PRICES.replace("2024-01-05", "2024-01-04"), 422)["errors"] == [
        {"where": "row 6, column ds", "detail": "2024-01-04 is in row 5, too"}
    ]
    assert api.employee.get(PATH).json()["version"] == 1


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"season_length": 0}, "query.season_length"),
        ({"season_length": 367}, "query.season_length"),
        ({"season_length": 7}, "query.season_length"),
        ({"lower": 0}, "query"),
        ({"lower": 2, "upper": 1}, "query"),
        ({"lower": "nan", "upper": 1}, "query.lower"),
        ({"lower": 0, "upper": 5}, "row 2, column EUR/USD"),
        ({"seasonlength": 7}, "query.seasonlength"),
    ],
)
def test_a_wrong_setting_is_named(api: Api, query: dict[str, Any], where: str) -> None:
    assert put(api.employee, PRICES, 422, **query)["errors"][0]["where"] == where
    problem(api.employee.get(PATH), 404)


@pytest.mark.parametrize("name", ["Prices", "-x", "a" * 65, "a b", "prices:values", "prices%0A"])
def test_a_name_that_is_none_is_refused(api: Api, name: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        problem(api.employee.request(method, f"/masterdata/datasets/{name}", headers=CSV), 422)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Content-Type": "application/json"}, "not 'application/json'"),
        ({"Content-Type": ""}, "it is missing"),
        ({"Content-Type": "text/csv; charset=latin-1"}, "charset utf-8, not 'latin-1'"),
        ({"Content-Type": "text/csv; charset=latin-1; header=present"}, "charset utf-8, not 'latin-1'"),
        ({"Content-Encoding": "gzip"}, "without Content-Encoding 'gzip'"),
    ],
)
def test_a_body_of_another_kind_is_refused_with_what_is_read(api: Api, headers: dict[str, str], why: str) -> None:
    told = put(api.employee, PRICES, 415, headers=headers)
    assert why in told["detail"]
    assert told["code"] == "unsupported_media_type"
    put(api.employee, PRICES, 201, headers={"Content-Type": "text/csv; charset=UTF-8"})
    put(api.employee, PRICES, 200, headers={"Content-Type": 'text/csv; header=present;charset= "utf-8"; x=1'})


def test_a_body_over_the_limit_is_refused_by_what_it_announces_and_by_what_it_sends(api: Api) -> None:
    piece = b"0" * 2**20
    unannounced = api.employee.put(PATH, content=(piece for _ in range(100)), headers=CSV)
    announced = api.employee.put(PATH, content=piece * 65, headers=CSV)
    for answer in (unannounced, announced):
        assert "more than 64 MiB" in problem(answer, 413)["detail"]
    assert api.employee.get("/masterdata/datasets").is_success


def test_a_file_that_ends_its_reader_leaves_the_service_alone(api: Api) -> None:
    body = (Path(__file__).parents[1] / "unit" / "masterdata" / "overflowing.parquet").read_bytes()
    told = put(api.employee, body, 422, headers=PARQUET)
    assert told["detail"].startswith("the file cannot be read: it is damaged")
    put(api.employee, PRICES, 201)


def test_an_upload_that_breaks_off_is_no_fault_of_the_service(api: Api) -> None:
    url = api.employee.base_url
    token = api.employee.headers["Authorization"]
    head = f"PUT {PATH} HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: {token}\r\nContent-Type: text/csv\r\n"
    before = len(api.server.text())
    with socket.create_connection((url.host, url.port or 80)) as connection:
        connection.sendall(f"{head}X-Request-ID: broken-off\r\nContent-Length: 1000\r\n\r\nds,a\n".encode())
    wait_until(lambda: f"PUT {PATH} 422" in api.server.text()[before:], "the request is logged")
    assert "Traceback" not in api.server.text()[before:]
    problem(api.employee.get(PATH), 404)


def test_jobs_forecast_uploaded_data_by_name(api: Api, prices: dict[str, Any]) -> None:
    job = {"dataset": "prices", "assets": ["EUR/USD"], "horizon": 2}
    answer = api.employee.post("/masterdata/jobs", json=job)
    assert answer.status_code == 201, answer.text
    results = answer.json()["results"]
    assert results["dataset_version"] == prices["version"]
    assert results["forecasts"][0]["mean"] == pytest.approx([87, 86])
