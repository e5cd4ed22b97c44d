"""Auth: who is who, and who may do what."""
