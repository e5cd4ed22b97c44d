"""From bytes to a panel: decode, then understand."""

from services.masterdata.reading import csv_file, long, parquet_file, wide
from services.masterdata.reading.panel import CSV, PARQUET, Demands, File, Panel

DECODERS = {CSV: csv_file.decode, PARQUET: parquet_file.decode}


def read(file: File, demands: Demands) -> Panel:
    """The panel in a file; raises InvalidError or TooLargeError."""
    table = DECODERS[file.media_type](file.body, demands)
    build = long.build if long.is_long(table.names) else wide.build
    return build(table, demands)
