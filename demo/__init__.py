"""The demo: `make demo`, or `python -m demo` in the root of the project."""
