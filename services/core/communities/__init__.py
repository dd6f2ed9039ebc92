"""Communities: cohorts with a term, capacity and themes; who belongs to them, who speaks for a member, what was signed."""
