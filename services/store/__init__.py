"""The only code that talks to the store: keys, Lua scripts and one typed module a noun."""
