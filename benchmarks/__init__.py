"""Each module measures one thing and prints a table with the machine, the versions and the ratios."""
