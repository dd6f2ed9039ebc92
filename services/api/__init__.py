"""The gateway: HTTP in, use cases of the core, HTTP out. It keeps no state and decides nothing."""
