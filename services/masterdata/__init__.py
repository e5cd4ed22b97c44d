"""Masterdata: jobs, their results, and datasets."""
