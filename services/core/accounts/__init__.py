"""Accounts: people and their roles, how they sign in, API clients and their keys, and the policy that says who may do what.

Words: a *person* is a human with an e-mail address; a *client* is another system, with scopes and the jurisdictions that
it is bound to; a *key* is how a client proves itself, shown once and stored as SHA-256; a *link* comes to a person by letter,
is used once, and becomes a *session*, whose access token is to a person what a key is to a client.
"""
