"""Reads uploaded datasets: bytes become a checked panel, or a list of what is wrong with them and where.

Everything but `process` runs in a child process: decoders of foreign bytes can be made to ask for any amount of memory,
and the one for Parquet then ends the process that it runs in.
"""
