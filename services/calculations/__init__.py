"""Calculations: start runs, watch them, stop them, and fetch all that they found out."""
