"""The tool box: database, errors, shapes, pages, states, clock, ids, tokens, settings. It knows no city."""
