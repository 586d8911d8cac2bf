"""Benchmark overlap: which records hold which items of a benchmark."""
