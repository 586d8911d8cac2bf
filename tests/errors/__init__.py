"""Golden error messages: what the command line says to each kind of bad input, kept in git and read in review."""
