"""A file's table as it was decoded, before anything in it was understood."""

from dataclasses import dataclass

import polars as pl

from services.masterdata.reading.faults import Faults, quoted

LONGEST_NAME = 128


@dataclass(frozen=True, slots=True)
class Table:
    """The columns' names, stripped, and their cells; column n of `frame` belongs to `names[n]`.

    `first_row` is the number, for people, of the first row of cells: the line of a CSV file, 1 in a Parquet file.
    """

    names: list[str]
    frame: pl.DataFrame
    first_row: int

    def place(self, row: int, column: int) -> str:
        """Where a cell stands, for people."""
        return f"row {self.first_row + row}, column {self.names[column]}"


def check_name(name: str, where: str, faults: Faults) -> None:
    """Note why a name cannot be an asset's."""
    if not name:
        faults.add(where, "the name of the series is missing")
    elif len(name) > LONGEST_NAME:
        faults.add(where, f"the name {quoted(name)} is longer than {LONGEST_NAME} characters")
    elif not name.isprintable():
        faults.add(where, f"the name {quoted(name)} has characters that cannot be printed")
