"""The command line, one module per command. Nothing but these modules writes to the terminal.

A module has `SUMMARY`, `EXAMPLES`, `add_arguments(parser)` and `main(options)`, which returns the exit code. What a
command works with is imported where it is used, so that `--help` answers at once.
"""
