"""Forecasts of whole panels in NumPy: no I/O and no knowledge of jobs. Every rank imports it, so it imports little."""
