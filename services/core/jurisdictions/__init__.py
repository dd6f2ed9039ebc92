"""Jurisdictions: cities, towns, provinces and subnational states, the field's word for whoever makes a commitment.

A jurisdiction has facts (population, area, place), a context (what makes it comparable with its peers) and identifiers in
other registries (UN/LOCODE, Wikidata, CDP account). It is keyed on those, never on its name: there are two Newcastles.
It is found by any of its names, in any script (`names`). One or ten thousand are written by the same few statements
(`service.store`), so that what a registry sends and what a person sends is judged and recorded alike.

Emits ``jurisdiction.changed``.
"""
