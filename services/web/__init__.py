"""What the four apps share: app factory, errors, access, metrics, logs, health, and the words of their JSON."""
