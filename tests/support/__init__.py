"""What several tests use: fixtures, built datasets, golden records, the loopback Hub."""
