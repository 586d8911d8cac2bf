"""One training and its evaluation, kept in a folder: what the benchmarks of tuning are made of."""
