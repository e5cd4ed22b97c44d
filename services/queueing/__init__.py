"""Queueing: queues, what waits in them, and the dead letters."""
