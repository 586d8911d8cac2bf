"""The curated edition: rules, repairs, benchmark overlap, duplicates and translation pairs of a built dataset."""
