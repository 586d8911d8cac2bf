"""The command line: one module per command, each with `SUMMARY`, `EXAMPLES`, `add_arguments` and `main`."""
