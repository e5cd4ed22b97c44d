"""The exporter: a process that keeps the store's content in four JSON files, and restores them into an empty store."""
