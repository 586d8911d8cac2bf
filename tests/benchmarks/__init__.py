"""Tests of the benchmarks that are more than a table: what they ask, draw and count."""
