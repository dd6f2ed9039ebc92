"""The notifier: what leaves the house. It writes and sends letters when arq rings."""
