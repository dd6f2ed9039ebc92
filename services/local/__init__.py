"""The local stack: embedded engines, their supervisor, the demonstration, and the command `comphub`."""
