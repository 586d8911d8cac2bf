"""How two built datasets differ: which records were added, removed or changed, and what was the reason."""
