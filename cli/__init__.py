"""The `foresail` command: it speaks HTTP with the services and imports nothing of them."""
