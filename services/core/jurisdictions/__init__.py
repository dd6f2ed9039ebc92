"""Jurisdictions: cities, towns, provinces and subnational states, the field's word for whoever makes a commitment.

A jurisdiction has facts (population, area, place), a context (what makes it comparable with its peers) and identifiers in
other registries (UN/LOCODE, Wikidata, CDP account). It is keyed on those, never on its name: there are two Newcastles.

Emits ``jurisdiction.changed``.
"""
