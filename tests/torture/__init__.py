"""Commands that are stopped at any moment, in any way, and end with the bytes of an undisturbed run all the same."""
