"""Everything that checks the house: rules, doors, flows, faults, benchmarks."""
